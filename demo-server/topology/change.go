package topology

import (
	"strings"

	"github.com/floodmark/floodmark/profiles/document"
)

// change makes the changes of the command line to the tree of the file. What is wrong with
// one of them is said below its own text, in place of a line of the file.
func (d *decoder) change(root *document.Node, changes []string, variables document.Variables) *document.Node {
	if root == nil {
		return nil
	}
	for _, change := range changes {
		path, value, ok := strings.Cut(change, "=")
		keys := split(path)
		label := "--set " + change
		if document.LooksSecret(strings.Join(keys, " ")) {
			label = "--set " + path + "=" + document.Masked
		}
		at := d.Beside(label)
		switch {
		case !ok || len(keys) == 0:
			d.Fault(at, "write a path and a value, such as web.replicas=8", "this changes nothing")
			continue
		case strings.TrimSpace(value) == "":
			d.Fault(at, "write null to take a part away", "there is no value")
			continue
		}
		node := d.ReadBeside(at, value, variables)
		if node == nil {
			continue
		}
		if node.Kind == document.Nothing {
			node = nil
		}
		changed, stuck := root.With(keys, at, node)
		if stuck != "" {
			d.Fault(at, "", "the topology has no mapping that %s could be a key of", document.Quote(stuck))
			continue
		}
		root = changed
	}
	return root
}

// split takes a path apart: web.endpoints."GET /a.b".cpu has four keys.
func split(path string) []string {
	var keys []string
	for path != "" {
		key, rest, more := strings.Cut(path, ".")
		if quoted, ok := strings.CutPrefix(path, `"`); ok {
			if inner, after, closed := strings.Cut(quoted, `"`); closed {
				key = inner
				rest, more = strings.CutPrefix(after, ".")
			}
		}
		keys = append(keys, key)
		if path = rest; more && path == "" {
			keys = append(keys, "")
		}
	}
	return keys
}
