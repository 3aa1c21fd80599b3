package dial

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A script answers lookups one after another, each after a while; the last answer
// goes on.
type script struct {
	mu      sync.Mutex
	took    time.Duration
	answers [][]string // nil: fails
	asked   int
}

func (s *script) lookup(ctx context.Context, _, host string) ([]netip.Addr, error) {
	s.mu.Lock()
	answer := s.answers[min(s.asked, len(s.answers)-1)]
	s.asked++
	s.mu.Unlock()
	timer := time.NewTimer(s.took)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if answer == nil {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	return addrs(answer...), nil
}

func (s *script) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

// cache returns a cache of names with the bubble's clock.
func cache(t *testing.T, dns DNS) *names {
	t.Helper()
	began := time.Now()
	n := newNames(dns, func() time.Duration { return time.Since(began) })
	t.Cleanup(n.close)
	return n
}

// want checks what a name stands for now, and how long that took to find out.
func want(t *testing.T, n *names, took time.Duration, ips ...string) {
	t.Helper()
	start := time.Now()
	got, err := n.find(t.Context(), "shop.test")
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(got.ips()) != fmt.Sprint(addrs(ips...)) || time.Since(start) != took {
		t.Errorf("got %v after %v, want %v after %v", got.ips(), time.Since(start), ips, took)
	}
}

func TestNamesRefreshWithoutHoldingUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{took: time.Second, answers: [][]string{{"10.0.0.1"}, {"10.0.0.2", "10.0.0.3"}}}
		n := cache(t, DNS{Lookup: s.lookup, TTL: 30 * time.Second})
		want(t, n, time.Second, "10.0.0.1")
		time.Sleep(30*time.Second - 1)
		want(t, n, 0, "10.0.0.1")
		if s.count() != 1 {
			t.Errorf("%d lookups within the TTL, want 1", s.count())
		}
		time.Sleep(time.Nanosecond)
		want(t, n, 0, "10.0.0.1") // old, and refreshed
		time.Sleep(time.Second - 1)
		want(t, n, 0, "10.0.0.1")
		synctest.Wait()
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		want(t, n, 0, "10.0.0.2", "10.0.0.3")
		if s.count() != 2 {
			t.Errorf("%d lookups, want 2", s.count())
		}
	})
}

func TestNamesOneLookupForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{took: time.Second, answers: [][]string{{"10.0.0.1"}}}
		n := cache(t, DNS{Lookup: s.lookup})
		var users sync.WaitGroup
		for range 100 {
			users.Go(func() {
				if _, err := n.find(t.Context(), "shop.test"); err != nil {
					t.Error(err)
				}
			})
		}
		users.Wait()
		if s.count() != 1 {
			t.Errorf("%d lookups, want 1", s.count())
		}
	})
}

func TestNamesKeepTheOldAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{took: time.Millisecond, answers: [][]string{{"10.0.0.1"}, nil, nil, {"10.0.0.2"}}}
		n := cache(t, DNS{Lookup: s.lookup, TTL: time.Minute})
		want(t, n, time.Millisecond, "10.0.0.1")
		for range 2 { // the first refresh after the TTL, the next after failureTTL
			time.Sleep(time.Minute)
			want(t, n, 0, "10.0.0.1")
			time.Sleep(2 * time.Millisecond)
			want(t, n, 0, "10.0.0.1")
		}
		if got := n.failed.Load(); got != 2 || n.asked.Load() != 3 {
			t.Errorf("%d of %d lookups failed, want 2 of 3", got, n.asked.Load())
		}
		time.Sleep(failureTTL)
		want(t, n, 0, "10.0.0.1")
		time.Sleep(2 * time.Millisecond)
		want(t, n, 0, "10.0.0.2")
	})
}

func TestNamesNeverResolved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{took: time.Millisecond, answers: [][]string{nil}}
		n := cache(t, DNS{Lookup: s.lookup})
		for range 10 {
			_, err := n.find(t.Context(), "shop.test")
			var dns *net.DNSError
			if !errors.As(err, &dns) || !dns.IsNotFound || dns.Name != "shop.test" {
				t.Fatalf("error %v, want a *net.DNSError", err)
			}
		}
		if s.count() != 1 {
			t.Errorf("%d lookups within a second, want 1", s.count())
		}
		time.Sleep(failureTTL)
		n.find(t.Context(), "shop.test")
		if s.count() != 2 {
			t.Errorf("%d lookups after a second, want 2", s.count())
		}
	})
}

func TestNamesWaitNoLongerThanTheCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{took: time.Second, answers: [][]string{{"10.0.0.1"}}}
		n := cache(t, DNS{Lookup: s.lookup})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		_, err := n.find(ctx, "shop.test")
		var dns *net.DNSError
		if !errors.As(err, &dns) || !dns.IsTimeout || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v, want a *net.DNSError of a timeout", err)
		}
		time.Sleep(time.Second)
		want(t, n, 0, "10.0.0.1") // the lookup went on for others
	})
}

func TestNamesTTLs(t *testing.T) {
	tests := []struct {
		name string
		ttl  time.Duration
		want int // lookups of 5 connections, a day between them
	}{{"forever", Forever, 1}, {"default", 0, 5}, {"for each connection", -1, 5}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{answers: [][]string{{"10.0.0.1"}}}
				n := cache(t, DNS{Lookup: s.lookup, TTL: tt.ttl})
				for range 5 {
					want(t, n, 0, "10.0.0.1")
					time.Sleep(24 * time.Hour)
				}
				if s.count() != tt.want {
					t.Errorf("%d lookups, want %d", s.count(), tt.want)
				}
			})
		})
	}
}

// Turns go on over lookups, whatever the order of the answers.
func TestNamesTurnsGoOn(t *testing.T) {
	for _, ttl := range []time.Duration{-1, time.Second, Forever} {
		t.Run(ttl.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{answers: [][]string{{"10.0.0.1", "10.0.0.2"}, {"10.0.0.2", "10.0.0.1"}, {"10.0.0.1", "10.0.0.2"}, {"10.0.0.2", "10.0.0.1"}}}
				n := cache(t, DNS{Lookup: s.lookup, TTL: ttl})
				counts := map[netip.Addr]int{}
				for range 10 {
					found, err := n.find(t.Context(), "shop.test")
					if err != nil {
						t.Fatal(err)
					}
					counts[found.turn(0)[0].ip]++
					time.Sleep(2 * time.Second)
				}
				for ip, got := range counts {
					if got != 5 {
						t.Errorf("%v was first %d times, want 5", ip, got)
					}
				}
			})
		})
	}
}

func TestNamesClosedWhileLookingUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{took: time.Hour, answers: [][]string{{"10.0.0.1"}}}
		n := cache(t, DNS{Lookup: s.lookup})
		ended := make(chan error)
		go func() {
			_, err := n.find(t.Context(), "shop.test")
			ended <- err
		}()
		synctest.Wait()
		n.close()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want context.Canceled", err)
		}
		if _, err := n.find(t.Context(), "other.test"); !errors.Is(err, net.ErrClosed) {
			t.Errorf("error %v, want net.ErrClosed", err)
		}
	})
}

// An address that failed is tried last, but for one connection after its rest.
func TestAddressesRest(t *testing.T) {
	a := newAddresses(addrs("10.0.0.1", "10.0.0.2"), AnyFamily)
	a.list[0].failed(0)
	for range 4 {
		if got := a.turn(rest - 1)[0].ip.String(); got != "10.0.0.2" {
			t.Errorf("%s is first, though it rests", got)
		}
	}
	firsts := map[string]int{}
	for range 8 {
		firsts[a.turn(rest)[0].ip.String()]++
	}
	if firsts["10.0.0.1"] > 1 {
		t.Errorf("first were %v, want 10.0.0.1 once at most", firsts)
	}
	a.list[0].worked()
	firsts = map[string]int{}
	for range 8 {
		firsts[a.turn(rest)[0].ip.String()]++
	}
	if firsts["10.0.0.1"] != 4 {
		t.Errorf("first were %v, want each 4 times", firsts)
	}
}
