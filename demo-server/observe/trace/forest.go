package trace

// maxDepth bounds how far a tree is indented; what is deeper stands at that depth.
const maxDepth = 12

// A branch is a span and what was done because of it.
type branch struct {
	span     *Span  // nil: it is in nobody's file, but others name it as their parent
	id       string // of the span
	children []*branch
	shown    bool
}

// forest arranges the spans under their parents, all by their start. A span whose parent
// is missing stands under a branch without a span, as the whole way would be cut in two
// otherwise, without a word.
func (t *Trace) forest() (tops, all []*branch) {
	known := make(map[[2]string]*branch)
	for i := range t.Spans {
		b := &branch{span: &t.Spans[i], id: t.Spans[i].ID}
		all = append(all, b)
		if key := [2]string{b.span.Trace, b.id}; known[key] == nil {
			known[key] = b
		}
	}
	for _, b := range all {
		if b.span.Parent == "" {
			tops = append(tops, b)
			continue
		}
		key := [2]string{b.span.Trace, b.span.Parent}
		parent := known[key]
		if parent == nil {
			parent = &branch{id: b.span.Parent}
			known[key] = parent
			tops = append(tops, parent)
		}
		parent.children = append(parent.children, b)
	}
	return tops, all
}

// A row is a branch in a table.
type row struct {
	label string // lines of the tree, and the node
	below string // lines of the tree beneath it
	*branch
}

// rows returns all branches in the order of reading, each once: in a broken file spans
// may be their own ancestors.
func (t *Trace) rows(g glyphs) []row {
	tops, all := t.forest()
	var rows []row
	for _, top := range append(tops, all...) {
		rows = top.rows(rows, g, [2]string{}, 0)
	}
	return rows
}

// rows adds the rows of a branch, whose tree lines are lead for itself and for beneath.
func (b *branch) rows(rows []row, g glyphs, lead [2]string, depth int) []row {
	if b.shown {
		return rows
	}
	b.shown = true
	beneath := lead[1]
	if len(b.children) > 0 {
		beneath += g.pass
	} else {
		beneath += "  "
	}
	rows = append(rows, row{label: lead[0] + b.node(), below: beneath, branch: b})
	for i, child := range b.children {
		next := [2]string{lead[1] + g.fork, lead[1] + g.pass}
		if i == len(b.children)-1 {
			next = [2]string{lead[1] + g.last, lead[1] + "  "}
		}
		if depth >= maxDepth {
			next = lead
		}
		rows = child.rows(rows, g, next, depth+1)
	}
	return rows
}
