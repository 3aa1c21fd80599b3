//go:build !darwin && !dragonfly && !freebsd && !linux && !netbsd && !openbsd && !windows

package outbox

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// lock takes the file for this process, with a second file beside it. A process that
// is killed leaves that behind.
func lock(file *os.File) (unlock func() error, err error) {
	beside := file.Name() + ".lock"
	held, err := os.OpenFile(beside, os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("%w, or was killed and left %s", errInUse, beside)
	}
	if err != nil {
		return nil, err
	}
	return func() error { return errors.Join(held.Close(), os.Remove(beside)) }, nil
}
