package profiles

import "github.com/floodmark/floodmark/profiles/document"

// decoder turns nodes into a profile. It knows shapes, types and units; whether a value makes sense is judged later.
type decoder struct {
	*document.Decoder
	opts    Options
	profile *Profile
}

// section is a mapping whose keys are known.
type section struct {
	*decoder
	document.Section
}

func (d *decoder) section(f document.Field, name string) (section, bool) {
	s, ok := d.Section(f, name)
	return section{d, s}, ok
}

// open calls read with the section below a key, if there is one.
func (s section) open(key, name string, read func(section)) {
	if f, ok := s.Fields[key]; ok {
		if below, ok := s.section(f, name); ok {
			read(below)
		}
	}
}

func (s section) rate(key string, into *float64) {
	if f, ok := s.Fields[key]; ok {
		document.Convert(s.Decoder, f, into, ParseRate)
	}
}
