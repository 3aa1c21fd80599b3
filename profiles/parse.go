package profiles

import (
	"path/filepath"
	"strings"
	"unicode"
)

// Options are what Parse must ask the outside for.
type Options struct {
	// Lookup returns the value of a variable, as os.LookupEnv does. Nil means that no variable is set.
	Lookup func(name string) (string, bool)
	// CheckExpression judges the text of an objective; nil takes any. An error with Offset() int places the fault that many
	// bytes into the text, one with Hint() string says how to mend it.
	CheckExpression func(text string) error
	// CheckCondition judges the text of an alert's condition, in the same way.
	CheckCondition func(text string) error
	// CheckAddress judges an address below the key local_ips, proxy, connect_to or resolve; nil takes any. An error with
	// Hint() string says how to mend it. It must not repeat a proxy, which may hold a password.
	CheckAddress func(key, text string) error
}

// Parse reads a profile and fills in every default. The file's name is for messages and for a profile without a name.
// The error is of type [Faults] and holds everything that is wrong; after broken YAML that is the first breakage only.
func Parse(file string, src []byte, opts Options) (*Profile, error) {
	doc, text := newDocument(file, src)
	p := defaultProfile()
	p.Name = nameOf(file)
	d := &decoder{document: doc, opts: opts, profile: p, broken: map[string]bool{}}
	d.places, d.keys = map[string]Position{}, map[string]Position{}
	if root := d.read(text); root != nil {
		d.decodeProfile(root)
		d.judge()
	}
	p.Secrets = p.secrets()
	if len(doc.faults) == 0 {
		return p, nil
	}
	secrets := p.Redactor()
	for i := range doc.faults {
		doc.faults[i].Message = secrets.Replace(doc.faults[i].Message)
		doc.faults[i].Hint = secrets.Replace(doc.faults[i].Hint)
	}
	return nil, doc.faults.tidy()
}

// read returns the tree of the file, or nil after noting why there is none.
func (d *decoder) read(text string) *node {
	if len(d.faults) > 0 {
		return nil
	}
	tree := d.parse(text)
	if tree == nil {
		return nil
	}
	c := &converter{
		document:  d.document,
		variables: variables{d.opts.Lookup, &d.profile.Secrets},
		anchors:   map[string]*node{},
	}
	root := c.node(tree, 1)
	if c.stopped {
		return nil
	}
	return root
}

// judge adds what is wrong with the values, except about those that could not be read in the first place.
func (d *decoder) judge() {
	for _, p := range d.profile.problems() {
		if d.isBroken(p.path) {
			continue
		}
		at, message := d.placeOf(p.path), p.message
		if key, ok := d.keys[p.path]; ok && p.ofKey {
			at = key
		}
		if _, ok := d.places[p.path]; ok && p.missing {
			message = named(p.path) + " must not be empty or zero"
		}
		d.fault(at, p.hint, "%s", message)
	}
}

// isBroken reports whether a path, one above it or one below it could not be read: judging it would say the same twice.
func (d *decoder) isBroken(path string) bool {
	for broken := range d.broken {
		if within(path, broken) || within(broken, path) {
			return true
		}
	}
	return false
}

// within reports whether path is parent or lies below it.
func within(path, parent string) bool {
	rest, ok := strings.CutPrefix(path, parent)
	return ok && (rest == "" || parent == "" || rest[0] == '.' || rest[0] == '[')
}

// placeOf returns where a path stands in the file, or else what is nearest above it.
func (d *decoder) placeOf(path string) Position {
	for path != "" {
		if at, ok := d.places[path]; ok {
			return at
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
	return d.places[""]
}

// nameOf makes a profile's name of its file's.
func nameOf(file string) string {
	base := filepath.Base(filepath.ToSlash(file))
	name := strings.TrimSuffix(strings.TrimSuffix(base, ".yaml"), ".yml")
	name = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_. ", r) {
			return r
		}
		return -1
	}, strings.ToValidUTF8(name, ""))
	if runes := []rune(name); len(runes) > maxName {
		name = string(runes[:maxName])
	}
	if strings.Trim(name, ". ") == "" {
		return "profile"
	}
	return name
}
