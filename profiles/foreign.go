package profiles

import (
	"fmt"
	"slices"
	"strings"
)

// A Foreign is a YAML file that is not a profile but becomes a part of one. It is read with a
// profile's limits, and its faults read like a profile's. Make it with [ReadForeign].
type Foreign struct {
	Documents []Value // of each document that holds something
	document  *document
}

// ReadForeign reads all YAML documents of a file, whose name is for messages. Aliases are followed; a $ means nothing.
// [Foreign.Err] tells what is wrong, and there are no documents then.
func ReadForeign(name string, src []byte) *Foreign {
	d, text := newDocument(name, src)
	f := &Foreign{document: d}
	if strings.TrimSpace(text) == "" {
		d.faults = nil
		d.fault(Position{1, 1}, "", "the file is empty")
	}
	if len(d.faults) > 0 {
		return f
	}
	file := d.parseAll(text)
	if file == nil {
		return f
	}
	c := &converter{document: d, plain: true}
	for _, doc := range file.Docs {
		if doc.Body == nil || c.stopped {
			continue
		}
		c.anchors = map[string]*node{}
		root := c.node(doc.Body, 1)
		c.values += root.values
		c.limit(root.at, 0, c.values)
		f.Documents = append(f.Documents, Value{root.at, root})
	}
	if len(d.faults) > 0 {
		f.Documents = nil
	}
	return f
}

// Fault notes something wrong at a place in the file. Control characters, which values in quotes may hold, are not shown.
func (f *Foreign) Fault(at Position, hint, format string, args ...any) {
	f.document.fault(at, printable(hint), "%s", printable(fmt.Sprintf(format, args...)))
}

// Err returns all faults so far as [Faults], in the file's order, or nil.
func (f *Foreign) Err() error {
	if len(f.document.faults) == 0 {
		return nil
	}
	return slices.Clone(f.document.faults).tidy()
}

// A Value is one value of a Foreign, with the place to blame it at. The zero value stands for a key that is not there.
type Value struct {
	Position
	node *node
}

// Given reports whether there is anything: neither is a key that is missing, nor one without a value.
func (v Value) Given() bool { return v.node != nil && v.node.kind != nothing }

// Text returns a single value as it is written, without quotes; ok is false for anything else.
func (v Value) Text() (text string, ok bool) {
	if v.node == nil || v.node.kind != scalar {
		return "", false
	}
	return v.node.text, true
}

// Shape says what the value is, for messages: "a mapping", "a list", "a single value" or "nothing".
func (v Value) Shape() string {
	if v.node == nil {
		return nothing.String()
	}
	return v.node.kind.String()
}

// IsMapping reports whether the value has keys.
func (v Value) IsMapping() bool { return v.node != nil && v.node.kind == mapping }

// IsList reports whether the value has items.
func (v Value) IsList() bool { return v.node != nil && v.node.kind == sequence }

// Items returns what a list holds.
func (v Value) Items() []Value {
	if !v.IsList() {
		return nil
	}
	items := make([]Value, len(v.node.items))
	for i, item := range v.node.items {
		items[i] = Value{item.at, item}
	}
	return items
}

// Key returns the value below a key; a value that is not a mapping has none.
func (v Value) Key(name string) Value {
	if v.IsMapping() {
		for _, e := range v.node.entries {
			if e.key == name {
				return Value{e.place(), e.value}
			}
		}
	}
	return Value{}
}

// Keys returns the keys of a mapping in the file's order, and where each stands.
func (v Value) Keys() (names []string, places []Position) {
	if v.IsMapping() {
		for _, e := range v.node.entries {
			names, places = append(names, e.key), append(places, e.at)
		}
	}
	return names, places
}

// Scalar returns a text as a profile's value: plain where that means the same, else in quotes, with a $ that means nothing.
func Scalar(text string) string { return scalarText(text) }

// KeyScalar returns a text as a profile's key, in which a $ means nothing.
func KeyScalar(text string) string { return keyScalar(text) }
