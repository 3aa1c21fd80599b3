package runs

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// checkSize is how much Check writes: about what a short run needs.
const checkSize = 16 << 10

// Check tells whether a run could be saved under root, by writing a little there,
// and leaves nothing behind. Its error is like that of Create. It is for asking
// before something is sent that nobody wants to send for nothing.
func Check(root string) error {
	made, err := missing(root)
	if err != nil {
		return unsaved(err)
	}
	err = tryWriting(root)
	for _, dir := range made {
		if removed := os.Remove(dir); removed != nil {
			break // somebody else uses it by now
		}
	}
	if err != nil {
		return unsaved(err)
	}
	return nil
}

// missing returns root and those of its parents that do not exist, the deepest
// first.
func missing(root string) ([]string, error) {
	var dirs []string
	for dir := filepath.Clean(root); ; dir = filepath.Dir(dir) {
		_, err := os.Stat(dir)
		if err == nil {
			return dirs, nil
		}
		if !errors.Is(err, fs.ErrNotExist) || dir == filepath.Dir(dir) {
			return nil, err
		}
		dirs = append(dirs, dir)
	}
}

// tryWriting makes a directory under root with a file in it, and removes it.
func tryWriting(root string) error {
	if err := os.MkdirAll(root, 0o755); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(root, ".check-")
	if err != nil {
		return err
	}
	file, err := os.Create(filepath.Join(dir, "trial"))
	if err == nil {
		_, err = file.Write(make([]byte, checkSize))
		err = errors.Join(err, file.Sync(), file.Close())
	}
	return errors.Join(err, os.RemoveAll(dir))
}
