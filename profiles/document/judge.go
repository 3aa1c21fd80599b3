package document

import (
	"path/filepath"
	"strings"
	"unicode"
)

// Judge notes what is wrong with values, except with those that could not be read in the first place.
func (d *Decoder) Judge(problems Problems) {
	for _, p := range problems {
		if d.isBroken(p.Path) {
			continue
		}
		at, message := d.PlaceOf(p.Path), p.Message
		if key, ok := d.KeyPlaces[p.Path]; ok && p.OfKey {
			at = key
		}
		if _, ok := d.Places[p.Path]; ok && p.Missing {
			message = d.Named(p.Path) + " must not be empty or zero"
		}
		d.Fault(at, p.Hint, "%s", message)
	}
}

// isBroken reports whether a path, one above it or one below it could not be read: judging it would say the same twice.
func (d *Decoder) isBroken(path string) bool {
	for broken := range d.Broken {
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

// PlaceOf returns where a path stands in the file, or else what is nearest above it.
func (d *Decoder) PlaceOf(path string) Position {
	for path != "" {
		if at, ok := d.Places[path]; ok {
			return at
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
	return d.Places[""]
}

// NameOf makes a name of at most so many characters of a file's name, or of the other one if nothing is left of that.
func NameOf(file string, most int, otherwise string) string {
	base := filepath.Base(filepath.ToSlash(file))
	name := strings.TrimSuffix(strings.TrimSuffix(base, ".yaml"), ".yml")
	name = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_. ", r) {
			return r
		}
		return -1
	}, strings.ToValidUTF8(name, ""))
	if runes := []rune(name); len(runes) > most {
		name = string(runes[:most])
	}
	if strings.Trim(name, ". ") == "" {
		return otherwise
	}
	return name
}
