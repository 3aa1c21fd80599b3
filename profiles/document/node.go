package document

// Kind is the shape of a node.
type Kind uint8

// The shapes.
const (
	Nothing Kind = iota // null, or a key without a value
	Scalar
	Mapping
	Sequence
)

func (k Kind) String() string {
	return [...]string{"nothing", "a single value", "a mapping", "a list"}[k]
}

// Node is one YAML value, free of the library that read it. Aliases share nodes, so nothing changes one once it is made.
type Node struct {
	Kind    Kind
	At      Position
	Raw     string // a scalar as the file has it, for messages: variables not expanded
	Text    string // a scalar with its variables expanded
	Quoted  bool   // written in quotes or as a block: text, whatever it looks like
	Broken  bool   // a fault has been noted already; nothing more is to be said of it
	Entries []Entry
	Items   []*Node
	depth   int // of nesting below and including it
	values  int // nodes below and including it, aliases followed
}

// Entry is one key of a mapping with its value.
type Entry struct {
	Key   string
	At    Position
	Value *Node
}

// Place is where a fault of the whole node is best shown: blocks are named by their key.
func (e Entry) Place() Position {
	if e.Value.Kind == Mapping || e.Value.Kind == Sequence || e.Value.Kind == Nothing {
		return e.At
	}
	return e.Value.At
}
