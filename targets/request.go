package targets

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// A Request is compiled once and sent many times: its bytes are ready, and so is
// the address they go to. It is made by [Target.Compile], never changes, and may
// be sent by any number of clients at once.
type Request struct {
	method  string
	url     *url.URL
	headers []Header // the caller's, for the redirects that repeat them
	body    []byte

	address string // host:port to dial
	host    string // name that a TLS certificate must be for; "" without TLS
	timeout time.Duration
	bytes   []byte // the whole request as it goes on the wire
	toHead  bool   // the answer has no body
}

// Method returns the request's method, such as GET.
func (r *Request) Method() string { return r.method }

// Address returns the host and port that the request is sent to.
func (r *Request) Address() string { return r.address }

// URL returns the absolute URL, with a password in it masked.
func (r *Request) URL() string { return r.url.Redacted() }

// Compile renders a request. The URL may be relative to BaseURL; headers replace
// the target's own of the same name; a body may be nil. Content-Length follows
// from the body. Unless named, User-Agent is floodmark and Accept is */*, and
// nothing asks for compression: bodies are counted as the target sends them.
//
// It returns an error for a host outside AllowHosts and for whatever would not
// be one well-formed HTTP/1.1 request.
func (t Target) Compile(method, rawURL string, headers []Header, body []byte) (*Request, error) {
	u, err := t.resolve(rawURL)
	if err != nil {
		return nil, err
	}
	if !validToken(method) || method == http.MethodConnect {
		return nil, fmt.Errorf("method %q cannot be sent", method)
	}
	if err := validateHeaders(headers); err != nil {
		return nil, err
	}
	return t.render(method, u, overlay(t.Headers, headers), body), nil
}

// render returns the request whose parts have been checked.
func (t Target) render(method string, u *url.URL, headers []Header, body []byte) *Request {
	r := &Request{
		method: method, url: u, headers: headers, body: body,
		address: address(u), timeout: t.timeout(), toHead: method == http.MethodHead,
	}
	if u.Scheme == "https" {
		r.host = u.Hostname()
	}
	b := fmt.Appendf(nil, "%s %s%s HTTP/1.1\r\n", method, t.origin(u), requestURI(u))
	for _, h := range t.lines(r) {
		b = fmt.Appendf(b, "%s: %s\r\n", h.Name, h.Value)
	}
	b = append(b, "\r\n"...)
	r.bytes = append(b, body...)
	return r
}

// plainProxy reports whether requests for a URL are written to a proxy, rather than
// through it.
func (t Target) plainProxy(u *url.URL) bool {
	return u.Scheme == "http" && t.Dialer != nil && t.Dialer.Proxied() != nil
}

// origin returns what stands before the path in the request line: nothing, but for
// a proxy the scheme and host (RFC 9112, section 3.2.2).
func (t Target) origin(u *url.URL) string {
	if !t.plainProxy(u) {
		return ""
	}
	return u.Scheme + "://" + strings.TrimSuffix(u.Host, ":")
}

// lines returns all lines of a request's head, Host first as RFC 9112 asks for.
func (t Target) lines(r *Request) []Header {
	host := strings.TrimSuffix(r.url.Host, ":") // an empty port is no port
	implied := []Header{{"Host", host}, {"User-Agent", "floodmark"}, {"Accept", "*/*"}}
	if r.url.User != nil {
		password, _ := r.url.User.Password()
		login := base64.StdEncoding.EncodeToString([]byte(r.url.User.Username() + ":" + password))
		implied = append(implied, Header{"Authorization", "Basic " + login})
	}
	if t.plainProxy(r.url) && t.Dialer.ProxyAuthorization() != "" {
		implied = append(implied, Header{"Proxy-Authorization", t.Dialer.ProxyAuthorization()})
	}
	if !t.Reuse {
		implied = append(implied, Header{"Connection", "close"})
	}
	if len(r.body) > 0 || sendsBody(r.method) {
		implied = append(implied, Header{"Content-Length", strconv.Itoa(len(r.body))})
	}
	lines := overlay(implied, r.headers)
	for i, h := range lines {
		if strings.EqualFold(h.Name, "Host") {
			copy(lines[1:i+1], lines[:i])
			lines[0] = h
		}
	}
	return lines
}

// overlay returns base without the headers that over names, and then over.
func overlay(base, over []Header) []Header {
	var out []Header
	for _, h := range base {
		if !has(over, h.Name) {
			out = append(out, h)
		}
	}
	return append(out, over...)
}

// has reports whether a header of the name is among headers.
func has(headers []Header, name string) bool {
	for _, h := range headers {
		if strings.EqualFold(h.Name, name) {
			return true
		}
	}
	return false
}

// sendsBody reports whether a method promises a body, so that even an empty one
// has its length announced (RFC 9110, section 8.6).
func sendsBody(method string) bool {
	return method == http.MethodPost || method == http.MethodPut || method == http.MethodPatch
}

// requestURI returns the target of the request line. Parsing leaves a query as it
// was written, so that a space in it would end the target early: such bytes are
// escaped.
func requestURI(u *url.URL) string {
	var b strings.Builder
	for _, c := range []byte(u.RequestURI()) {
		if c <= ' ' || c > '~' {
			fmt.Fprintf(&b, "%%%02X", c)
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}
