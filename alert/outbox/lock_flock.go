//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package outbox

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// lock takes the file for this process. The lock ends with the file, also when the
// process is killed.
func lock(file *os.File) (unlock func() error, err error) {
	for {
		err = unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	if errors.Is(err, unix.EWOULDBLOCK) {
		return nil, errInUse
	}
	return func() error { return nil }, err
}
