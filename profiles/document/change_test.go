package document

import (
	"slices"
	"strings"
	"testing"
)

// read returns the tree of a text, and the document.
func read(t *testing.T, text string) (*Document, *Node) {
	t.Helper()
	d := New("a.yaml", []byte(text), Form{Noun: "thing", Begin: "write one"})
	root := d.Read(Variables{Secrets: new([]string)})
	if len(d.Faults) > 0 {
		t.Fatal(d.Faults)
	}
	return d, root
}

// outline writes a tree in one line.
func outline(n *Node) string {
	switch n.Kind {
	case Mapping:
		var parts []string
		for _, e := range n.Entries {
			parts = append(parts, e.Key+": "+outline(e.Value))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case Sequence:
		var parts []string
		for _, item := range n.Items {
			parts = append(parts, outline(item))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	default:
		return n.Text
	}
}

func TestWith(t *testing.T) {
	tests := []struct{ keys, value, want, stuck string }{
		{"a b", "9", "{a: {b: 9, c: 2}, l: [1, {x: 5}], e: }", ""},
		{"a d e", "9", "{a: {b: 1, c: 2, d: {e: 9}}, l: [1, {x: 5}], e: }", ""},
		{"a b", "", "{a: {c: 2}, l: [1, {x: 5}], e: }", ""},
		{"a", "", "{l: [1, {x: 5}], e: }", ""},
		{"a x", "", "{a: {b: 1, c: 2}, l: [1, {x: 5}], e: }", ""},
		{"l 1 x", "9", "{a: {b: 1, c: 2}, l: [1, {x: 9}], e: }", ""},
		{"l 0", "", "{a: {b: 1, c: 2}, l: [{x: 5}], e: }", ""},
		{"e f", "9", "{a: {b: 1, c: 2}, l: [1, {x: 5}], e: {f: 9}}", ""},
		{"l 2", "9", "", "2"},
		{"a b c", "9", "", "c"},
	}
	for _, tt := range tests {
		d, root := read(t, "a: {b: 1, c: 2}\nl: [1, {x: 5}]\ne:\n")
		before := outline(root)
		at := d.Beside("here")
		var value *Node
		if tt.value != "" {
			value = d.ReadBeside(at, tt.value, Variables{Secrets: new([]string)})
		}
		got, stuck := root.With(strings.Fields(tt.keys), at, value)
		if stuck != tt.stuck || stuck == "" && outline(got) != tt.want {
			t.Errorf("%s: got %v, stuck at %q; want %s, stuck at %q", tt.keys, got, stuck, tt.want, tt.stuck)
		}
		if outline(root) != before {
			t.Errorf("%s: the tree itself is now %s", tt.keys, outline(root))
		}
	}
}

func TestFaultsBesideTheFile(t *testing.T) {
	d, _ := read(t, "a: 1\n")
	first, second := d.Beside("--set a=[1"), d.Beside("--set b\n=\x1b")
	if d.ReadBeside(first, "[1", Variables{Secrets: new([]string)}) != nil {
		t.Error("a value that is not YAML was read")
	}
	d.Fault(second, "", "no")
	d.Fault(Position{Line: 99, Column: 1}, "mend it", "out of the file")
	var got []string
	for _, f := range d.Faults {
		got = append(got, strings.SplitN(f.Error(), "\n", 2)[0])
	}
	want := []string{
		`--set a=[1: not valid YAML: sequence end token ']' not found`,
		"--set b\uFFFD=\uFFFD: no", "a.yaml:2:1: out of the file",
	}
	if !slices.Equal(got, want) || !d.IsBeside(second) || d.IsBeside(Position{Line: 2, Column: 1}) {
		t.Errorf("got %q, want %q", got, want)
	}
}
