package receivers

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"github.com/floodmark/floodmark/quantity"
)

// hidden stands where a secret was.
const hidden = "***"

// minSecret is how short a secret may be, in bytes; what is shorter is part of too many
// words, and guards nothing.
const minSecret = 4

// A mask hides secrets in texts.
type mask struct{ replacer *strings.Replacer }

// secretsOf collects what must not be seen of a spec: of the URL all but scheme and host.
func secretsOf(s *Spec) *mask {
	all := []string{s.Key, s.SigningSecret, s.Path}
	for word := range strings.FieldsSeq(s.SigningSecret) {
		all = append(all, word, strings.TrimPrefix(word, secretPrefix))
	}
	for _, h := range s.Headers {
		all = append(all, h[1])
		if _, credentials, found := strings.Cut(h[1], " "); found { // Bearer, Basic
			all = append(all, credentials)
		}
	}
	if len(s.Command) > 0 {
		all = append(all, s.Command[1:]...)
	}
	all = append(all, secretsOfURL(s)...)
	return newMask(all)
}

// secretsOfURL returns the URL, its path and query, and their parts.
func secretsOfURL(s *Spec) []string {
	if kind, ok := serviceOf(s.Type); ok && s.URL == kind.url {
		return nil // everybody's
	}
	u, err := url.Parse(s.URL)
	if err != nil {
		return []string{s.URL}
	}
	all := []string{s.URL, u.RawQuery, u.Fragment}
	all = append(all, u.User.String(), u.User.Username())
	if password, ok := u.User.Password(); ok {
		all = append(all, password)
	}
	for _, values := range u.Query() {
		all = append(all, values...)
	}
	for _, path := range []string{u.Path, u.EscapedPath()} {
		all = append(all, strings.Trim(path, "/"))
		for part := range strings.SplitSeq(path, "/") {
			if len(part) >= 2*minSecret { // services, api, hooks are no secrets
				all = append(all, part)
			}
		}
	}
	return all
}

// newMask makes a mask of secrets, and of them as they are written in JSON and URLs.
func newMask(secrets []string) *mask {
	var all []string
	for _, s := range secrets {
		inJSON, _ := json.Marshal(s)
		unescaped, _ := encode(s)
		all = append(all, s, strings.Trim(string(inJSON), `"`), strings.Trim(string(unescaped), `"`), url.QueryEscape(s), url.PathEscape(s), quantity.Line(s))
	}
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) }) // a part must not spoil the whole
	var pairs []string
	for _, s := range slices.Compact(all) {
		if len(s) >= minSecret {
			pairs = append(pairs, s, hidden)
		}
	}
	return &mask{strings.NewReplacer(pairs...)}
}

// hide returns the text without the secrets.
func (m *mask) hide(text string) string { return m.replacer.Replace(text) }
