package dial

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"time"
)

// Options says how connections are made. The zero value connects directly, with
// the system's resolver, TCP_NODELAY, no keep-alive probes, and TLS of version 1.2
// at least with verified certificates and resumed sessions.
type Options struct {
	// Unix is the path of a unix socket that all connections go to, whatever the
	// address; "" for none.
	Unix string

	// Proxy is an http:// or https:// proxy that all connections go through: by
	// CONNECT where a tunnel is asked for, else by requests in absolute form, which
	// the caller writes (see [Dialer.Proxied]). A name and password in it are sent
	// to the proxy and shown nowhere.
	Proxy *url.URL

	ConnectTo []Rewrite  // the first that matches an address holds
	Resolve   []Override // addresses that are not looked up
	DNS       DNS

	// LocalIPs are the source addresses that connections leave from, in turn. Each
	// has its own ports, some 28,000 for each address of a target.
	LocalIPs []netip.Addr

	// Nagle switches TCP_NODELAY off, so that the kernel may hold small writes back
	// until earlier ones are acknowledged.
	Nagle bool

	// KeepAlive is the time between probes on an idle connection; 0 means none, as
	// they cost three system calls a connection to tell what a timeout tells sooner.
	KeepAlive time.Duration

	TLS TLS
}

// TLS says how connections are secured. The zero value verifies certificates
// against the system's authorities and speaks TLS 1.2 or 1.3.
type TLS struct {
	Insecure     bool              // accept any certificate
	RootCAs      *x509.CertPool    // authorities; nil: the system's
	Certificates []tls.Certificate // the client's own, for targets that ask
	ServerName   string            // sent as SNI and verified instead of the host; "": the host
	MinVersion   uint16            // such as tls.VersionTLS13; 0: TLS 1.2
	MaxVersion   uint16            // 0: the newest
	NoResumption bool              // make every handshake a full one
}

// Validate returns everything that is wrong with the options, joined.
func (o Options) Validate() error {
	faults := []error{o.validateUnix(), validateProxy(o.Proxy), o.DNS.validate(), o.TLS.validate()}
	if o.Proxy != nil && len(o.ConnectTo) > 0 {
		faults = append(faults, errors.New("connect_to does not hold behind a proxy, which is told the host of the URL: leave one of the two out"))
	}
	for _, r := range o.ConnectTo {
		faults = append(faults, r.validate())
	}
	faults = append(faults, validateOverrides(o.Resolve))
	for _, ip := range o.LocalIPs {
		if !ip.IsValid() || ip.IsUnspecified() || ip.IsMulticast() {
			faults = append(faults, fmt.Errorf("local_ips: %v is not an address to connect from", ip))
		}
	}
	if o.KeepAlive < 0 {
		faults = append(faults, fmt.Errorf("keep_alive %v is negative; 0s means no probes", o.KeepAlive))
	}
	return errors.Join(faults...)
}

// validateUnix refuses what would have no effect on a unix socket: an option that
// does nothing is a mistake that nobody notices.
func (o Options) validateUnix() error {
	if o.Unix == "" {
		return nil
	}
	idle := map[string]bool{
		"proxy": o.Proxy != nil, "connect_to": len(o.ConnectTo) > 0,
		"resolve": len(o.Resolve) > 0, "local_ips": len(o.LocalIPs) > 0,
	}
	var faults []error
	for _, name := range []string{"proxy", "connect_to", "resolve", "local_ips"} {
		if idle[name] {
			faults = append(faults, fmt.Errorf("%s has no effect with unix, where all connections go to one socket: leave one of the two out", name))
		}
	}
	if len(o.Unix) > maxUnix {
		faults = append(faults, fmt.Errorf("unix: the path is %d bytes long, and systems take no more than %d", len(o.Unix), maxUnix))
	}
	return errors.Join(faults...)
}

// maxUnix is the longest path of a socket on Linux, less its final zero byte.
const maxUnix = 107

func (t TLS) validate() error {
	low, high := t.minVersion(), t.MaxVersion
	for _, v := range []uint16{low, high} {
		if v != 0 && (v < tls.VersionTLS10 || v > tls.VersionTLS13) {
			return fmt.Errorf("tls: version %#x is not one of TLS 1.0 to 1.3", v)
		}
	}
	if high != 0 && high < low {
		return fmt.Errorf("tls: max_version %s is below min_version %s", tls.VersionName(high), tls.VersionName(low))
	}
	return nil
}

func (t TLS) minVersion() uint16 {
	if t.MinVersion == 0 {
		return tls.VersionTLS12
	}
	return t.MinVersion
}
