package topology

import (
	"slices"
	"strings"
	"time"

	"github.com/floodmark/floodmark/demo-server/faults"
	"github.com/floodmark/floodmark/profiles/document"
)

// maxAt bounds when a fault begins: nobody watches longer.
const maxAt = 24 * time.Hour

// fault reads one fault: its keys are the words of package faults.
func (d *decoder) fault(f document.Field) (timed faults.Timed, ok bool) {
	before := len(d.Faults)
	s, ok := d.section(f, "fault")
	if !ok {
		return timed, false
	}
	s.Duration("at", &timed.At)
	if timed.At > maxAt {
		s.Wrong(s.Fields["at"], "", "a fault begins within a day")
	}
	s.target()
	words := s.faultWords()
	switch {
	case len(d.Faults) > before || d.Broken[f.Path]:
		return timed, false
	case !s.has("part") && !s.has("link"):
		s.Wrong(f, "add part: web, or link: web-database", "this fault is nowhere")
		return timed, false
	}
	spec, err := faults.Parse(words)
	if err != nil {
		s.Wrong(s.blamed(f, err), "", "%s", err.Error())
		return timed, false
	}
	timed.Spec = spec
	return timed, true
}

// target looks whether the part or the link of a fault is there.
func (s section) target() {
	look := func(key string, known []string, exists func(string) bool) {
		name := ""
		s.Text(key, &name)
		if f, ok := s.Fields[key]; ok && name != "" && !exists(name) {
			s.Wrong(f, document.DidYouMean(name, known), "there is no %s %s in this topology", key, document.Quote(name))
		}
	}
	var parts, links []string
	for _, part := range s.plan.Parts() {
		parts = append(parts, part)
		for _, node := range s.plan.Nodes(part) {
			if node.Name != part {
				parts = append(parts, node.Name)
			}
		}
	}
	for _, link := range s.plan.Links() {
		links = append(links, link.String())
	}
	look("part", parts, func(name string) bool { return slices.Contains(parts, name) })
	look("link", links, s.plan.onLink)
}

// onLink reports whether a name is that of a link, or of the way between two nodes of one.
func (p *Plan) onLink(name string) bool {
	spec := faults.Spec{Link: name}
	for _, link := range p.Links() {
		for _, from := range append(p.Nodes(link.From), Node{Part: link.From}) {
			for _, to := range append(p.Nodes(link.To), Node{Part: link.To}) {
				if spec.OnLink(link.From, from.Name, link.To, to.Name) {
					return true
				}
			}
		}
	}
	return false
}

// faultWords returns the fault's keys as words of package faults: errors: 55% is
// errors=55%, cut: true and do: cut are cut.
func (s section) faultWords() []string {
	var words []string
	for _, key := range append([]string{"do", "part", "link"}, faultWords()...) {
		f, ok := s.Fields[key]
		if !ok {
			continue
		}
		value, ok := s.Scalar(f)
		name := strings.ReplaceAll(key, "brown_out", "brownout")
		switch {
		case !ok:
		case key == "do" && strings.Contains(value, "="):
			s.Wrong(f, "write the setting as a key of its own", "%s is more than a word", document.Quote(value))
		case key == "do":
			words = append(words, strings.ReplaceAll(value, "brown_out", "brownout"))
		case value == "true":
			words = append(words, name)
		case value != "false":
			words = append(words, name+"="+value)
		}
	}
	return words
}

// blamed returns what an error of package faults is about, as far as it says so.
func (s section) blamed(f document.Field, err error) document.Field {
	message := err.Error()
	for key, value := range s.Fields {
		if strings.HasPrefix(message, key+"=") {
			return value
		}
	}
	if do, ok := s.Fields["do"]; ok && strings.HasPrefix(message, "unknown fault") {
		return do
	}
	return f
}
