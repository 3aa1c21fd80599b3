package document

import (
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// converter copies the library's tree into nodes. Anchors and merge keys are resolved here and nowhere else.
type converter struct {
	*Document
	variables Variables
	anchors   map[string]*Node
	plain     bool     // a $ means nothing
	values    int      // nodes made so far, aliases followed
	beside    Position // of all values, if they are in no file
	stopped   bool     // a limit was passed; the rest of the tree is not looked at
}

// position returns where a token's text begins.
func (c *converter) position(t *token.Token) Position {
	if c.beside != (Position{}) {
		return c.beside
	}
	return c.Document.position(t)
}

// node converts one value, and counts it against the limits.
func (c *converter) node(n ast.Node, depth int) *Node {
	if n == nil || c.stopped {
		return &Node{At: Position{1, 1}}
	}
	out := c.value(n, depth)
	out.values, out.depth = 1, 1
	for _, e := range out.Entries {
		out.values, out.depth = out.values+e.Value.values, max(out.depth, e.Value.depth+1)
	}
	for _, item := range out.Items {
		out.values, out.depth = out.values+item.values, max(out.depth, item.depth+1)
	}
	c.limit(out.At, depth+out.depth-1, out.values)
	return out
}

func (c *converter) limit(at Position, depth, values int) {
	switch {
	case c.stopped:
	case depth > maxDepth:
		c.Fault(at, "", "values are nested more than %d deep", maxDepth)
		c.stopped = true
	case values > maxValues:
		c.Fault(at, "", "aliases make more than %d values of this", maxValues)
		c.stopped = true
	}
}

func (c *converter) value(n ast.Node, depth int) *Node {
	at := c.position(n.GetToken())
	if depth > maxDepth {
		c.limit(at, depth, 0)
		return &Node{At: at}
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		return c.mapping(n, depth)
	case *ast.MappingValueNode:
		out := &Node{Kind: Mapping, At: c.position(n.Key.GetToken())}
		c.entry(out, n, depth)
		return out
	case *ast.SequenceNode:
		out := &Node{Kind: Sequence, At: at}
		for _, v := range n.Values {
			out.Items = append(out.Items, c.node(v, depth+1))
		}
		return out
	case *ast.AnchorNode:
		return c.anchor(n, depth)
	case *ast.AliasNode:
		return c.alias(n, at)
	case *ast.TagNode:
		c.Fault(at, "remove it; quotes make a text of anything", "YAML tags such as %s are not supported", Quote(n.Start.Value))
		return &Node{At: at, Broken: true}
	case *ast.NullNode:
		return &Node{At: at, Raw: n.Token.Value}
	}
	return c.scalar(n, at)
}

func (c *converter) mapping(n *ast.MappingNode, depth int) *Node {
	out := &Node{Kind: Mapping, At: c.position(n.Start)}
	if !n.IsFlowStyle && len(n.Values) > 0 {
		out.At = c.position(n.Values[0].Key.GetToken())
	}
	var merged []Entry
	for _, v := range n.Values {
		if _, ok := v.Key.(*ast.MergeKeyNode); ok {
			merged = append(merged, c.merge(v, depth)...)
			continue
		}
		c.entry(out, v, depth)
	}
	// A mapping's own keys win over merged ones, and an earlier merged one over a later.
	for _, e := range merged {
		if !out.has(e.Key) {
			out.Entries = append(out.Entries, e)
		}
	}
	return out
}

// has looks through the entries one by one: mappings are short, and their number is bounded.
func (n *Node) has(key string) bool {
	for _, e := range n.Entries {
		if e.Key == key {
			return true
		}
	}
	return false
}

func (c *converter) entry(out *Node, n *ast.MappingValueNode, depth int) {
	at := c.position(n.Key.GetToken())
	key, ok := keyText(n.Key)
	if !ok {
		c.Fault(at, "write the key as plain text", "this key is not a plain word")
		return
	}
	value := c.node(n.Value, depth+1)
	if out.has(key) {
		c.Fault(at, "remove one of the two", "duplicate key %s", Quote(key))
		return
	}
	out.Entries = append(out.Entries, Entry{key, at, value})
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

func (c *converter) scalar(n ast.Node, at Position) *Node {
	t := n.GetToken()
	out := &Node{Kind: Scalar, At: at, Raw: t.Value}
	switch n := n.(type) {
	case *ast.StringNode:
		out.Raw = n.Value
		out.Quoted = t.Type == token.DoubleQuoteType || t.Type == token.SingleQuoteType
	case *ast.LiteralNode:
		out.Raw, out.Quoted = n.Value.Value, true
	}
	out.Text = c.expand(out)
	return out
}

// expand puts variables into a scalar's text and reports those that cannot be.
func (c *converter) expand(n *Node) string {
	if c.plain || !strings.Contains(n.Raw, "$") {
		return n.Raw
	}
	text, problems := c.variables.expand(n.Raw)
	for _, p := range problems {
		c.Fault(c.Find(n.At, p.Path), p.Hint, "%s", p.Message)
		n.Broken = true
	}
	return text
}
