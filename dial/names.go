package dial

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// lookupLimit bounds a lookup that no single connection waits for.
	lookupLimit = 10 * time.Second

	// failureTTL is how long a failed lookup is not repeated: a wave of arrivals
	// must not become a wave of lookups.
	failureTTL = time.Second
)

// names is a cache of looked-up names that nobody waits for but those who come
// first: an old answer is used until the next one is there. Any number of
// goroutines may use it at once. It holds as many names as a run calls.
type names struct {
	dns   DNS
	clock func() time.Duration

	life    context.Context // lookups outlive the connection that began them, not the cache
	end     context.CancelFunc
	running sync.WaitGroup

	asked, failed atomic.Int64

	mu     sync.Mutex
	known  map[string]*name
	closed bool
}

// A name is what is known of one name, guarded by the cache's mu.
type name struct {
	current *addresses    // the last good answer; nil: there was none yet
	err     error         // of the last lookup
	until   time.Duration // when what is known becomes old
	flight  chan struct{} // closed when the lookup under way has ended; nil: none is
}

func newNames(dns DNS, clock func() time.Duration) *names {
	if dns.Lookup == nil {
		dns.Lookup = net.DefaultResolver.LookupNetIP
	}
	if dns.TTL == 0 {
		dns.TTL = DefaultTTL
	}
	life, end := context.WithCancel(context.Background())
	return &names{dns: dns, clock: clock, life: life, end: end, known: map[string]*name{}}
}

// find returns the addresses of a host. It waits, as long as ctx lasts, only for
// the first answer. Its errors are of type *net.DNSError.
func (n *names) find(ctx context.Context, host string) (*addresses, error) {
	if n.dns.TTL < 0 {
		return n.findAnew(ctx, host)
	}
	n.mu.Lock()
	one := n.name(host)
	if n.clock() >= one.until && one.flight == nil && !n.closed {
		n.refresh(host, one) //nolint:contextcheck // others use the answer, after this caller is gone
	}
	current, err, flight := one.current, one.err, one.flight
	n.mu.Unlock()
	switch {
	case current != nil:
		return current, nil
	case flight == nil:
		return nil, err
	}
	select {
	case <-flight:
	case <-ctx.Done():
		return nil, lookupError(host, ctx.Err())
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if one.current == nil {
		return nil, one.err
	}
	return one.current, nil
}

// findAnew looks a name up for one connection.
func (n *names) findAnew(ctx context.Context, host string) (*addresses, error) {
	found, err := n.ask(ctx, host)
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	one := n.name(host)
	one.current = succeed(one.current, found)
	return one.current, nil
}

// name returns what is known of a host. The caller holds mu.
func (n *names) name(host string) *name {
	one := n.known[host]
	if one == nil {
		// A cache that was closed before it heard of the name has nothing to tell.
		one = &name{err: lookupError(host, net.ErrClosed)}
		n.known[host] = one
	}
	return one
}

// refresh begins a lookup. The caller holds mu.
func (n *names) refresh(host string, one *name) {
	one.flight = make(chan struct{})
	n.running.Go(func() {
		ctx, cancel := context.WithTimeout(n.life, lookupLimit)
		defer cancel()
		found, err := n.ask(ctx, host)
		n.mu.Lock()
		defer n.mu.Unlock()
		one.answered(found, err, n.clock(), n.dns.TTL)
	})
}

// answered notes how a lookup ended: a failed one leaves the old answer in use.
func (one *name) answered(found *addresses, err error, now, ttl time.Duration) {
	one.err = err
	if err != nil {
		ttl = min(ttl, failureTTL)
	} else {
		one.current = succeed(one.current, found)
	}
	one.until = now + ttl
	if one.until < now { // Forever is too long to add to
		one.until = Forever
	}
	close(one.flight)
	one.flight = nil
}

// succeed returns the answer to use after an old one: the old one itself if it
// says the same, so that turns and rests go on.
func succeed(old, found *addresses) *addresses {
	if old == nil {
		return found
	}
	if slices.Equal(old.ips(), found.ips()) {
		return old
	}
	found.next.Store(old.next.Load())
	return found
}

// ask looks a host up and counts it.
func (n *names) ask(ctx context.Context, host string) (*addresses, error) {
	n.asked.Add(1)
	ips, err := n.dns.Lookup(ctx, n.dns.Family.network(), host)
	found := newAddresses(ips, n.dns.Family)
	if err == nil && len(found.list) == 0 {
		err = noAddress(host, n.dns.Family)
	}
	if err != nil {
		n.failed.Add(1)
		return nil, lookupError(host, err)
	}
	return found, nil
}

// close ends the lookups under way and waits for them. What is known stays.
func (n *names) close() {
	n.mu.Lock()
	n.closed = true
	n.mu.Unlock()
	n.end()
	n.running.Wait()
}

// noAddress tells that a host has no address of the family that was asked for.
func noAddress(host string, family Family) error {
	return &net.DNSError{Err: fmt.Sprintf("no %s address", family), Name: host, IsNotFound: true}
}

// lookupError makes a *net.DNSError of whatever a lookup ended with.
func lookupError(host string, err error) error {
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return err
	}
	return &net.DNSError{
		UnwrapErr: err, Err: err.Error(), Name: host,
		IsTimeout: errors.Is(err, context.DeadlineExceeded),
	}
}
