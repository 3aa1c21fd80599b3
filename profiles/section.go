package profiles

import (
	"slices"
	"time"

	"github.com/floodmark/floodmark/nearest"
)

// section is a mapping whose keys are known.
type section struct {
	*decoder
	path   string
	at     Position
	fields map[string]field
}

// section opens a mapping as the named section and reports keys that do not belong there.
func (d *decoder) section(f field, name string) (section, bool) {
	s := section{decoder: d, path: f.path, at: f.at, fields: map[string]field{}}
	entries, ok := d.entries(f)
	if !ok {
		return s, false
	}
	known, later := knownKeys(name), laterKeys(name)
	for _, e := range entries {
		switch {
		case slices.Contains(known, e.key):
			s.fields[e.key] = d.child(f.path, e)
		case slices.Contains(later, e.key):
			d.fault(e.at, "remove it", "%s is not supported yet", quote(e.key))
		default:
			d.unknownKey(f.path, e, known)
		}
	}
	return s, true
}

// unknownKey reports a key; the one it was probably meant to be is not reported as missing then.
func (d *decoder) unknownKey(path string, e entry, known []string) {
	if meant := nearest.Word(e.key, known); meant != "" {
		d.broken[join(path, meant)] = true
	}
	d.fault(e.at, didYouMean(e.key, known), "unknown key %s", quote(e.key))
}

// The methods below read one key of a section, and leave the target alone when the key is absent.

func (s section) text(key string, into *string) {
	if f, ok := s.fields[key]; ok {
		if text, ok := s.scalar(f); ok {
			*into = text
		}
	}
}

func (s section) duration(key string, into *time.Duration) {
	if f, ok := s.fields[key]; ok {
		convert(s.decoder, f, into, parseDuration)
	}
}

func (s section) rate(key string, into *float64) {
	if f, ok := s.fields[key]; ok {
		convert(s.decoder, f, into, ParseRate)
	}
}

func (s section) flag(key string, into *bool) {
	if f, ok := s.fields[key]; ok {
		convert(s.decoder, f, into, parseBool)
	}
}

func (s section) number(key string, into *float64) {
	if f, ok := s.fields[key]; ok {
		convert(s.decoder, f, into, parseNumber)
	}
}

func (s section) integer(key string, into *int) {
	wide := int64(*into)
	s.whole(key, &wide)
	*into = int(wide)
}

func (s section) whole(key string, into *int64) {
	if f, ok := s.fields[key]; ok {
		convert(s.decoder, f, into, parseWhole)
	}
}

// open calls read with the section below a key, if there is one.
func (s section) open(key, name string, read func(section)) {
	if f, ok := s.fields[key]; ok {
		if below, ok := s.section(f, name); ok {
			read(below)
		}
	}
}

// list calls read for each item of a list below a key, if there is one.
func (s section) list(key string, read func(field)) {
	if f, ok := s.fields[key]; ok {
		for _, item := range s.items(f) {
			read(item)
		}
	}
}
