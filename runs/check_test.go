package runs

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestCheckLeavesNothingBehind(t *testing.T) {
	base := t.TempDir()
	kept := filepath.Join(base, "kept")
	if err := os.Mkdir(kept, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, root := range []string{filepath.Join(base, "a", "b"), kept, filepath.Join(kept, "runs")} {
		if err := Check(root); err != nil {
			t.Errorf("%s: %v", root, err)
		}
	}
	entries, err := os.ReadDir(base)
	if err != nil || len(entries) != 1 || entries[0].Name() != "kept" {
		t.Errorf("got %v (%v), want only the directory that was there", entries, err)
	}
	if inside, err := os.ReadDir(kept); err != nil || len(inside) != 0 {
		t.Errorf("got %v (%v) in it, want nothing", inside, err)
	}
}

func TestCheckTellsWhatCreateWould(t *testing.T) {
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, root := range []string{blocked, filepath.Join(blocked, "runs")} {
		err := Check(root)
		hint, ok := errors.AsType[*hintError](err)
		if !ok || hint.Hint() == "" {
			t.Errorf("%s: got %v, want an error with a hint", root, err)
		}
	}
}
