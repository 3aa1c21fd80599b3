package profiles

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/floodmark/floodmark/profiles/document"
)

var update = flag.Bool("update", false, "write the messages of broken profiles anew")

// unitless stands in for the parser of objectives: it wants a unit on every limit.
type unitless struct{ offset int }

func (u unitless) Error() string { return "a latency needs a unit" }
func (u unitless) Offset() int   { return u.offset }
func (u unitless) Hint() string  { return "write 800ms" }

func checkUnits(text string) error {
	for _, bare := range []string{"800", "300)"} {
		if i := strings.Index(text, bare); i >= 0 && !strings.Contains(text, "ms") {
			return unitless{i}
		}
	}
	return nil
}

// TestBrokenProfiles compares the message of each broken profile, to the last caret, with the file beside it.
func TestBrokenProfiles(t *testing.T) {
	files, err := filepath.Glob("testdata/broken/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 45 {
		t.Fatalf("got %d broken profiles, want at least 45", len(files))
	}
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, err = Parse(name, src, Options{CheckExpression: checkUnits})
			if err == nil {
				t.Fatal("parsed")
			}
			checkFaults(t, src, err)
			golden := strings.TrimSuffix(file, ".yaml") + ".want"
			got := err.Error() + "\n"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%swant\n%s", got, want)
			}
		})
	}
}

// TestLimits holds what would be too large for a file of test data.
func TestLimits(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"bytes", strings.Repeat("# comment\n", document.MaxBytes/10+1), "the file is larger than 1 MiB"},
		{"tokens", strings.Repeat("a: 1\n", document.MaxTokens/3+1), "the file is larger than 30000 YAML tokens"},
		{"brackets", strings.Repeat("[", 20_000), "values are nested more than 40 deep"},
		{"braces", "a: " + strings.Repeat("{a: ", 9_000), "values are nested more than 40 deep"},
		{"dashes", strings.Repeat("- ", 10_000), "values are nested more than 40 deep"},
		{"lines", nested(60), "values are nested more than 40 deep"},
		{"controls", "a: \x00", "control character U+0000 in the file"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse("big.yaml", []byte(tt.text), Options{})
			var fault Fault
			if !errors.As(err, &fault) || fault.Message != tt.want {
				t.Errorf("got %q, want %q", fault.Message, tt.want)
			}
		})
	}
}

func nested(depth int) string {
	var b strings.Builder
	for i := range depth {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

func TestManyFaultsArePrintedInPart(t *testing.T) {
	_, err := Parse("many.yaml", []byte(strings.Repeat("- a\n", 5)), Options{})
	if err == nil {
		t.Fatal("parsed")
	}
	faults := make(Faults, 60)
	if got := faults.Error(); !strings.HasSuffix(got, "and 10 more faults") {
		t.Errorf("got %q", got)
	}
}
