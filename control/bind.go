package control

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
)

// errInUse says that another server is alive in the same place.
var errInUse = errors.New("another floodmark listens there")

// bind makes the socket of the run in a directory: there, or elsewhere if it is too far
// down for a socket's path, open to others, or on a file system without sockets.
func bind(dir string) (*net.UnixListener, place, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, place{}, err
	}
	info, err := os.Stat(dir)
	if err != nil {
		return nil, place{}, err
	}
	here := errors.New("others may write there")
	if safe(info) {
		listener, at, err := bindAt(dir, socketFile)
		if err == nil {
			return listener, at, removeIfThere(filepath.Join(dir, pointerFile))
		}
		here = err
	}
	if errors.Is(here, errInUse) {
		return nil, place{}, here
	}
	listener, at, err := bindElsewhere(dir)
	if err != nil {
		return nil, place{}, fmt.Errorf("%w; nor elsewhere: %w", here, err)
	}
	return listener, at, nil
}

// bindElsewhere makes the socket in the user's directory for that, and a pointer to it in
// the run's own.
func bindElsewhere(dir string) (*net.UnixListener, place, error) {
	shelter, name, err := elsewhere(dir)
	if err != nil {
		return nil, place{}, err
	}
	sweep(shelter)
	listener, at, err := bindAt(shelter, name)
	if err != nil {
		return nil, place{}, err
	}
	at.pointer = filepath.Join(dir, pointerFile)
	err = errors.Join(removeIfThere(filepath.Join(dir, socketFile)), os.WriteFile(at.pointer, []byte(at.socket+"\n"), 0o600))
	if err != nil {
		return nil, place{}, errors.Join(err, listener.Close(), at.remove())
	}
	return listener, at, nil
}

// bindAt makes a socket in a directory, in the place of one of a run that was killed.
func bindAt(dir, name string) (*net.UnixListener, place, error) {
	path := filepath.Join(dir, name)
	if alive(path) {
		return nil, place{}, fmt.Errorf("%s: %w", path, errInUse)
	}
	listener, err := listen(dir, path)
	if err != nil {
		return nil, place{}, err
	}
	made, err := os.Lstat(path)
	if err != nil {
		return nil, place{}, errors.Join(err, listener.Close())
	}
	return listener, place{socket: path, made: made}, nil
}

// alive reports whether somebody listens at a socket, answering or not. One that is left
// of a run that was killed refuses at once.
func alive(path string) bool {
	if _, err := os.Lstat(path); err != nil {
		return false
	}
	conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Net: "unix", Name: path}) // never waits
	if err != nil {
		return !refused(err)
	}
	_ = conn.Close() // it was only to see
	return true
}

// sweep removes sockets of runs that were killed from the directory that they share.
func sweep(shelter string) {
	entries, err := os.ReadDir(shelter)
	if err != nil {
		return
	}
	for _, e := range entries {
		path := filepath.Join(shelter, e.Name())
		if e.Type()&fs.ModeSocket != 0 && strings.HasSuffix(e.Name(), ".sock") && !alive(path) {
			_ = os.Remove(path) // or somebody else does
		}
	}
}

func removeIfThere(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
