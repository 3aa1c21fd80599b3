package supervise

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
)

const (
	maxTail = 1024     // bytes of what a child said last that are kept
	maxLine = 64 << 10 // bytes of the line by which it says that it is ready
)

// An output passes on what a child writes, and keeps the end of it.
type output struct {
	to io.Writer // nil: nobody

	mu   sync.Mutex
	tail []byte
}

// Write never fails: a child must not die of a reader of its log.
func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	o.tail = append(o.tail, b...)
	if surplus := len(o.tail) - maxTail; surplus > 0 {
		o.tail = append(o.tail[:0], o.tail[surplus:]...)
	}
	o.mu.Unlock()
	if o.to != nil {
		_, _ = o.to.Write(b)
	}
	return len(b), nil
}

// explain adds the child's last lines to an error.
func (o *output) explain(err error) error {
	const lines = 5
	o.mu.Lock()
	said := strings.Split(strings.TrimSpace(string(o.tail)), "\n")
	o.mu.Unlock()
	said = said[max(0, len(said)-lines):]
	if err == nil || said[0] == "" {
		return err
	}
	return fmt.Errorf("%w; it said: %s", err, strings.Join(said, " | "))
}

// A firstLine hands over the first line, and passes on the rest.
type firstLine struct {
	line chan<- []byte // has room for one
	rest io.Writer

	begun []byte
	done  bool
}

func (f *firstLine) Write(b []byte) (int, error) {
	if f.done {
		return f.rest.Write(b)
	}
	line, rest, found := bytes.Cut(b, []byte("\n"))
	f.begun = append(f.begun, line...)
	if !found && len(f.begun) < maxLine {
		return len(b), nil
	}
	f.line <- f.begun
	f.begun, f.done = nil, true
	if len(rest) > 0 {
		_, _ = f.rest.Write(rest)
	}
	return len(b), nil
}
