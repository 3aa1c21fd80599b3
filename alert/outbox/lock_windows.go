package outbox

import (
	"errors"
	"math"
	"os"

	"golang.org/x/sys/windows"
)

// lock takes the file for this process. The lock ends with the file, also when the
// process is killed. It is on a byte that the file never has, because nobody else may
// read those that are locked.
func lock(file *os.File) (unlock func() error, err error) {
	const how = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	err = windows.LockFileEx(windows.Handle(file.Fd()), how, 0, 1, 0, &windows.Overlapped{OffsetHigh: math.MaxInt32})
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return nil, errInUse
	}
	return func() error { return nil }, err
}
