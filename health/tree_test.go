package health

import (
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
)

// tree reads a captured tree of /proc and /sys.
func tree(t *testing.T, name string) fstest.MapFS {
	t.Helper()
	archive, err := txtar.ParseFile("testdata/" + name + ".txtar")
	if err != nil {
		t.Fatal(err)
	}
	out := make(fstest.MapFS)
	for _, file := range archive.Files {
		out[file.Name] = &fstest.MapFile{Data: file.Data}
	}
	return out
}

// write changes a file of a tree.
func write(fsys fstest.MapFS, name, text string) { fsys[name] = &fstest.MapFile{Data: []byte(text)} }
