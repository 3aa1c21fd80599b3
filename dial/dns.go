package dial

import (
	"context"
	"fmt"
	"math"
	"net/netip"
	"time"
)

// DefaultTTL is how long the addresses of a name are used, unless told otherwise.
const DefaultTTL = 30 * time.Second

// Forever is the TTL with which a name is looked up once in a run.
const Forever = time.Duration(math.MaxInt64)

// A Family is a version of IP.
type Family int

// The families of addresses that connections may be made to.
const (
	AnyFamily Family = iota
	IPv4
	IPv6
)

// String returns the family's name.
func (f Family) String() string {
	switch f {
	case IPv4:
		return "IPv4"
	case IPv6:
		return "IPv6"
	case AnyFamily:
	}
	return "IP"
}

// network is the family in the words of net's lookups.
func (f Family) network() string {
	switch f {
	case IPv4:
		return "ip4"
	case IPv6:
		return "ip6"
	case AnyFamily:
	}
	return "ip"
}

// has reports whether an address is of the family.
func (f Family) has(ip netip.Addr) bool { return f == AnyFamily || (f == IPv4) == ip.Is4() }

// DNS says how names become addresses.
type DNS struct {
	// TTL is how long an answer is used before it is asked for again: 0 means
	// DefaultTTL, Forever once in a run, and anything negative that each connection
	// looks its name up anew. The TTL of the record itself is not known: resolvers
	// of operating systems do not tell it.
	TTL time.Duration

	// Family restricts the addresses that are connected to.
	Family Family

	// Lookup resolves a name; nil means the system's resolver. The network is "ip",
	// "ip4" or "ip6", so that LookupNetIP of any net.Resolver fits.
	Lookup func(ctx context.Context, network, host string) ([]netip.Addr, error)
}

func (d DNS) validate() error {
	if d.Family < AnyFamily || d.Family > IPv6 {
		return fmt.Errorf("dns: family %d is not known", d.Family)
	}
	return nil
}
