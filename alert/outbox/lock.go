package outbox

import (
	"errors"
	"fmt"
	"os"
)

// A hintError is an error with a way out.
type hintError struct {
	error
	hint string
}

// Unwrap returns the cause.
func (e *hintError) Unwrap() error { return e.error }

// Hint returns what to do about it.
func (e *hintError) Hint() string { return e.hint }

// errInUse says that another process has the box.
var errInUse = errors.New("in use by another floodmark")

// openLocked opens a file and takes it for this process.
func openLocked(path string, how int) (file *os.File, unlock func() error, err error) {
	file, err = os.OpenFile(path, os.O_RDWR|os.O_APPEND|how, 0o600)
	if err != nil {
		return nil, nil, err
	}
	if unlock, err = lock(file); err != nil {
		err = fmt.Errorf("outbox %s: %w", path, err)
		if errors.Is(err, errInUse) {
			err = &hintError{err, "wait until that run has ended; floodmark outbox list works meanwhile"}
		}
		return nil, nil, errors.Join(err, file.Close())
	}
	return file, unlock, nil
}
