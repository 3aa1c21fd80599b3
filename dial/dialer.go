package dial

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"sync"
	"syscall"
	"time"
)

// A Dialer makes the connections of a run. Make it with [New]; one is shared by
// all users, and its methods may be called by any number of goroutines at once.
type Dialer struct {
	options   Options
	system    net.Dialer
	sources   *sources
	names     *names
	overrides map[string]*addresses
	proxy     *proxy // nil: none
	configs   sync.Map
}

// New checks the options and returns a Dialer. It binds each source address once,
// so that one which this machine does not have is told before any load.
func New(o Options) (*Dialer, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	d := &Dialer{options: o, overrides: map[string]*addresses{}}
	d.system.KeepAlive = -1
	if o.KeepAlive > 0 {
		d.system.KeepAlive = o.KeepAlive
	}
	began := time.Now()
	d.names = newNames(o.DNS, func() time.Duration { return time.Since(began) })
	for _, override := range o.Resolve {
		fixed := newAddresses(override.Addrs, o.DNS.Family)
		if len(fixed.list) == 0 {
			return nil, fmt.Errorf("resolve: %s has no %s address", override, o.DNS.Family)
		}
		d.overrides[override.key()] = fixed
	}
	d.proxy = newProxy(o.Proxy)
	var err error
	d.sources, err = newSources(o.LocalIPs, &d.system)
	return d, err
}

// Close ends the lookups that go on in the background. Connections stay open, and
// further ones can be made with the answers that are known.
func (d *Dialer) Close() { d.names.close() }

// Lookups returns how many names were looked up so far, and how many times in vain.
func (d *Dialer) Lookups() (asked, failed int64) {
	return d.names.asked.Load(), d.names.failed.Load()
}

// Proxied returns the proxy, without its name and password, to which plain requests
// are written in absolute form; nil if there is none.
func (d *Dialer) Proxied() *url.URL {
	if d.proxy == nil {
		return nil
	}
	shown := *d.proxy.url
	return &shown
}

// ProxyAuthorization returns the value of the header Proxy-Authorization that plain
// requests to the proxy carry; "" if they carry none.
func (d *Dialer) ProxyAuthorization() string {
	if d.proxy == nil {
		return ""
	}
	return d.proxy.authorization
}

// Connect opens a connection for the address, a host and port, within ctx. With
// tunnel, as TLS needs it, a proxy is asked for a way through; without, the
// connection is one to the proxy. An [ExhaustedError] error means that this machine, not
// the target, has run out of something; a name without addresses gives a
// *net.DNSError.
func (d *Dialer) Connect(ctx context.Context, address string, tunnel bool) (net.Conn, error) {
	if d.options.Unix != "" {
		return d.connectUnix(ctx)
	}
	if d.proxy != nil {
		return d.connectThrough(ctx, address, tunnel)
	}
	return d.direct(ctx, address)
}

// connectUnix connects to the unix socket. Where TCP would wait for room in the
// listener's queue, the system says EAGAIN: the wait is made here.
func (d *Dialer) connectUnix(ctx context.Context) (net.Conn, error) {
	for pause := time.Millisecond; ; pause = min(2*pause, maxPause) {
		conn, err := d.system.DialContext(ctx, "unix", d.options.Unix)
		if err == nil || !errors.Is(err, syscall.EAGAIN) {
			return conn, explain(err)
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil, fmt.Errorf("the queue of unix socket %s is full: %w", d.options.Unix, ctx.Err())
		}
	}
}

// maxPause is the longest pause between two tries to enter a unix socket's queue.
const maxPause = 16 * time.Millisecond

// direct connects to an address without a proxy.
func (d *Dialer) direct(ctx context.Context, address string) (net.Conn, error) {
	host, port := d.rewritten(address)
	number, ok := parsePort(port)
	if !ok {
		return nil, fmt.Errorf("address %q: the port is not within 1 and 65535", address)
	}
	found, err := d.find(ctx, host, port)
	if err != nil {
		return nil, err
	}
	return d.try(ctx, found, number)
}

// rewritten returns the host and port of an address, as the first rewrite about
// them changes them. They are empty if it is not an address.
func (d *Dialer) rewritten(address string) (host, port string) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", ""
	}
	for _, rule := range d.options.ConnectTo {
		if toHost, toPort, ok := rule.apply(host, port); ok {
			return toHost, toPort
		}
	}
	return host, port
}

// override returns the addresses that an override gives for a host and port, nil
// if there is none.
func (d *Dialer) override(host, port string) *addresses {
	if len(d.overrides) == 0 {
		return nil
	}
	if fixed := d.overrides[overrideKey(host, port)]; fixed != nil {
		return fixed
	}
	return d.overrides[overrideKey("*", port)]
}

// find returns the addresses of a host.
func (d *Dialer) find(ctx context.Context, host, port string) (*addresses, error) {
	if fixed := d.override(host, port); fixed != nil {
		return fixed, nil
	}
	ip, err := netip.ParseAddr(host)
	if err != nil { // it is a name
		return d.names.find(ctx, host)
	}
	one := newAddresses([]netip.Addr{ip}, d.options.DNS.Family)
	if len(one.list) == 0 {
		return nil, noAddress(host, d.options.DNS.Family)
	}
	return one, nil
}

// try connects to the first of the addresses that answers. Each but the last gets
// its share of the time that is left.
func (d *Dialer) try(ctx context.Context, found *addresses, port uint16) (net.Conn, error) {
	order := found.turn(d.names.clock())
	var first error
	for i, one := range order {
		conn, err := d.dialShare(ctx, netip.AddrPortFrom(one.ip, port), len(order)-i)
		if err == nil {
			one.worked()
			return conn, nil
		}
		if first == nil {
			first = err
		}
		var ours *ExhaustedError
		if ctx.Err() != nil || errors.As(err, &ours) {
			return nil, err
		}
		one.failed(d.names.clock())
	}
	return nil, first
}

// dialShare connects within an equal part of the time that ctx leaves for so many
// addresses.
func (d *Dialer) dialShare(ctx context.Context, to netip.AddrPort, shares int) (net.Conn, error) {
	if deadline, ok := ctx.Deadline(); ok && shares > 1 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)/time.Duration(shares))
		defer cancel()
	}
	from, err := d.sources.next(to.Addr())
	if err != nil {
		return nil, err
	}
	conn, err := d.dialFrom(ctx, from, to)
	if err != nil {
		return nil, explain(err)
	}
	if tcp, ok := conn.(*net.TCPConn); ok && d.options.Nagle {
		if err := tcp.SetNoDelay(false); err != nil {
			_ = conn.Close()
			return nil, err
		}
	}
	return conn, nil
}

// dialFrom connects from an address, or from where the system chooses. That is not the
// same as from the zero address: DialTCP would bind to it before it connects, and so
// take a port that no other connection has, whatever it leads to. That
// leaves as many connections as there are ports, and finding one takes the longer,
// the fewer are left.
func (d *Dialer) dialFrom(ctx context.Context, from, to netip.AddrPort) (net.Conn, error) {
	if !from.IsValid() {
		return d.system.DialContext(ctx, "tcp", to.String())
	}
	return d.system.DialTCP(ctx, "tcp", from, to)
}
