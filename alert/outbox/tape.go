package outbox

import "os"

// A tape is a file that grows by whole lines, each on the disk before append returns.
// It is not safe for concurrent use.
type tape struct {
	file  *os.File
	write func([]byte) (int, error) // these three are the file's, but for tests
	sync  func() error
	cut   func(size int64) error

	size int64  // of what is on the disk
	torn bool   // the file may hold more than that
	owed []byte // lines that could not be written yet
}

// newTape writes on a file that holds size bytes of whole lines, and perhaps a torn one.
func newTape(file *os.File, size int64, torn bool) *tape {
	return &tape{file: file, write: file.Write, sync: file.Sync, cut: file.Truncate, size: size, torn: torn}
}

// append writes lines, after those that are owed. On an error nothing of them counts
// as written, and the next append tries again.
func (t *tape) append(lines []byte) error {
	t.owed = append(t.owed, lines...)
	return t.settle()
}

// settle writes what is owed, all of it or nothing. What a failed sync leaves behind
// nobody knows, so that it is cut off like half a line.
func (t *tape) settle() error {
	if err := t.restore(); err != nil || len(t.owed) == 0 {
		return err
	}
	t.torn = true
	_, err := t.write(t.owed)
	if err == nil {
		err = t.sync()
	}
	if err != nil {
		_ = t.restore() // tried again before the next write
		return err
	}
	t.torn = false
	t.size += int64(len(t.owed))
	t.owed = nil
	return nil
}

// restore cuts the file back to what is known to be on the disk.
func (t *tape) restore() error {
	if !t.torn {
		return nil
	}
	err := t.cut(t.size)
	t.torn = err != nil
	return err
}
