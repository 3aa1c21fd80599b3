package receivers

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/floodmark/floodmark/nearest"
	"github.com/floodmark/floodmark/quantity"
)

// A fault is what is wrong with a spec, by the profile's key, and how to mend it. It does
// not repeat values, which may be secrets.
type fault struct{ field, text, hint string }

// Error says where, then why.
func (f *fault) Error() string { return f.field + ": " + f.text }

// Hint says how to mend it, "" if there is no more to say.
func (f *fault) Hint() string { return f.hint }

// errNotJSON is a body that the other side could not read.
var errNotJSON = errors.New("does not make JSON")

// Validate checks all that can be checked without sending, and returns all faults at
// once. Those with something to say on it have a Hint() string.
func (s *Spec) Validate() error {
	kind, ok := serviceOf(s.Type)
	if !ok {
		return s.unknownType()
	}
	all := s.misplaced(&kind)
	switch {
	case kind.build != nil:
		all = append(all, s.checkURL(&kind))
	case s.Type == "exec" && (len(s.Command) == 0 || s.Command[0] == ""):
		all = append(all, &fault{"command", "is missing", "command: [./on-alert.sh]"})
	case s.Type == "file" && s.Path == "":
		all = append(all, &fault{"path", "is missing", "path: alerts.ndjson"})
	}
	all = append(all, s.checkKey(), s.checkSecret(), s.checkHeaders(), s.checkTemplates(&kind))
	if s.Timeout < 0 {
		all = append(all, &fault{"timeout", "is negative", ""})
	}
	return errors.Join(all...)
}

// unknownType is the fault of a type that does not exist.
func (s *Spec) unknownType() error {
	hint := "one of " + strings.Join(Types(), ", ")
	if s.Type == "" {
		return &fault{"type", "is missing", hint}
	}
	if meant := nearest.Word(s.Type, Types()); meant != "" {
		hint = "did you mean " + meant + "?"
	}
	return &fault{"type", fmt.Sprintf("there is no receiver %q", cutRunes(quantity.Line(s.Type), 30)), hint}
}

// misplaced are the faults of fields that the type does not have.
func (s *Spec) misplaced(kind *service) []error {
	given := []struct {
		key string
		set bool
	}{
		{"url", s.URL != ""},
		{"key", s.Key != ""},
		{"signing_secret", s.SigningSecret != ""},
		{"headers", len(s.Headers) > 0},
		{"command", len(s.Command) > 0},
		{"path", s.Path != ""},
		{"body", s.Body != ""},
		{"channel", s.Channel != ""},
		{"username", s.Username != ""},
		{"allow_http", s.AllowHTTP},
	}
	known := strings.Fields(kind.uses)
	var all []error
	for _, g := range given {
		if g.set && !slices.Contains(known, g.key) {
			all = append(all, &fault{g.key, "is nothing for " + kind.name, kind.name + " has " + strings.Join(known, ", ")})
		}
	}
	return all
}

// checkURL wants https, or http to this machine, and no password in it.
func (s *Spec) checkURL(kind *service) error {
	if s.URL == "" {
		if kind.url != "" {
			return nil
		}
		return &fault{"url", "is missing", `url: "${` + strings.ToUpper(kind.name) + `_URL}", with the URL in the environment`}
	}
	u, err := url.Parse(s.URL)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.Opaque != "":
		return &fault{"url", "is not a URL of http or https", "https://host/path"}
	case u.User != nil:
		return &fault{"url", "has a user or password in it", "webhook and alertmanager can send a header: Authorization"}
	case u.Scheme == "http" && !s.AllowHTTP && !loopback(u.Hostname()):
		return &fault{"url", "is http, so that everybody on the way could read and change it", "use https, or say allow_http: true"}
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return &fault{"url", "has a port that is none", ""}
		}
	}
	return nil
}

// loopback reports whether a host is this machine.
func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback() || strings.EqualFold(host, "localhost")
}

// checkKey wants a key in the form that the service gives out.
func (s *Spec) checkKey() error {
	switch {
	case s.Type != "pagerduty" && s.Type != "opsgenie":
		return nil
	case s.Key == "":
		return &fault{"key", "is missing", `key: "${` + strings.ToUpper(s.Type) + `_KEY}"`}
	case strings.ContainsFunc(s.Key, func(r rune) bool { return r <= ' ' || r > '~' }):
		return &fault{"key", "has spaces or characters in it that keys have not", ""}
	case s.Type == "pagerduty" && len(s.Key) != 32:
		return &fault{"key", fmt.Sprintf("has %d characters, and routing keys have 32", len(s.Key)), "it is the integration key of Events API v2"}
	}
	return nil
}

// checkSecret wants the form of Standard Webhooks.
func (s *Spec) checkSecret() error {
	const hint = "whsec_ and 24 to 64 random bytes in base64: echo whsec_$(openssl rand -base64 32)"
	if s.SigningSecret != "" && len(strings.Fields(s.SigningSecret)) == 0 {
		return &fault{"signing_secret", "is blank", hint}
	}
	for secret := range strings.FieldsSeq(s.SigningSecret) {
		key, err := secretKey(secret)
		switch {
		case !strings.HasPrefix(secret, secretPrefix):
			return &fault{"signing_secret", "does not begin with whsec_", hint}
		case err != nil:
			return &fault{"signing_secret", "is not base64 after whsec_", hint}
		case len(key) < 24 || len(key) > 64:
			return &fault{"signing_secret", fmt.Sprintf("has %d bytes", len(key)), hint}
		}
	}
	return nil
}

// checkHeaders wants names and values that HTTP can carry, and leaves ours to us.
func (s *Spec) checkHeaders() error {
	var seen []string
	for _, h := range s.Headers {
		name := strings.ToLower(h[0])
		shown := cutRunes(quantity.Line(h[0]), 40)
		switch {
		case name == "" || strings.ContainsFunc(name, notInNames):
			return &fault{"headers", fmt.Sprintf("%q is no name of a header", shown), ""}
		case slices.Contains([]string{"host", "content-length", "transfer-encoding", "connection", "user-agent"}, name), strings.HasPrefix(name, "webhook-"):
			return &fault{"headers", shown + " is set by floodmark", ""}
		case slices.Contains(seen, name):
			return &fault{"headers", shown + " is there twice", ""}
		case h[1] == "":
			return &fault{"headers", shown + " is empty", "is its variable set?"}
		case strings.ContainsFunc(h[1], func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }):
			return &fault{"headers", shown + " has a control character or line break in it", ""}
		}
		seen = append(seen, name)
	}
	return nil
}

// notInNames reports whether a header's name cannot have the character (RFC 9110, 5.6.2).
func notInNames(r rune) bool {
	return (r < 'a' || r > 'z') && (r < '0' || r > '9') && !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
}
