package targets

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/floodmark/floodmark/dial"
)

// DefaultTimeout is the timeout of requests of a target that names none.
const DefaultTimeout = 30 * time.Second

// A Header is one line of a request's head.
type Header struct{ Name, Value string }

// Connections says how clients hold connections. The zero value gives each client
// its own, for as long as the server keeps them.
type Connections struct {
	Shared      bool          // any client takes any free one: for many users who mostly pause
	Max         int           // open at once, where they are shared; 0 means any number
	IdleTimeout time.Duration // one that has rested longer is not used again; 0 means no limit
	MaxRequests int64         // exchanges on one before it is closed; 0 means no limit
}

// A Target is everything that all requests share. The zero value allows no host;
// a BaseURL alone is enough. It is not changed by its methods, which may be
// called from any goroutine.
type Target struct {
	// BaseURL is what the URLs of requests are relative to, as links on a page
	// are to the page's own (RFC 3986, section 5). Nil if they are all absolute.
	BaseURL *url.URL

	// AllowHosts lists the hosts, as "host" or "host:port", to which anything
	// may be sent, redirects included. When empty, only BaseURL's own host is.
	AllowHosts []string

	// Timeout bounds an exchange from its first step (dialling) to the last byte
	// of its answer, all redirects included; 0 means DefaultTimeout.
	Timeout time.Duration

	// Headers go with every request, unless the request has its own of that name.
	Headers []Header

	// Dialer makes the connections; nil means direct ones, as dial.Options{} has
	// them.
	Dialer *dial.Dialer

	// Reuse keeps a user's connections open from one request to the next. Without
	// it each request dials, and asks the server to close afterwards.
	Reuse bool

	// Connections says how connections are held, besides.
	Connections Connections

	// Redirects is how many redirects a request follows; 0 means none, and the
	// answer that redirects is then the answer.
	Redirects int
}

// Validate returns everything that is wrong with the target's fields, joined.
func (t Target) Validate() error {
	var faults []error
	if t.BaseURL != nil {
		if err := t.check(t.BaseURL); err != nil {
			faults = append(faults, fmt.Errorf("base_url: %w", err))
		}
	}
	for _, host := range t.AllowHosts {
		if host == "" || strings.ContainsAny(host, "/ ") {
			faults = append(faults, fmt.Errorf("allow_hosts: %q is not a host", host))
		}
	}
	faults = append(faults, validateHeaders(t.Headers))
	if t.Timeout < 0 {
		faults = append(faults, fmt.Errorf("timeout %v is negative", t.Timeout))
	}
	if t.Redirects < 0 {
		faults = append(faults, fmt.Errorf("redirects %d is negative", t.Redirects))
	}
	return errors.Join(faults...)
}

// timeout returns the timeout that holds.
func (t Target) timeout() time.Duration {
	if t.Timeout == 0 {
		return DefaultTimeout
	}
	return t.Timeout
}

// resolve returns the absolute URL that raw stands for, if it may be called.
func (t Target) resolve(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("url %q: %w", raw, errors.Unwrap(err))
	}
	if t.BaseURL != nil {
		u = t.BaseURL.ResolveReference(u)
	}
	if err := t.check(u); err != nil {
		return nil, fmt.Errorf("url %q: %w", raw, err)
	}
	return u, nil
}

// check says why an absolute URL cannot or must not be called.
func (t Target) check(u *url.URL) error {
	switch {
	case u.Scheme == "" && u.Host == "":
		return errors.New("it is relative, and there is no base_url")
	case u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("scheme %q is neither http nor https", u.Scheme)
	case u.Hostname() == "":
		return errors.New("it names no host")
	case strings.ContainsFunc(u.Host, func(r rune) bool { return r <= ' ' || r > '~' }):
		return fmt.Errorf("host %q is not ASCII; write it in its xn-- form", u.Host)
	case strings.Contains(u.Host, "%"):
		return fmt.Errorf("host %q has an escape or a zone in it", u.Host)
	case !validPort(u.Port()):
		return fmt.Errorf("port %s is not within 1 and 65535", u.Port())
	case !t.allowed(u):
		return fmt.Errorf("host %s is not in allow_hosts", u.Host)
	}
	return nil
}

// validPort reports whether a URL's port, if it has one, can be dialled.
func validPort(port string) bool {
	n, err := strconv.ParseUint(port, 10, 16)
	return port == "" || err == nil && n > 0
}

// allowed reports whether requests may go to the URL's host.
func (t Target) allowed(u *url.URL) bool {
	if len(t.AllowHosts) == 0 {
		return t.BaseURL != nil && strings.EqualFold(u.Hostname(), t.BaseURL.Hostname())
	}
	for _, host := range t.AllowHosts {
		plain := strings.Trim(host, "[]") // an IPv6 address may stand bare or in brackets
		if strings.EqualFold(plain, u.Hostname()) || strings.EqualFold(host, address(u)) {
			return true
		}
	}
	return false
}

// address returns the host:port to dial for a URL.
func address(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = "80"
		if u.Scheme == "https" {
			port = "443"
		}
	}
	return net.JoinHostPort(u.Hostname(), port)
}
