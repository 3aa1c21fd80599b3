package document

import (
	"slices"
	"strconv"
	"strings"
)

// Beside returns a place for values that are in no file, such as one of the command line: what is wrong with them is said
// below that label.
func (d *Document) Beside(label string) Position {
	d.labels = append(d.labels, Printable(strings.ReplaceAll(strings.ToValidUTF8(label, "\uFFFD"), "\t", " ")))
	return Position{len(d.lines) + len(d.labels), 1}
}

// IsBeside reports whether a place is one that [Document.Beside] returned, and not in the file.
func (d *Document) IsBeside(at Position) bool { return at.Line > len(d.lines) }

// ReadBeside returns the tree of a YAML text that stands beside the file, at a place that [Document.Beside] returned, or nil
// after noting why there is none.
func (d *Document) ReadBeside(at Position, text string, v Variables) *Node {
	own := New(d.File, []byte(text), d.Form)
	var root *Node
	if len(own.Faults) == 0 {
		if tree := own.parse(); tree != nil {
			c := &converter{Document: d, variables: v, anchors: map[string]*Node{}, beside: at}
			root = c.node(tree, 1)
			if c.stopped {
				return nil
			}
		}
	}
	for _, f := range own.Faults {
		d.Fault(at, f.Hint, "%s", f.Message)
	}
	return root
}

// With returns the node with a value below keys, each of which is made if it is not there; without a value the last key is
// removed. The node itself stays as it is. A number is a key of a list. It returns nil and the key at which it did not go
// on, because there is neither a mapping nor such a place in a list.
func (n *Node) With(keys []string, at Position, value *Node) (changed *Node, stuck string) {
	if len(keys) == 0 {
		return value, ""
	}
	out := *n
	var below *Node
	switch i, err := strconv.Atoi(keys[0]); {
	case n.Kind == Sequence && err == nil && i >= 0 && i < len(n.Items):
		if below, stuck = n.Items[i].With(keys[1:], at, value); stuck != "" {
			return nil, stuck
		}
		out.Items = slices.Clone(n.Items)
		if below == nil {
			out.Items = slices.Delete(out.Items, i, i+1)
		} else {
			out.Items[i] = below
		}
	case n.Kind == Mapping || n.Kind == Nothing:
		return out.withEntry(keys, at, value)
	default:
		return nil, keys[0]
	}
	return &out, ""
}

// withEntry does the work of With in a copy of a mapping.
func (n *Node) withEntry(keys []string, at Position, value *Node) (changed *Node, stuck string) {
	i := slices.IndexFunc(n.Entries, func(e Entry) bool { return e.Key == keys[0] })
	below := &Node{Kind: Mapping, At: at}
	if i >= 0 {
		below = n.Entries[i].Value
	}
	if len(keys) == 1 {
		below = value
	} else if below, stuck = below.With(keys[1:], at, value); stuck != "" {
		return nil, stuck
	}
	n.Kind, n.Entries = Mapping, slices.Clone(n.Entries)
	switch {
	case i < 0 && below != nil:
		n.Entries = append(n.Entries, Entry{keys[0], at, below})
	case i >= 0 && below == nil:
		n.Entries = slices.Delete(n.Entries, i, i+1)
	case i >= 0:
		n.Entries[i].Value = below
		if len(keys) == 1 {
			n.Entries[i].At = at
		}
	}
	return n, ""
}
