package runs

import "os"

// A tape is a file that grows by whole writes: one that fails leaves nothing
// behind. It is not safe for concurrent use.
type tape struct {
	file  *os.File
	write func([]byte) (int, error) // file.Write, but for tests
	size  int64                     // of what was written whole
	torn  bool                      // more than size may be in the file
}

// newTape creates a file, which must not exist.
func newTape(path string) (*tape, error) { return openTape(path, os.O_CREATE|os.O_EXCL, 0) }

// continueTape opens a file that holds so much already.
func continueTape(path string, size int64) (*tape, error) { return openTape(path, 0, size) }

func openTape(path string, how int, size int64) (*tape, error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|how, 0o644)
	if err != nil {
		return nil, err
	}
	return &tape{file: file, write: file.Write, size: size}, nil
}

// Write appends p in one write. On an error the file is cut back to what it was;
// where even that fails, the next write tries again before it does anything.
func (t *tape) Write(p []byte) (int, error) {
	if t.torn {
		if err := t.file.Truncate(t.size); err != nil {
			return 0, err
		}
		t.torn = false
	}
	if _, err := t.write(p); err != nil {
		t.cut(t.size)
		return 0, err
	}
	t.size += int64(len(p))
	return len(p), nil
}

// cut takes back everything beyond size.
func (t *tape) cut(size int64) {
	t.size = size
	t.torn = t.file.Truncate(size) != nil
}
