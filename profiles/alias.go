package profiles

import (
	"github.com/floodmark/floodmark/nearest"
	"github.com/goccy/go-yaml/ast"
)

// merge returns the entries that <<: adds to a mapping.
func (c *converter) merge(n *ast.MappingValueNode, depth int) []entry {
	value := c.node(n.Value, depth)
	sources := []*node{value}
	if value.kind == sequence {
		sources = value.items
	}
	var entries []entry
	for _, source := range sources {
		if source.kind != mapping {
			c.fault(c.position(n.Key.GetToken()), "write <<: *name", "<< merges mappings, not %s", source.kind)
			continue
		}
		entries = append(entries, source.entries...)
	}
	return entries
}

func (c *converter) anchor(n *ast.AnchorNode, depth int) *node {
	out := c.node(n.Value, depth)
	// Registered after its value: an alias within would have no end.
	c.anchors[n.Name.GetToken().Value] = out
	return out
}

func (c *converter) alias(n *ast.AliasNode, at Position) *node {
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
		c.fault(at, hint, "unknown alias %s", quote("*"+name))
		return &node{at: at, broken: true}
	}
	// What is wrong inside is shown where it was written; what is wrong with the use, here.
	out := *target
	out.at = at
	c.values += target.values
	c.limit(at, 0, c.values)
	return &out
}
