package profiles

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestReadForeign(t *testing.T) {
	f := ReadForeign("other.yaml", []byte("a: &one {b: \"${X} $y\"}\nc: *one\n---\n# nothing\n---\n- x\n-\n"))
	if err := f.Err(); err != nil || len(f.Documents) != 2 {
		t.Fatalf("got %d documents and %v, want 2", len(f.Documents), err)
	}
	first, second := f.Documents[0], f.Documents[1]
	if text, ok := first.Key("c").Key("b").Text(); !ok || text != "${X} $y" {
		t.Errorf("got %q, want it as it is written", text)
	}
	names, places := first.Keys()
	if !slices.Equal(names, []string{"a", "c"}) || places[1] != (Position{Line: 2, Column: 1}) || first.Key("c").Position != (Position{Line: 2, Column: 1}) {
		t.Errorf("got %v at %v", names, places)
	}
	if first.Key("d").Given() || first.Key("d").Key("e").Given() || first.IsList() || first.Key("d").Shape() != "nothing" {
		t.Error("got a value for a key that is not there")
	}
	items := second.Items()
	if len(items) != 2 || items[0].Line != 6 || items[1].Given() || second.Shape() != "a list" {
		t.Errorf("got %v", items)
	}
	f.Fault(items[1].Position, "", "nothing here")
	f.Fault(items[0].Position, "say y", "no x")
	if want := "other.yaml:6:3: no x\n    6 | - x\n      |   ^ say y"; !strings.HasPrefix(f.Err().Error(), want) {
		t.Errorf("got\n%v\nwant\n%s", f.Err(), want)
	}
}

// An anchor is known in its own document alone.
func TestForeignAnchors(t *testing.T) {
	f := ReadForeign("other.yaml", []byte("a: &one 1\n---\nb: *one\n"))
	if err := f.Err(); err == nil || !strings.HasPrefix(err.Error(), `other.yaml:3:4: unknown alias "*one"`) || f.Documents != nil {
		t.Errorf("got %v and %v", f.Documents, err)
	}
}

// No document is lost, whatever stands between two: the YAML library drops those that come after an empty one.
func TestForeignKeepsAllDocuments(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var src strings.Builder
		n := rapid.IntRange(1, 5).Draw(t, "documents")
		between := rapid.SampledFrom([]string{"---\n", "...\n---\n", "---\n# a comment\n---\n", "---\n\n---\n---\n", "--- # a comment\n", "---\n...\n---\n"})
		before := rapid.SampledFrom([]string{"", "# a comment\n", "---\n", "---\n---\n"}).Draw(t, "before")
		src.WriteString(before)
		for i := range n {
			if i > 0 {
				src.WriteString(between.Draw(t, "between"))
			}
			fmt.Fprintf(&src, "%s: %d\n", rapid.SampledFrom([]string{"a", "\"b\"", "- a", "{ a: b }\n# "}).Draw(t, "key"), i)
		}
		src.WriteString(rapid.SampledFrom([]string{"", "---\n", "...\n", "---\n# a comment\n", "---\n---\n"}).Draw(t, "after"))
		f := ReadForeign("other.yaml", []byte(src.String()))
		if err := f.Err(); err != nil || len(f.Documents) != n {
			t.Fatalf("got %d documents and %v, want %d, of\n%s", len(f.Documents), err, n, src.String())
		}
	})
}
