package health

import (
	"io/fs"
)

// headSize is enough for the first line of /proc/stat, the sum of all CPUs.
const headSize = 512

// A reader reads small files, one after the other, into the same memory.
type reader struct {
	fsys fs.FS // nil: there is nothing to read
	buf  []byte
}

// read returns what a file holds, nil if it cannot be read. The bytes are good until
// the next read.
func (r *reader) read(name string) []byte { return r.readUpTo(name, 64<<10) }

// readHead returns how a file begins.
func (r *reader) readHead(name string) []byte { return r.readUpTo(name, headSize) }

func (r *reader) readUpTo(name string, limit int) []byte {
	if r.fsys == nil {
		return nil
	}
	file, err := r.fsys.Open(name)
	if err != nil {
		return nil
	}
	defer file.Close() //nolint:errcheck // only read
	if r.buf == nil {
		r.buf = make([]byte, 64<<10)
	}
	buf, n := r.buf[:limit], 0
	for n < len(buf) {
		k, err := file.Read(buf[n:])
		n += k
		if err != nil || k == 0 {
			break // at the end, or what was read so far is what there is
		}
	}
	return buf[:n]
}
