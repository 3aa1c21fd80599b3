package profiles

import "github.com/floodmark/floodmark/profiles/document"

type (
	// Position is a place in a file.
	Position = document.Position
	// Fault is one thing wrong with a profile, and where.
	Fault = document.Fault //nolint:errname // the word users read; see package document
	// Faults is everything found wrong in one file, in the file's order.
	Faults = document.Faults //nolint:errname // the plural of Fault
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
	doc := document.New(file, src, form())
	p := defaultProfile()
	p.Name = document.NameOf(file, maxName, "profile")
	d := &decoder{document.NewDecoder(doc, keys), opts, p}
	if root := doc.Read(document.Variables{Lookup: opts.Lookup, Secrets: &p.Secrets}); root != nil {
		d.decodeProfile(root)
		d.Judge(p.problems())
	}
	p.Secrets = p.secrets()
	if len(doc.Faults) == 0 {
		return p, nil
	}
	return nil, doc.Faults.Redact(p.Redactor()).Tidy()
}

// form is what profiles are called in messages.
func form() document.Form {
	return document.Form{Noun: "profile", Begin: "begin with version: 1, or copy the built-in profile smoke"}
}

// keys returns the keys of a section, and those that it will have one day.
func keys(section string) (known, later []string) { return knownKeys(section), laterKeys(section) }
