package dial

import (
	"net/netip"
	"slices"
	"sync/atomic"
	"time"
)

// rest is how long an address that could not be connected to is tried last. Then
// one connection tries it again, while the others go on without it.
const rest = 2 * time.Second

// addresses are what a name stands for, used in turn. They do not change, but for
// what is known of their health.
type addresses struct {
	list []address
	next atomic.Uint64
}

// An address can be connected to, or lately could not be.
type address struct {
	ip      netip.Addr
	resting atomic.Int64 // until when, on the Dialer's clock; 0: it is well
}

// newAddresses returns the addresses of a family in an order that does not depend
// on that of an answer: resolvers shuffle theirs, which would make turns uneven.
func newAddresses(ips []netip.Addr, family Family) *addresses {
	var fit []netip.Addr
	for _, ip := range ips {
		if ip = ip.Unmap(); family.has(ip) {
			fit = append(fit, ip)
		}
	}
	slices.SortFunc(fit, netip.Addr.Compare)
	fit = slices.Compact(fit)
	a := &addresses{list: make([]address, len(fit))}
	for i, ip := range fit {
		a.list[i].ip = ip
	}
	return a
}

// turn returns the addresses in the order in which one connection tries them: from
// the next one on, those that rest last.
func (a *addresses) turn(now time.Duration) []*address {
	first := a.next.Add(1) - 1
	order := make([]*address, 0, len(a.list))
	var last []*address
	for i := range a.list {
		one := &a.list[(first+uint64(i))%uint64(len(a.list))] //nolint:gosec // i is a small index
		if one.rests(now) {
			last = append(last, one)
			continue
		}
		order = append(order, one)
	}
	return append(order, last...)
}

// ips returns the bare addresses.
func (a *addresses) ips() []netip.Addr {
	ips := make([]netip.Addr, len(a.list))
	for i := range a.list {
		ips[i] = a.list[i].ip
	}
	return ips
}

// rests reports whether the address is to be tried last. When its rest is over,
// the first to ask is told to try it, and the rest begins again for all others.
func (a *address) rests(now time.Duration) bool {
	until := a.resting.Load()
	if until == 0 {
		return false
	}
	return now < time.Duration(until) || !a.resting.CompareAndSwap(until, int64(now+rest))
}

// worked ends the rest of an address.
func (a *address) worked() {
	if a.resting.Load() != 0 {
		a.resting.Store(0)
	}
}

// failed makes the address rest.
func (a *address) failed(now time.Duration) { a.resting.Store(int64(now + rest)) }
