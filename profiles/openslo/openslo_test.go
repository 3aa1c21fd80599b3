package openslo

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the expected outputs anew")

// imports writes what comes of a file: the YAML, the notes, or the error.
func imports(name, src string) string {
	result, err := Import(strings.NewReader(src), name, nil)
	if err != nil {
		return err.Error() + "\n"
	}
	var b strings.Builder
	b.Write(result.YAML)
	for _, n := range result.Notes {
		fmt.Fprintf(&b, "%s: %s\n", n.Where, n.Text)
	}
	return b.String()
}

func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got, golden := imports(name, string(src)), strings.TrimSuffix(file, ".yaml")+".want"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}
