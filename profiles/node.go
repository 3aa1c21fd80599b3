package profiles

// kind is the shape of a node.
type kind uint8

const (
	nothing kind = iota // null, or a key without a value
	scalar
	mapping
	sequence
)

func (k kind) String() string {
	return [...]string{"nothing", "a single value", "a mapping", "a list"}[k]
}

// node is one YAML value, free of the library that read it. Aliases share nodes, so nothing changes one once it is made.
type node struct {
	kind    kind
	at      Position
	raw     string // a scalar as the file has it, for messages: variables not expanded
	text    string // a scalar with its variables expanded
	quoted  bool   // written in quotes or as a block: text, whatever it looks like
	broken  bool   // a fault has been noted already; nothing more is to be said of it
	entries []entry
	items   []*node
	depth   int // of nesting below and including it
	values  int // nodes below and including it, aliases followed
}

// entry is one key of a mapping with its value.
type entry struct {
	key   string
	at    Position
	value *node
}

// place is where a fault of the whole node is best shown: blocks are named by their key.
func (e entry) place() Position {
	if e.value.kind == mapping || e.value.kind == sequence || e.value.kind == nothing {
		return e.at
	}
	return e.value.at
}
