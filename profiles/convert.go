package profiles

import (
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// converter copies the library's tree into nodes. Anchors and merge keys are resolved here and nowhere else.
type converter struct {
	*document
	variables variables
	anchors   map[string]*node
	plain     bool // a $ means nothing
	values    int  // nodes made so far, aliases followed
	stopped   bool // a limit was passed; the rest of the tree is not looked at
}

// node converts one value, and counts it against the limits.
func (c *converter) node(n ast.Node, depth int) *node {
	if n == nil || c.stopped {
		return &node{at: Position{1, 1}}
	}
	out := c.value(n, depth)
	out.values, out.depth = 1, 1
	for _, e := range out.entries {
		out.values, out.depth = out.values+e.value.values, max(out.depth, e.value.depth+1)
	}
	for _, item := range out.items {
		out.values, out.depth = out.values+item.values, max(out.depth, item.depth+1)
	}
	c.limit(out.at, depth+out.depth-1, out.values)
	return out
}

func (c *converter) limit(at Position, depth, values int) {
	switch {
	case c.stopped:
	case depth > maxDepth:
		c.fault(at, "", "values are nested more than %d deep", maxDepth)
		c.stopped = true
	case values > maxValues:
		c.fault(at, "", "aliases make more than %d values of this", maxValues)
		c.stopped = true
	}
}

func (c *converter) value(n ast.Node, depth int) *node {
	at := c.position(n.GetToken())
	if depth > maxDepth {
		c.limit(at, depth, 0)
		return &node{at: at}
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		return c.mapping(n, depth)
	case *ast.MappingValueNode:
		out := &node{kind: mapping, at: c.position(n.Key.GetToken())}
		c.entry(out, n, depth)
		return out
	case *ast.SequenceNode:
		out := &node{kind: sequence, at: at}
		for _, v := range n.Values {
			out.items = append(out.items, c.node(v, depth+1))
		}
		return out
	case *ast.AnchorNode:
		return c.anchor(n, depth)
	case *ast.AliasNode:
		return c.alias(n, at)
	case *ast.TagNode:
		c.fault(at, "remove it; quotes make a text of anything", "YAML tags such as %s are not supported", quote(n.Start.Value))
		return &node{at: at, broken: true}
	case *ast.NullNode:
		return &node{at: at, raw: n.Token.Value}
	}
	return c.scalar(n, at)
}

func (c *converter) mapping(n *ast.MappingNode, depth int) *node {
	out := &node{kind: mapping, at: c.position(n.Start)}
	if !n.IsFlowStyle && len(n.Values) > 0 {
		out.at = c.position(n.Values[0].Key.GetToken())
	}
	var merged []entry
	for _, v := range n.Values {
		if _, ok := v.Key.(*ast.MergeKeyNode); ok {
			merged = append(merged, c.merge(v, depth)...)
			continue
		}
		c.entry(out, v, depth)
	}
	// A mapping's own keys win over merged ones, and an earlier merged one over a later.
	for _, e := range merged {
		if !out.has(e.key) {
			out.entries = append(out.entries, e)
		}
	}
	return out
}

// has looks through the entries one by one: mappings are short, and their number is bounded.
func (n *node) has(key string) bool {
	for _, e := range n.entries {
		if e.key == key {
			return true
		}
	}
	return false
}

func (c *converter) entry(out *node, n *ast.MappingValueNode, depth int) {
	at := c.position(n.Key.GetToken())
	key, ok := keyText(n.Key)
	if !ok {
		c.fault(at, "write the key as plain text", "this key is not a plain word")
		return
	}
	value := c.node(n.Value, depth+1)
	if out.has(key) {
		c.fault(at, "remove one of the two", "duplicate key %s", quote(key))
		return
	}
	out.entries = append(out.entries, entry{key, at, value})
}

func keyText(key ast.Node) (string, bool) {
	switch k := key.(type) {
	case *ast.StringNode:
		return k.Value, true
	case *ast.MappingKeyNode:
		if k.Value == nil {
			return "", false
		}
		return keyText(k.Value)
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode:
		return key.GetToken().Value, true
	}
	return "", false
}

func (c *converter) scalar(n ast.Node, at Position) *node {
	t := n.GetToken()
	out := &node{kind: scalar, at: at, raw: t.Value}
	switch n := n.(type) {
	case *ast.StringNode:
		out.raw = n.Value
		out.quoted = t.Type == token.DoubleQuoteType || t.Type == token.SingleQuoteType
	case *ast.LiteralNode:
		out.raw, out.quoted = n.Value.Value, true
	}
	out.text = c.expand(out)
	return out
}

// expand puts variables into a scalar's text and reports those that cannot be.
func (c *converter) expand(n *node) string {
	if c.plain || !strings.Contains(n.raw, "$") {
		return n.raw
	}
	text, problems := c.variables.expand(n.raw)
	for _, p := range problems {
		c.fault(c.find(n.at, p.path), p.hint, "%s", p.message)
		n.broken = true
	}
	return text
}
