package doctor

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
	out := fstest.MapFS{}
	for _, file := range archive.Files {
		out[file.Name] = &fstest.MapFile{Data: file.Data}
	}
	return out
}

// with returns the captured machine with one file changed.
func with(t *testing.T, name, text string) files {
	t.Helper()
	out := tree(t, "machine")
	out[name] = &fstest.MapFile{Data: []byte(text)}
	return files{out}
}
