package dial

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// An Override gives the addresses of a host and port, so that they are not looked
// up, as curl's --resolve does.
type Override struct {
	Host  string // "*": any
	Port  uint16
	Addrs []netip.Addr // used in turn
}

// ParseOverride reads HOST:PORT:ADDR[,ADDR], HOST being a name or *.
func ParseOverride(text string) (Override, error) {
	const hint = "write HOST:PORT:ADDR[,ADDR], such as shop.test:443:10.0.0.1,10.0.0.2"
	host, rest, _ := strings.Cut(text, ":")
	portText, list, ok := strings.Cut(rest, ":")
	if !ok || host == "" || list == "" {
		return Override{}, &syntaxError{fmt.Sprintf("%q has not the three parts HOST:PORT:ADDR", text), hint}
	}
	if strings.ContainsAny(host[:1], "+-") {
		return Override{}, &syntaxError{fmt.Sprintf("%q begins with %q, which removes or ages entries of curl's cache: there is none here", text, host[:1]), hint}
	}
	port, ok := parsePort(portText)
	if !ok {
		return Override{}, &syntaxError{fmt.Sprintf("%q: port %q is not within 1 and 65535", text, portText), hint}
	}
	o := Override{Host: host, Port: port}
	for item := range strings.SplitSeq(list, ",") {
		ip, err := netip.ParseAddr(unbracket(item))
		if err != nil {
			return Override{}, &syntaxError{fmt.Sprintf("%q: %q is not an IP address", text, item), hint}
		}
		o.Addrs = append(o.Addrs, ip.Unmap())
	}
	return o, nil
}

// String returns the override as it is parsed.
func (o Override) String() string {
	addrs := make([]string, 0, len(o.Addrs))
	for _, ip := range o.Addrs {
		addrs = append(addrs, bracket(ip.String()))
	}
	return o.key() + ":" + strings.Join(addrs, ",")
}

// key is the host and port that the override is for.
func (o Override) key() string { return overrideKey(o.Host, strconv.Itoa(int(o.Port))) }

func overrideKey(host, port string) string { return strings.ToLower(host) + ":" + port }

// validateOverrides refuses overrides without effect.
func validateOverrides(all []Override) error {
	seen := map[string]bool{}
	var faults []error
	for _, o := range all {
		switch {
		case o.Host == "" || o.Port == 0 || len(o.Addrs) == 0:
			faults = append(faults, fmt.Errorf("resolve: %s lacks a host, a port or an address", o))
		case seen[o.key()]:
			faults = append(faults, fmt.Errorf("resolve: %s is given twice; write all its addresses in one", o.key()))
		}
		seen[o.key()] = true
	}
	return errors.Join(faults...)
}
