package document

// Read returns the tree of the only YAML document, with the values of variables in it, or nil after noting why there is
// none.
func (d *Document) Read(v Variables) *Node {
	if len(d.Faults) > 0 {
		return nil
	}
	tree := d.parse()
	if tree == nil {
		return nil
	}
	c := &converter{Document: d, variables: v, anchors: map[string]*Node{}}
	root := c.node(tree, 1)
	if c.stopped {
		return nil
	}
	return root
}

// ReadAll returns the trees of all YAML documents that hold something; none after a fault. A $ means nothing in them.
func (d *Document) ReadAll() []*Node {
	if len(d.Faults) > 0 {
		return nil
	}
	file := d.parseAll()
	if file == nil {
		return nil
	}
	var roots []*Node
	c := &converter{Document: d, plain: true}
	for _, doc := range file.Docs {
		if doc.Body == nil || c.stopped {
			continue
		}
		c.anchors = map[string]*Node{}
		root := c.node(doc.Body, 1)
		c.values += root.values
		c.limit(root.At, 0, c.values)
		roots = append(roots, root)
	}
	if len(d.Faults) > 0 {
		return nil
	}
	return roots
}
