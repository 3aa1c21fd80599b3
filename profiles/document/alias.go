package document

import (
	"github.com/goccy/go-yaml/ast"

	"github.com/floodmark/floodmark/nearest"
)

// merge returns the entries that <<: adds to a mapping.
func (c *converter) merge(n *ast.MappingValueNode, depth int) []Entry {
	value := c.node(n.Value, depth)
	sources := []*Node{value}
	if value.Kind == Sequence {
		sources = value.Items
	}
	var entries []Entry
	for _, source := range sources {
		if source.Kind != Mapping {
			c.Fault(c.position(n.Key.GetToken()), "write <<: *name", "<< merges mappings, not %s", source.Kind)
			continue
		}
		entries = append(entries, source.Entries...)
	}
	return entries
}

func (c *converter) anchor(n *ast.AnchorNode, depth int) *Node {
	out := c.node(n.Value, depth)
	// Registered after its value: an alias within would have no end.
	c.anchors[n.Name.GetToken().Value] = out
	return out
}

func (c *converter) alias(n *ast.AliasNode, at Position) *Node {
	name := n.Value.GetToken().Value
	target, ok := c.anchors[name]
	if !ok {
		var known []string
		for anchor := range c.anchors {
			known = append(known, anchor)
		}
		hint := "an anchor &" + name + " must stand above"
		if best := nearest.Word(name, known); best != "" {
			hint = `did you mean "*` + best + `"?`
		}
		c.Fault(at, hint, "unknown alias %s", Quote("*"+name))
		return &Node{At: at, Broken: true}
	}
	// What is wrong inside is shown where it was written; what is wrong with the use, here.
	out := *target
	out.At = at
	c.values += target.values
	c.limit(at, 0, c.values)
	return &out
}
