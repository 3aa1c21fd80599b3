package profiles

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/floodmark/floodmark/profiles/document"
)

// masker hides secrets such that the profile still parses: names stay different from each other and the same wherever
// they stand, and URLs stay URLs.
type masker struct {
	redact func(string) string
	names  map[[2]string]string // document.Masked name by kind and name
	taken  map[[2]string]bool   // by kind and document.Masked name
}

func newMasker(p *Profile) *masker {
	var pairs []string
	for _, form := range document.Forms(p.secrets()) {
		pairs = append(pairs, form, document.Masked)
	}
	m := &masker{
		redact: strings.NewReplacer(pairs...).Replace,
		names:  map[[2]string]string{},
		taken:  map[[2]string]bool{},
	}
	for i, s := range p.Load.segments() {
		// A name that floodmark gave is given again, so a selector must keep it.
		if !p.Load.Executor.Ramping() || p.Load.Stages[i].Name == "" {
			id := [2]string{"stage", s.Name}
			m.names[id], m.taken[id] = s.Name, true
		}
	}
	return m
}

// name masks a name; a second one that would look the same gets a number.
func (m *masker) name(kind, name string) string {
	id := [2]string{kind, name}
	if known, ok := m.names[id]; ok {
		return known
	}
	hidden := m.redact(name)
	for n := 2; m.taken[[2]string{kind, hidden}]; n++ {
		hidden = m.redact(name) + " " + strconv.Itoa(n)
	}
	m.names[id], m.taken[[2]string{kind, hidden}] = hidden, true
	return hidden
}

// label masks the value of a selector's label as the name it refers to.
func (m *masker) label(label, value string) string {
	if label == "method" {
		return value
	}
	return m.name(label, value)
}

// url masks a URL part by part: scheme and port are what makes it one, and are not secret. Where a part document.Masked is no part
// of a URL any more, as half an escape is not, all below the host is document.Masked.
func (m *masker) url(rawURL string) string {
	front, rest := "", rawURL
	if u, err := url.Parse(rawURL); err == nil && u.Host != "" {
		front, rest = u.Scheme+"://"+m.user(u)+m.host(u.Host), u.EscapedPath()
		if u.RawQuery != "" {
			rest += "?" + u.RawQuery
		}
	}
	rest = m.redact(rest)
	if rest != "" && rest[0] != '/' && rest[0] != '?' || front == "" && rest == "" {
		rest = "/" + rest
	}
	if _, err := url.Parse(front + rest); err != nil {
		rest = "/" + document.Masked
	}
	return front + rest
}

func (m *masker) user(u *url.URL) string {
	if u.User == nil {
		return ""
	}
	return m.redact(u.User.String()) + "@"
}

// host masks a host and keeps its port.
func (m *masker) host(hostport string) string {
	host, port := hostport, ""
	if i := strings.LastIndexByte(hostport, ':'); i > 0 && (hostport[i-1] == ']' || strings.Count(hostport, ":") == 1) {
		host, port = hostport[:i], hostport[i:]
	}
	hidden := m.redact(host)
	if hidden != host && strings.Contains(host, ":") {
		hidden = document.Masked // brackets hold an address or nothing
	}
	return hidden + port
}
