package control

import (
	"errors"
	"fmt"
	"io/fs"
	"net"

	"golang.org/x/sys/windows"
)

// Windows has no modes. It is the access list that a directory inherits that keeps
// others out: a user's own folders are closed to them.

func ours(fs.FileInfo) bool { return true }

func private(fs.FileInfo) bool { return true }

func safe(fs.FileInfo) bool { return true }

// refused reports whether nobody listens at a socket.
func refused(err error) bool { return errors.Is(err, windows.WSAECONNREFUSED) }

// listen makes a socket.
func listen(_, path string) (*net.UnixListener, error) {
	if len(path) > maxPath {
		return nil, fmt.Errorf("%s: the path is too long for a socket", path)
	}
	if err := removeIfThere(path); err != nil {
		return nil, err
	}
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Net: "unix", Name: path})
	if err == nil {
		listener.SetUnlinkOnClose(false) // place.remove does it
	}
	return listener, err
}
