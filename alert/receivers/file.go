package receivers

import (
	"io/fs"
	"os"

	"github.com/floodmark/floodmark/alert"
)

// fileCall is what is appended.
func (r *Receiver) fileCall(d *draft) ([]call, error) {
	body, err := d.envelope()
	if err != nil {
		return nil, err
	}
	return []call{{method: "APPEND", body: append(body, '\n')}}, nil
}

// append writes the message as one line at the end of the file, and has it on the disk
// when it returns.
func (r *Receiver) append(d *draft) alert.Answer {
	calls, err := r.fileCall(d)
	if err != nil {
		return alert.Answer{Outcome: alert.Refused, Detail: "the message cannot be written"}
	}
	r.appending.Lock()
	defer r.appending.Unlock()
	if err := appendLine(r.spec.Path, calls[0].body); err != nil {
		return alert.Answer{Outcome: alert.Later, Detail: "the file cannot be written: " + innermostText(err)}
	}
	return alert.Answer{Outcome: alert.Delivered}
}

// appendLine writes a line in one call, so that lines of several processes do not mix. A
// line that was torn, as by a full disk, is ended first.
func appendLine(path string, line []byte) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if torn(f, info) {
		line = append([]byte{'\n'}, line...)
	}
	if _, err := f.Write(line); err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return nil // a pipe or a terminal has no disk
	}
	return f.Sync()
}

// torn reports whether the file's last line has no end.
func torn(f *os.File, info fs.FileInfo) bool {
	last := make([]byte, 1)
	if !info.Mode().IsRegular() || info.Size() == 0 {
		return false
	}
	_, err := f.ReadAt(last, info.Size()-1)
	return err == nil && last[0] != '\n'
}
