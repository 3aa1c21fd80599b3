//go:build unix

package control

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
)

// ours reports whether a file is this user's.
func ours(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid()
}

// private reports whether nobody else may do anything with a file.
func private(info fs.FileInfo) bool { return info.Mode().Perm()&0o077 == 0 }

// safe reports whether nobody else can put something into a directory in the place of
// what is there. Its group may: it is often the user alone, and who connects looks at
// whose socket it is.
func safe(info fs.FileInfo) bool {
	return ours(info) && (info.Mode().Perm()&0o002 == 0 || info.Mode()&fs.ModeSticky != 0)
}

// refused reports whether nobody listens at a socket.
func refused(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }

// listen makes a socket. It is made inside a directory that nobody else can enter, and
// gets its path once it has its mode: at no moment can others connect.
func listen(dir, path string) (*net.UnixListener, error) {
	const longest = ".c4294967295/s" // of what MkdirTemp makes
	if max(len(dir)+1+len(longest), len(path)) > maxPath {
		return nil, fmt.Errorf("%s: the path is too long for a socket", path)
	}
	closed, err := os.MkdirTemp(dir, ".c") // of mode 0700
	if err != nil {
		return nil, err
	}
	hidden := filepath.Join(closed, "s")
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Net: "unix", Name: hidden})
	if err != nil {
		return nil, errors.Join(err, os.Remove(closed))
	}
	listener.SetUnlinkOnClose(false) // the path is another by then
	if err := errors.Join(os.Chmod(hidden, 0o600), os.Rename(hidden, path)); err != nil {
		return nil, errors.Join(err, listener.Close(), os.RemoveAll(closed))
	}
	return listener, os.Remove(closed)
}
