package document

import (
	"errors"
	"strconv"
)

// Decoder turns nodes into values. It knows shapes, types and units; whether a value makes sense is judged later.
type Decoder struct {
	*Document
	// Keys returns what the mapping of that name may hold, and which keys are those of features that are not there yet.
	Keys      func(section string) (known, later []string)
	Places    map[string]Position // where each path stands
	KeyPlaces map[string]Position // where the key of each path stands
	Broken    map[string]bool     // paths whose values could not be read
}

// NewDecoder returns a decoder for the nodes of a document.
func NewDecoder(d *Document, keys func(section string) (known, later []string)) *Decoder {
	return &Decoder{d, keys, map[string]Position{}, map[string]Position{}, map[string]bool{}}
}

// Field is one value with its path, and the place to blame it at.
type Field struct {
	Path string
	At   Position
	Node *Node
}

// Wrong notes a value that cannot be read, unless a fault of it is known.
func (d *Decoder) Wrong(f Field, hint, format string, args ...any) {
	d.Broken[f.Path] = true
	if f.Node.Broken {
		return
	}
	d.Fault(f.At, hint, format, args...)
}

// Child returns the value of a key below a path, and remembers where both stand.
func (d *Decoder) Child(path string, e Entry) Field {
	f := Field{Join(path, e.Key), e.Place(), e.Value}
	d.KeyPlaces[f.Path] = e.At
	d.Note(f)
	return f
}

// Note remembers where a field stands, and whether a fault of it is known.
func (d *Decoder) Note(f Field) {
	d.Places[f.Path] = f.At
	if f.Node.Broken {
		d.Broken[f.Path] = true
	}
}

// Join returns the path of a key below another path.
func Join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// Entries returns what a mapping holds. A key without a value is an empty mapping.
func (d *Decoder) Entries(f Field) ([]Entry, bool) {
	if f.Node.Kind == Mapping || f.Node.Kind == Nothing {
		return f.Node.Entries, true
	}
	d.Wrong(f, "write keys and values below it", "%s must be a mapping, not %s", d.Named(f.Path), f.Node.Kind)
	return nil, false
}

// Items returns what a list holds; a single value counts as a list of one where that is common.
func (d *Decoder) Items(f Field) []Field {
	if f.Node.Kind != Sequence {
		d.Wrong(f, "begin each item with - on a line of its own, or write [a, b]",
			"%s must be a list, not %s", d.Named(f.Path), f.Node.Kind)
		return nil
	}
	var fields []Field
	for i, item := range f.Node.Items {
		child := Field{f.Path + "[" + strconv.Itoa(i) + "]", item.At, item}
		d.Note(child)
		fields = append(fields, child)
	}
	return fields
}

// Scalar returns a single value's text.
func (d *Decoder) Scalar(f Field) (string, bool) {
	if f.Node.Kind == Scalar && !f.Node.Broken {
		return f.Node.Text, true
	}
	hint := ""
	if f.Node.Kind == Nothing {
		hint = "give it a value, or remove the key"
	}
	d.Wrong(f, hint, "%s must be a single value, not %s", d.Named(f.Path), f.Node.Kind)
	return "", false
}

// Convert reads a single value by a function whose error says what is wrong; the message never shows a variable's value.
func Convert[T any](d *Decoder, f Field, into *T, read func(string) (T, error)) {
	text, ok := d.Scalar(f)
	if !ok {
		return
	}
	value, err := read(text)
	if err == nil {
		*into = value
		return
	}
	var unit *UnitError
	if f.Node.Raw != f.Node.Text && errors.As(err, &unit) {
		d.Wrong(f, "look at what the variable holds", "%s does not expand to %s", Quote(f.Node.Raw), unit.Want)
		return
	}
	d.Wrong(f, HintOf(err), "%s", err.Error())
}

// HintOf returns how an error says to mend what it is about.
func HintOf(err error) string {
	var hinted interface{ Hint() string }
	if errors.As(err, &hinted) {
		return hinted.Hint()
	}
	return ""
}

// LastKey returns the last key of a path, for messages.
func LastKey(path string) string {
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == '.' {
			return path[i+1:]
		}
	}
	return path
}

// Named names what stands at a path.
func (d *Decoder) Named(path string) string {
	if path == "" {
		return "the " + d.Form.Noun
	}
	return Quote(LastKey(path))
}
