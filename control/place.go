package control

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// The files of a run that lead to its server. There is one or the other.
const (
	socketFile  = "control.sock"
	pointerFile = "control.path" // holds the path of a socket elsewhere, and a line break
)

// maxPath is how long a socket's path may be in bytes, on the system that allows least
// (macOS, the zero byte at the end not counted).
const maxPath = 103

// maxPointer is how much of a pointer file is read.
const maxPointer = 4096

// locate returns the path of the socket of the run in a directory. It is an error that
// is fs.ErrNotExist if there is none. Whether anybody listens there is not said.
func locate(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, socketFile)
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return path, err
	}
	pointer := filepath.Join(dir, pointerFile)
	info, err := os.Stat(pointer)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() || info.Size() > maxPointer {
		return "", fmt.Errorf("%s does not hold a path", pointer)
	}
	text, err := os.ReadFile(pointer)
	if err != nil {
		return "", err
	}
	path = strings.TrimSpace(string(text))
	if !filepath.IsAbs(path) || len(path) > maxPath {
		return "", fmt.Errorf("%s does not hold a path", pointer)
	}
	return path, nil
}

// A place is where a server has its socket.
type place struct {
	socket  string
	pointer string      // "" if the socket is in the run's directory
	made    os.FileInfo // the socket, to tell it from another in its place
}

// remove removes the socket and what points to it, unless somebody else has put
// something in its place.
func (p *place) remove() error {
	now, err := os.Lstat(p.socket)
	if err != nil || !os.SameFile(now, p.made) {
		return nil //nolint:nilerr // what is not there need not go
	}
	err = removeIfThere(p.socket)
	if p.pointer != "" {
		err = errors.Join(err, removeIfThere(p.pointer))
	}
	return err
}

// elsewhere returns the directory for sockets of runs whose own takes none, and the
// name that the socket of a run has there. It makes the directory.
func elsewhere(dir string) (shelter, name string, err error) {
	sum := sha256.Sum256([]byte(dir))
	name = hex.EncodeToString(sum[:8]) + ".sock"
	var faults []error
	for _, shelter := range shelters() {
		err := prepare(shelter)
		if err == nil {
			return shelter, name, nil
		}
		faults = append(faults, err)
	}
	return "", "", errors.Join(faults...)
}

// shelters returns the directories that may hold sockets, the better one first. What
// XDG_RUNTIME_DIR names may not be there, or be another user's, as after su.
func shelters() []string {
	all := []string{filepath.Join(os.TempDir(), fmt.Sprintf("floodmark-%d", os.Geteuid()))}
	if runtime := os.Getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(runtime) {
		all = append([]string{filepath.Join(runtime, "floodmark")}, all...)
	}
	return all
}

// prepare makes a directory for sockets, and refuses one that somebody else may have made.
func prepare(shelter string) error {
	if err := os.Mkdir(shelter, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	info, err := os.Lstat(shelter)
	if err != nil {
		return err
	}
	if !info.IsDir() || !ours(info) || !private(info) {
		return fmt.Errorf("%s: not a directory that only its user can open", shelter)
	}
	return nil
}
