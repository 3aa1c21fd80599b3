package limit

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// ask asks a store that must decide.
func ask(t *testing.T, s Store, key string, p Policy) Decision {
	t.Helper()
	d, err := s.Decide(t.Context(), key, p)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Whoever asks at the same time: together they get the limit, and each key has its own.
func TestMemoryIsAtomic(t *testing.T) {
	for _, a := range Algorithms() {
		t.Run(string(a), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // where no time passes
				m := new(Memory)
				p := Policy{Algorithm: a, Limit: 50, Burst: 50}
				var got [2]atomic.Int64
				var group sync.WaitGroup
				for i := range 400 {
					group.Go(func() {
						if ask(t, m, fmt.Sprint(i%2), p).Admitted {
							got[i%2].Add(1)
						}
					})
				}
				group.Wait()
				want := p.terms().limit
				if a == LeakyBucket {
					want = p.terms().capacity
				}
				for key := range got {
					if n := got[key].Load(); n != want {
						t.Errorf("key %d: got %d admitted, want %d", key, n, want)
					}
				}
			})
		})
	}
}

// Idle keys are forgotten, and then it is as if they had never been.
func TestMemoryForgetsIdleKeys(t *testing.T) {
	for _, a := range Algorithms() {
		t.Run(string(a), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := new(Memory)
				p := Policy{Algorithm: a, Limit: 1, Burst: 1}
				for i := range 1000 {
					ask(t, m, fmt.Sprint(i), p)
				}
				if got := m.Stats().Keys; got != 1000 {
					t.Errorf("got %d keys, want 1000", got)
				}
				time.Sleep(2 * time.Second) // the sliding counter's two windows are the longest
				for range 100 {
					ask(t, m, "another", p)
				}
				if got, want := len(m.entries), 1000-99*sweep; got > want {
					t.Errorf("got %d entries after 100 decisions, want at most %d", got, want)
				}
				if got := m.Stats(); got.Keys != 1 || got.Evicted != 0 || got.Decisions != 1100 {
					t.Errorf("got %+v, want 1 key, none evicted, 1100 decisions", got)
				}
			})
		})
	}
}

// There are never more keys than there may be; the one not used for longest goes first.
func TestMemoryIsBounded(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		most := rapid.IntRange(1, 5).Draw(rt, "most")
		keys := rapid.SliceOf(rapid.StringOfN(rapid.RuneFrom([]rune("abcdefgh")), 1, 1, 1)).Draw(rt, "keys")
		synctest.Test(t, func(t *testing.T) {
			m := &Memory{MaxKeys: most}
			p := Policy{Algorithm: SlidingLog, Limit: 1}
			var used []string // the latest last
			evicted := uint64(0)
			for _, key := range keys {
				held := false
				for i, k := range used {
					if k == key {
						used, held = append(used[:i:i], used[i+1:]...), true
						break
					}
				}
				if !held && len(used) == most {
					used, evicted = used[1:], evicted+1
				}
				used = append(used, key)
				if got := ask(t, m, key, p).Admitted; got == held {
					rt.Fatalf("%v: %s: got admitted %v, want %v", keys, key, got, !held)
				}
			}
			if got := m.Stats(); got.Keys != len(used) || got.Evicted != evicted {
				rt.Fatalf("%v: got %+v, want %d keys, %d evicted", keys, got, len(used), evicted)
			}
		})
	})
}

// A policy that differs in name, algorithm or window has counts of its own.
func TestMemoryKeepsPoliciesApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := new(Memory)
		for _, p := range []Policy{
			{Limit: 1},
			{Limit: 1, Name: "other"},
			{Limit: 1, Algorithm: SlidingLog},
			{Limit: 1, Window: time.Minute},
		} {
			if !ask(t, m, "key", p).Admitted {
				t.Errorf("%+v: got refused, want admitted", p)
			}
			if ask(t, m, "key", p).Admitted {
				t.Errorf("%+v: got admitted again, want refused", p)
			}
		}
		if !ask(t, m, "key", Policy{Limit: 2}).Admitted {
			t.Error("a raised limit: got refused, want admitted")
		}
	})
}
