package profiles

import (
	"errors"
	"strconv"
)

// decoder turns nodes into a profile. It knows shapes, types and units; whether a value makes sense is judged later.
type decoder struct {
	*document
	opts    Options
	profile *Profile
	places  map[string]Position // where each path stands
	keys    map[string]Position // where the key of each path stands
	broken  map[string]bool     // paths whose values could not be read
}

// field is one value with its path, and the place to blame it at.
type field struct {
	path string
	at   Position
	node *node
}

// wrong notes a value that cannot be read, unless a fault of it is known.
func (d *decoder) wrong(f field, hint, format string, args ...any) {
	d.broken[f.path] = true
	if f.node.broken {
		return
	}
	d.fault(f.at, hint, format, args...)
}

func (d *decoder) child(path string, e entry) field {
	f := field{join(path, e.key), e.place(), e.value}
	d.keys[f.path] = e.at
	d.note(f)
	return f
}

// note remembers where a field stands, and whether a fault of it is known.
func (d *decoder) note(f field) {
	d.places[f.path] = f.at
	if f.node.broken {
		d.broken[f.path] = true
	}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// entries returns what a mapping holds. A key without a value is an empty mapping.
func (d *decoder) entries(f field) ([]entry, bool) {
	if f.node.kind == mapping || f.node.kind == nothing {
		return f.node.entries, true
	}
	d.wrong(f, "write keys and values below it", "%s must be a mapping, not %s", named(f.path), f.node.kind)
	return nil, false
}

// items returns what a list holds; a single value counts as a list of one where that is common.
func (d *decoder) items(f field) []field {
	if f.node.kind != sequence {
		d.wrong(f, "begin each item with - on a line of its own, or write [a, b]",
			"%s must be a list, not %s", named(f.path), f.node.kind)
		return nil
	}
	var fields []field
	for i, item := range f.node.items {
		child := field{f.path + "[" + strconv.Itoa(i) + "]", item.at, item}
		d.note(child)
		fields = append(fields, child)
	}
	return fields
}

// scalar returns a single value's text.
func (d *decoder) scalar(f field) (string, bool) {
	if f.node.kind == scalar && !f.node.broken {
		return f.node.text, true
	}
	hint := ""
	if f.node.kind == nothing {
		hint = "give it a value, or remove the key"
	}
	d.wrong(f, hint, "%s must be a single value, not %s", named(f.path), f.node.kind)
	return "", false
}

// convert reads a single value by a function whose error says what is wrong; the message never shows a variable's value.
func convert[T any](d *decoder, f field, into *T, read func(string) (T, error)) {
	text, ok := d.scalar(f)
	if !ok {
		return
	}
	value, err := read(text)
	if err == nil {
		*into = value
		return
	}
	var unit *unitError
	if f.node.raw != f.node.text && errors.As(err, &unit) {
		d.wrong(f, "look at what the variable holds", "%s does not expand to %s", quote(f.node.raw), unit.want)
		return
	}
	d.wrong(f, hintOf(err), "%s", err.Error())
}

// hintOf returns how an error says to mend what it is about.
func hintOf(err error) string {
	var hinted interface{ Hint() string }
	if errors.As(err, &hinted) {
		return hinted.Hint()
	}
	return ""
}

// lastKey returns the last key of a path, for messages.
func lastKey(path string) string {
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == '.' {
			return path[i+1:]
		}
	}
	return path
}

// named names what stands at a path.
func named(path string) string {
	if path == "" {
		return "the profile"
	}
	return quote(lastKey(path))
}
