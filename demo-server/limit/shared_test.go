package limit

import (
	"context"
	"net"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alicebob/miniredis/v2"
	"pgregory.net/rapid"
)

// pipeRedis returns a store at a miniredis in the running bubble, on the bubble's clock:
// no sockets, and keys live as long as they are told to. No more may ask at once than it
// has connections: those who wait for one share timers with other bubbles.
func pipeRedis(t *testing.T) (*Redis, *miniredis.Miniredis) {
	t.Helper()
	server := miniredis.NewMiniRedis()
	server.ClockTTL(true)
	store, err := newRedis(RedisConfig{Addr: "pipe"}, func(context.Context, string, string) (net.Conn, error) {
		return server.Dial()
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
		server.Close()
	})
	return store, server
}

// A request of a sequence: how long after the one before, whose, and by which policy.
type request struct {
	gap    time.Duration
	key    string
	policy Policy
}

// decisions asks a store in virtual time, and returns what it said.
func decisions(t *testing.T, s Store, sequence []request) []Decision {
	t.Helper()
	var all []Decision
	for _, r := range sequence {
		time.Sleep(r.gap)
		d, err := s.Decide(t.Context(), r.key, r.policy)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, d)
	}
	return all
}

// drawPolicy draws one in which ties and edges are common.
func drawPolicy(t *rapid.T, a Algorithm) Policy {
	p := Policy{
		Algorithm: a,
		Limit:     rapid.IntRange(1, 12).Draw(t, "limit"),
		Window:    rapid.SampledFrom([]time.Duration{time.Millisecond, 7 * time.Millisecond, time.Second, time.Minute}).Draw(t, "window"),
		Burst:     rapid.IntRange(0, 15).Draw(t, "burst"),
	}
	if a == LeakyBucket && p.Burst == 15 {
		p.Burst = -1
	}
	return p
}

// drawGap draws a time that is long or short against what a request costs, or that lies
// on an edge.
func drawGap(t *rapid.T, p Policy) time.Duration {
	cost := p.Window / time.Duration(p.Limit)
	gap := rapid.SampledFrom([]time.Duration{
		0, time.Microsecond, cost / 3, cost - time.Microsecond, cost, cost + time.Microsecond, 2 * cost,
		p.Window / 2, p.Window - time.Microsecond, p.Window, p.Window + time.Microsecond, 2 * p.Window, 5 * p.Window,
	}).Draw(t, "gap")
	return max(gap.Truncate(time.Microsecond), 0)
}

// Whatever is asked, and whatever limits change meanwhile, both stores say the same.
func TestMemoryAndRedisAgree(t *testing.T) {
	for _, a := range Algorithms() {
		t.Run(string(a), func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				p := drawPolicy(rt, a)
				var sequence []request
				for range rapid.IntRange(1, 40).Draw(rt, "requests") {
					if rapid.IntRange(0, 19).Draw(rt, "change") == 0 {
						p.Limit = rapid.IntRange(1, 12).Draw(rt, "limit")
					}
					sequence = append(sequence, request{drawGap(rt, p), rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "key"), p})
				}
				var memory, shared []Decision
				synctest.Test(t, func(t *testing.T) { memory = decisions(t, new(Memory), sequence) })
				synctest.Test(t, func(t *testing.T) {
					store, _ := pipeRedis(t)
					shared = decisions(t, store, sequence)
				})
				for i := range sequence {
					if memory[i] != shared[i] {
						rt.Fatalf("request %d of %v: memory says %+v, redis %+v", i, sequence[:i+1], memory[i], shared[i])
					}
				}
				if !slices.ContainsFunc(memory, func(d Decision) bool { return d.Admitted }) {
					rt.Fatal("nothing was admitted")
				}
			})
		})
	}
}
