package receivers

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/go-resty/resty/v2"
)

// A Policy is what whoever runs the process allows profiles, which others may have
// written, to reach. The zero value allows all hosts but those that are never meant:
// link-local addresses, among them the metadata services of clouds, multicast, and the
// unspecified address.
type Policy struct {
	AllowHosts  []string // names, or *.example.com for all below; none: all
	DenyPrivate bool     // no private and no loopback addresses
	UserAgent   string   // "": floodmark
}

// errDenied is an address that the policy does not allow.
var errDenied = errors.New("the address is not allowed for receivers")

// client makes the HTTP client for one URL. It follows no redirects, does not try again,
// and keeps no connections: messages are rare, and one that is lost on a connection the
// other side has given up may have arrived.
func (p Policy) client(rawURL string, proxyFor func(*http.Request) (*url.URL, error)) (*resty.Client, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, &fault{"url", "cannot be read", ""}
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if !p.allowsHost(host) {
		return nil, &fault{"url", fmt.Sprintf("the host %s is not among those allowed", host), "add it to the hosts that receivers may reach"}
	}
	if addr, err := netip.ParseAddr(host); err == nil {
		if err := p.allows(addr); err != nil {
			return nil, &fault{"url", err.Error(), ""}
		}
	}
	proxy, err := proxyFor(&http.Request{URL: u})
	if err != nil {
		return nil, &fault{"url", "the environment's proxy is not a URL", "see HTTPS_PROXY and HTTP_PROXY"}
	}
	transport := &http.Transport{
		DialContext:            p.dialer(proxy != nil).DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    10 * time.Second,
		DisableKeepAlives:      true,
		DisableCompression:     true,
		MaxResponseHeaderBytes: 64 << 10,
	}
	if proxy != nil {
		transport.Proxy = http.ProxyURL(proxy)
	}
	refuse := resty.RedirectPolicyFunc(func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse })
	return resty.New().SetTransport(transport).SetRedirectPolicy(refuse).SetRetryCount(0).
		SetLogger(silent{}).SetDoNotParseResponse(true), nil
}

// dialer looks at each address after the name was resolved, so that no name can lead
// where the policy forbids. A proxy is whoever runs the process's own choice, and may be
// private; where it connects to it alone knows.
func (p Policy) dialer(toProxy bool) *net.Dialer {
	if toProxy {
		p.DenyPrivate = false
	}
	return &net.Dialer{
		Timeout: 10 * time.Second,
		ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
			where, err := netip.ParseAddrPort(address)
			if err != nil {
				return errDenied
			}
			return p.allows(where.Addr())
		},
	}
}

// allowsHost reports whether the list of hosts has this one.
func (p Policy) allowsHost(host string) bool {
	if len(p.AllowHosts) == 0 {
		return true
	}
	return slices.ContainsFunc(p.AllowHosts, func(pattern string) bool {
		pattern = strings.TrimSuffix(strings.ToLower(pattern), ".")
		if suffix, ok := strings.CutPrefix(pattern, "*"); ok && strings.HasPrefix(suffix, ".") {
			return strings.HasSuffix(host, suffix) && host != suffix
		}
		return host == pattern
	})
}

// allows returns an error if no connection to the address is allowed.
func (p Policy) allows(addr netip.Addr) error {
	addr = innermost(addr.WithZone(""))
	switch {
	case addr.IsLinkLocalUnicast():
		return fmt.Errorf("%w: %s is link-local, where clouds keep credentials", errDenied, addr)
	case addr.IsUnspecified() || addr.IsMulticast() || within(addr, "0.0.0.0/8", "255.255.255.255/32"):
		return fmt.Errorf("%w: %s is no host", errDenied, addr)
	case within(addr, "100.100.100.200/32", "fd00:ec2::254/128"):
		return fmt.Errorf("%w: %s is where clouds keep credentials", errDenied, addr)
	case p.DenyPrivate && (addr.IsPrivate() || addr.IsLoopback() || within(addr, "100.64.0.0/10", "198.18.0.0/15", "fec0::/10")):
		return fmt.Errorf("%w: %s is private", errDenied, addr)
	}
	return nil
}

// innermost returns the IPv4 address that an IPv6 address stands for: mapped, or behind
// NAT64 (RFC 6052) or 6to4 (RFC 3056).
func innermost(addr netip.Addr) netip.Addr {
	addr = addr.Unmap()
	if !addr.Is6() {
		return addr
	}
	b := addr.As16()
	switch {
	case within(addr, "64:ff9b::/96"):
		return netip.AddrFrom4([4]byte(b[12:16]))
	case within(addr, "2002::/16"):
		return netip.AddrFrom4([4]byte(b[2:6]))
	}
	return addr
}

// within reports whether the address is in one of the networks.
func within(addr netip.Addr, networks ...string) bool {
	return slices.ContainsFunc(networks, func(n string) bool { return netip.MustParsePrefix(n).Contains(addr) })
}

// silent keeps resty from writing to standard error, where its lines would show URLs.
type silent struct{}

// Errorf drops the line.
func (silent) Errorf(string, ...any) {}

// Warnf drops the line.
func (silent) Warnf(string, ...any) {}

// Debugf drops the line.
func (silent) Debugf(string, ...any) {}
