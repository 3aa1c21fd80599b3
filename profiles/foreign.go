package profiles

import (
	"fmt"
	"slices"
	"strings"

	"github.com/floodmark/floodmark/profiles/document"
)

// A Foreign is a YAML file that is not a profile but becomes a part of one. It is read with a
// profile's limits, and its faults read like a profile's. Make it with [ReadForeign].
type Foreign struct {
	Documents []Value // of each document that holds something
	document  *document.Document
}

// ReadForeign reads all YAML documents of a file, whose name is for messages. Aliases are followed; a $ means nothing.
// [Foreign.Err] tells what is wrong, and there are no documents then.
func ReadForeign(name string, src []byte) *Foreign {
	d := document.New(name, src, form())
	f := &Foreign{document: d}
	if strings.TrimSpace(strings.TrimPrefix(string(src), "\uFEFF")) == "" {
		d.Faults = nil
		d.Fault(Position{Line: 1, Column: 1}, "", "the file is empty")
	}
	for _, root := range d.ReadAll() {
		f.Documents = append(f.Documents, Value{root.At, root})
	}
	return f
}

// Fault notes something wrong at a place in the file. Control characters, which values in quotes may hold, are not shown.
func (f *Foreign) Fault(at Position, hint, format string, args ...any) {
	f.document.Fault(at, document.Printable(hint), "%s", document.Printable(fmt.Sprintf(format, args...)))
}

// Err returns all faults so far as [Faults], in the file's order, or nil.
func (f *Foreign) Err() error {
	if len(f.document.Faults) == 0 {
		return nil
	}
	return slices.Clone(f.document.Faults).Tidy()
}

// A Value is one value of a Foreign, with the place to blame it at. The zero value stands for a key that is not there.
type Value struct {
	Position
	node *document.Node
}

// Given reports whether there is anything: neither is a key that is missing, nor one without a value.
func (v Value) Given() bool { return v.node != nil && v.node.Kind != document.Nothing }

// Text returns a single value as it is written, without quotes; ok is false for anything else.
func (v Value) Text() (text string, ok bool) {
	if v.node == nil || v.node.Kind != document.Scalar {
		return "", false
	}
	return v.node.Text, true
}

// Shape says what the value is, for messages: "a mapping", "a list", "a single value" or "nothing".
func (v Value) Shape() string {
	if v.node == nil {
		return document.Nothing.String()
	}
	return v.node.Kind.String()
}

// IsMapping reports whether the value has keys.
func (v Value) IsMapping() bool { return v.node != nil && v.node.Kind == document.Mapping }

// IsList reports whether the value has items.
func (v Value) IsList() bool { return v.node != nil && v.node.Kind == document.Sequence }

// Items returns what a list holds.
func (v Value) Items() []Value {
	if !v.IsList() {
		return nil
	}
	items := make([]Value, len(v.node.Items))
	for i, item := range v.node.Items {
		items[i] = Value{item.At, item}
	}
	return items
}

// Key returns the value below a key; a value that is not a mapping has none.
func (v Value) Key(name string) Value {
	if v.IsMapping() {
		for _, e := range v.node.Entries {
			if e.Key == name {
				return Value{e.Place(), e.Value}
			}
		}
	}
	return Value{}
}

// Keys returns the keys of a mapping in the file's order, and where each stands.
func (v Value) Keys() (names []string, places []Position) {
	if v.IsMapping() {
		for _, e := range v.node.Entries {
			names, places = append(names, e.Key), append(places, e.At)
		}
	}
	return names, places
}

// Scalar returns a text as a profile's value: plain where that means the same, else in quotes, with a $ that means nothing.
func Scalar(text string) string { return scalarText(text) }

// KeyScalar returns a text as a profile's key, in which a $ means nothing.
func KeyScalar(text string) string { return keyScalar(text) }
