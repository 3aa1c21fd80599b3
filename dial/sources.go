package dial

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
)

// maxLocal is how many source addresses one CIDR prefix may stand for.
const maxLocal = 4096

// ParseLocal reads source addresses: one, or all of a CIDR prefix such as
// 127.0.1.0/28, without the network's own and its broadcast address.
func ParseLocal(text string) ([]netip.Addr, error) {
	const hint = "write an address of this machine, such as 10.0.0.7, or a prefix, such as 10.0.0.0/28"
	if !strings.Contains(text, "/") {
		ip, err := netip.ParseAddr(unbracket(text))
		if err != nil {
			return nil, &syntaxError{fmt.Sprintf("%q is not an IP address", text), hint}
		}
		return []netip.Addr{ip.Unmap()}, nil
	}
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return nil, &syntaxError{fmt.Sprintf("%q is not a CIDR prefix", text), hint}
	}
	if bits := prefix.Addr().BitLen() - prefix.Bits(); bits > 12 {
		return nil, &syntaxError{fmt.Sprintf("%s is more than %d addresses", prefix, maxLocal), "take a longer prefix: each address has its own 28,000 ports"}
	}
	return expand(prefix.Masked()), nil
}

// expand returns the addresses of a prefix that a machine can have.
func expand(prefix netip.Prefix) []netip.Addr {
	var all []netip.Addr
	for ip := prefix.Addr(); ip.IsValid() && prefix.Contains(ip); ip = ip.Next() {
		all = append(all, ip)
	}
	if len(all) > 2 && prefix.Addr().Is4() {
		return all[1 : len(all)-1]
	}
	return all
}

// sources are the addresses that connections leave from, in turn within each
// family.
type sources struct{ four, six source }

type source struct {
	ips  []netip.Addr
	next atomic.Uint64
}

// newSources checks that this machine has the addresses, and prepares the system's
// dialer to leave the choice of ports to the moment of connecting.
func newSources(ips []netip.Addr, system *net.Dialer) (*sources, error) {
	s := &sources{}
	for _, ip := range ips {
		probe, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(ip, 0)))
		if err != nil {
			return nil, fmt.Errorf("local_ips: %v is not an address of this machine: %w", ip, err)
		}
		_ = probe.Close()
		if ip.Is4() {
			s.four.ips = append(s.four.ips, ip)
		} else {
			s.six.ips = append(s.six.ips, ip)
		}
	}
	if len(ips) > 0 {
		system.Control = bindWithoutPort
	}
	return s, nil
}

// next returns where to connect to an address from; the zero value leaves it to
// the system.
func (s *sources) next(to netip.Addr) (netip.AddrPort, error) {
	if len(s.four.ips)+len(s.six.ips) == 0 {
		return netip.AddrPort{}, nil
	}
	own, family := &s.six, IPv6
	if to.Is4() {
		own, family = &s.four, IPv4
	}
	if len(own.ips) == 0 {
		return netip.AddrPort{}, fmt.Errorf("none of local_ips is an %s address, as %v needs: add one, or choose the family with dns.family", family, to)
	}
	turn := own.next.Add(1) - 1
	return netip.AddrPortFrom(own.ips[turn%uint64(len(own.ips))], 0), nil
}
