package profiles

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzParse asks that no file ends the program, that every fault lies within the file, and that what parses is written
// such that it parses again.
func FuzzParse(f *testing.F) {
	for _, name := range BuiltinNames() {
		text, _ := Builtin(name)
		f.Add(text)
	}
	files, err := filepath.Glob("testdata/broken/*.yaml")
	if err != nil || len(files) == 0 {
		f.Fatalf("no broken profiles: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(designExample))
	f.Add([]byte(rich))
	f.Add([]byte(connected))
	opts := Options{Lookup: richEnv()}
	f.Fuzz(func(t *testing.T, src []byte) {
		p, err := Parse("fuzz.yaml", src, opts)
		if err != nil {
			checkFaults(t, src, err)
			return
		}
		written := p.YAML()
		if _, err := Parse("again.yaml", written, Options{}); err != nil {
			t.Fatalf("parsed, but not again:\n%s\n%v", written, err)
		}
	})
}

func checkFaults(t *testing.T, src []byte, err error) {
	t.Helper()
	var faults Faults
	if !errors.As(err, &faults) || len(faults) == 0 {
		t.Fatalf("got %T, want Faults", err)
	}
	text := strings.TrimPrefix(strings.ToValidUTF8(string(src), "\uFFFD"), "\uFEFF")
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	lines := strings.Split(text, "\n")
	for _, f := range faults {
		if f.Line < 1 || f.Line > len(lines) || f.Column < 1 || f.Column > utf8.RuneCountInString(lines[f.Line-1])+1 {
			t.Fatalf("fault outside the file: %v", f)
		}
		if f.Message == "" || !utf8.ValidString(f.Error()) {
			t.Fatalf("bad message: %q", f.Error())
		}
	}
}

// FuzzParseRate asks that a rate is a number, and is written such that it reads the same.
func FuzzParseRate(f *testing.F) {
	for _, text := range []string{"500/s", "30000/m", "3600/h", "1.2k/s", "2M/s", "500", "", "-1/s", "1e3/s", "0x10/s", ".5/s", "5./s", "9999k/h", "/s", "1/"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		rate, err := ParseRate(text)
		if err != nil {
			if err.Error() == "" {
				t.Fatal("an error without words")
			}
			return
		}
		if math.IsNaN(rate) || math.IsInf(rate, 0) || rate < 0 {
			t.Fatalf("%q: got %v", text, rate)
		}
		if again, err := ParseRate(formatRate(rate)); err != nil || again != rate {
			t.Fatalf("%q: got %v, then %v, %v", text, rate, again, err)
		}
	})
}
