package profiles

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/floodmark/floodmark/profiles/document"
)

// Bounds of values. They keep the arithmetic exact and a slip of the pen from being tried.
const (
	maxName     = 80
	maxRate     = 10e6 // per second
	maxUsers    = 1_000_000
	maxDuration = 30 * 24 * time.Hour
	maxStages   = 1000
	maxTimeout  = time.Hour
)

// check judges what belongs to no section.
func (p *Profile) check(ps *document.Problems) {
	switch {
	case p.Version == 0:
		ps.Missing("version", "write version: 1")
	case p.Version != 1:
		ps.Add("version", "write version: 1", "version %d of the format is not supported", p.Version)
	}
	switch {
	case strings.TrimSpace(p.Name) == "":
		ps.Add("name", "leave it out to use the file's name", "the name is empty")
	case len([]rune(p.Name)) > maxName:
		ps.Add("name", "", "the name is longer than %d characters", maxName)
	case strings.ContainsAny(p.Name, `/\`) || hasControl(p.Name) || strings.Trim(p.Name, ".") == "":
		ps.Add("name", "use letters, digits, spaces and - _ .", "the name cannot name a folder")
	}
}

func hasControl(text string) bool { return strings.ContainsFunc(text, unicode.IsControl) }

func (t Target) check(ps *document.Problems) {
	t.checkBaseURL(ps)
	for i, host := range t.AllowHosts {
		if host == "" || strings.ContainsAny(host, "/@?# ") || hasControl(host) {
			ps.Add(fmt.Sprintf("target.allow_hosts[%d]", i), "write a host name or address, such as localhost", "%s is not a host", document.Quote(host))
		}
	}
	t.checkProtocol(ps)
	checkPositive(ps, "target.timeout", t.Timeout, maxTimeout)
	t.Connections.check(ps)
	t.TLS.check(ps)
	checkHeaders(ps, "target", t.Headers)
	if t.Redirects < 0 || t.Redirects > 20 {
		ps.Add("target.redirects", "0 follows none", "redirects must be from 0 to 20")
	}
}

func (t Target) checkBaseURL(ps *document.Problems) {
	const path = "target.base_url"
	const hint = "write it like http://127.0.0.1:8080"
	if t.BaseURL == "" {
		ps.Missing(path, "say where requests go: base_url: http://127.0.0.1:8080")
		return
	}
	u, err := url.Parse(t.BaseURL)
	switch {
	case err != nil, u.Opaque != "", !slices.Contains([]string{"http", "https"}, u.Scheme), u.Hostname() == "":
		ps.Add(path, hint, "the base URL is not an http or https URL with a host")
	case u.RawQuery != "" || u.Fragment != "" || strings.ContainsAny(t.BaseURL, "?#"):
		ps.Add(path, "put the query into the steps", "the base URL has a query or a fragment")
	case hasControl(t.BaseURL) || strings.Contains(t.BaseURL, " "):
		ps.Add(path, hint, "the base URL holds a space or a control character")
	case !t.allows(u):
		ps.Add(path, "add it to target.allow_hosts", "the host %s is not in allow_hosts", document.Quote(u.Host))
	}
}

// allows reports whether requests may go to a URL's host. An entry without a port allows every port; no entry at all allows
// the host of the base URL, and where that is no URL it is the one to mend.
func (t Target) allows(u *url.URL) bool {
	if len(t.AllowHosts) == 0 {
		base, err := url.Parse(t.BaseURL)
		return err != nil || base.Host == "" || strings.EqualFold(base.Hostname(), u.Hostname())
	}
	return slices.ContainsFunc(t.AllowHosts, func(host string) bool {
		return strings.EqualFold(host, u.Host) || strings.EqualFold(strings.Trim(host, "[]"), u.Hostname())
	})
}

func checkPositive(ps *document.Problems, path string, d, most time.Duration) {
	switch {
	case d < 0:
		ps.Add(path, "a duration is 0s or more", "%s is negative", document.LastKey(path))
	case d == 0:
		ps.Add(path, "", "%s must be more than 0s", document.LastKey(path))
	case d > most:
		ps.Add(path, "", "%s is longer than %s", document.LastKey(path), FormatDuration(most))
	}
}

// checkHeaders looks for what cannot be sent, or would break the framing of the request it is sent with.
func checkHeaders(ps *document.Problems, path string, headers []Header) {
	for i, h := range headers {
		at := document.Join(path+".headers", h.Name)
		switch {
		case !isToken(h.Name):
			ps.AddKey(at, "use letters, digits and -", "%s cannot name a header", document.Quote(h.Name))
		case hasControl(strings.ReplaceAll(h.Value, "\t", " ")):
			ps.Add(at, "a header is one line", "the value of header %s holds a control character", h.Name)
		case slices.Contains([]string{"content-length", "transfer-encoding", "connection"}, strings.ToLower(h.Name)):
			ps.AddKey(at, "remove it", "the header %s is set by floodmark itself", h.Name)
		case hasTemplate(h.Value):
			ps.Add(at, "write the value itself", "templates ({{ … }}) are not supported yet")
		case hasHeader(headers[:i], h.Name):
			ps.AddKey(at, "keep one; case does not matter in names", "the header %s stands here twice", h.Name)
		}
	}
}

func hasTemplate(text string) bool { return strings.Contains(text, "{{") }

// isToken reports whether name may name a header (RFC 9110, section 5.6.2).
func isToken(name string) bool {
	for _, c := range []byte(name) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && !strings.ContainsRune("!#$%&'*+-.^_`|~", rune(c)) {
			return false
		}
	}
	return name != ""
}

func (s Success) check(ps *document.Problems) {
	if len(s.Status) == 0 {
		ps.Add("success.status", "leave it out for 200-399", "no status counts as a success")
	}
	for i, r := range s.Status {
		if r.Low < 100 || r.High > 599 || r.Low > r.High {
			ps.Add(fmt.Sprintf("success.status[%d]", i), "write 2xx, 304 or 200-204", "%d-%d is not a range of statuses", r.Low, r.High)
		}
	}
	if s.MaxLatency < 0 {
		ps.Add("success.max_latency", "a duration is 0s or more", "max_latency is negative")
	}
}
