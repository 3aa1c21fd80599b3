package document

import (
	"slices"
	"time"

	"github.com/floodmark/floodmark/nearest"
)

// Section is a mapping whose keys are known. Its methods read one key each, and leave the target alone when the key is absent.
type Section struct {
	d      *Decoder
	Path   string
	At     Position
	Fields map[string]Field
}

// Section opens a mapping as the named section and reports keys that do not belong there.
func (d *Decoder) Section(f Field, name string) (Section, bool) {
	s := Section{d: d, Path: f.Path, At: f.At, Fields: map[string]Field{}}
	entries, ok := d.Entries(f)
	if !ok {
		return s, false
	}
	known, later := d.Keys(name)
	for _, e := range entries {
		switch {
		case slices.Contains(known, e.Key):
			s.Fields[e.Key] = d.Child(f.Path, e)
		case slices.Contains(later, e.Key):
			d.Fault(e.At, "remove it", "%s is not supported yet", Quote(e.Key))
		default:
			d.unknownKey(f.Path, e, known)
		}
	}
	return s, true
}

// unknownKey reports a key; the one it was probably meant to be is not reported as missing then.
func (d *Decoder) unknownKey(path string, e Entry, known []string) {
	if meant := nearest.Word(e.Key, known); meant != "" {
		d.Broken[Join(path, meant)] = true
	}
	d.Fault(e.At, DidYouMean(e.Key, known), "unknown key %s", Quote(e.Key))
}

// Text reads a single value as it is.
func (s Section) Text(key string, into *string) {
	if f, ok := s.Fields[key]; ok {
		if text, ok := s.d.Scalar(f); ok {
			*into = text
		}
	}
}

// Duration reads a duration such as 30s.
func (s Section) Duration(key string, into *time.Duration) {
	if f, ok := s.Fields[key]; ok {
		Convert(s.d, f, into, ParseDuration)
	}
}

// Flag reads true or false.
func (s Section) Flag(key string, into *bool) {
	if f, ok := s.Fields[key]; ok {
		Convert(s.d, f, into, ParseBool)
	}
}

// Number reads a decimal number.
func (s Section) Number(key string, into *float64) {
	if f, ok := s.Fields[key]; ok {
		Convert(s.d, f, into, ParseNumber)
	}
}

// Integer reads a whole number.
func (s Section) Integer(key string, into *int) {
	wide := int64(*into)
	s.Whole(key, &wide)
	*into = int(wide)
}

// Whole reads a whole number.
func (s Section) Whole(key string, into *int64) {
	if f, ok := s.Fields[key]; ok {
		Convert(s.d, f, into, ParseWhole)
	}
}

// Open calls read with the section below a key, if there is one.
func (s Section) Open(key, name string, read func(Section)) {
	if f, ok := s.Fields[key]; ok {
		if below, ok := s.d.Section(f, name); ok {
			read(below)
		}
	}
}

// List calls read for each item of a list below a key, if there is one.
func (s Section) List(key string, read func(Field)) {
	if f, ok := s.Fields[key]; ok {
		for _, item := range s.d.Items(f) {
			read(item)
		}
	}
}
