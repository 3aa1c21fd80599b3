package cache_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/floodmark/floodmark/demo-server/cache"
)

// node starts a stand-in for Redis that ends with the test.
func node(t *testing.T, config cache.NodeConfig) *cache.Node {
	t.Helper()
	n, err := cache.StartNode(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	return n
}

// shared returns a tier on the nodes.
func shared(t *testing.T, config cache.SharedConfig, nodes ...*cache.Node) *cache.Shared {
	t.Helper()
	config.Addresses = map[string]string{}
	for i, n := range nodes {
		config.Addresses[fmt.Sprintf("cache-%d", i+1)] = n.Addr()
	}
	s, err := cache.NewShared(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

func ExampleNode() {
	node, err := cache.StartNode(cache.NodeConfig{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer node.Close()
	tier, err := cache.NewShared(cache.SharedConfig{Addresses: map[string]string{"cache-1": node.Addr()}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer tier.Close()
	for range 2 { // two processes
		c, err := cache.New(cache.Config{Loader: echo{}, Shared: tier})
		if err != nil {
			fmt.Println(err)
			return
		}
		value, err := c.Get(context.Background(), "product:7")
		fmt.Printf("%s %v %d\n", value, err, c.Stats().Loads)
		_ = c.Close(context.Background())
	}
	// Output:
	// product:7 <nil> 1
	// product:7 <nil> 0
}

func TestNewSharedRefuses(t *testing.T) {
	for _, config := range []cache.SharedConfig{{}, {Addresses: map[string]string{"a": "b"}, Timeout: -1}} {
		if s, err := cache.NewShared(config); err == nil {
			t.Errorf("%+v: got a tier, want an error", config)
			s.Close()
		}
	}
}

// What one process has loaded another finds; what one writes the other reads, once its
// own entry is out of the way.
func TestSharedTier(t *testing.T) {
	for _, strategy := range []cache.Strategy{cache.CacheAside, cache.WriteThrough, cache.WriteBehind} {
		for _, capacity := range []int{0, -1} {
			t.Run(fmt.Sprint(strategy, capacity), func(t *testing.T) {
				tier := shared(t, cache.SharedConfig{Prefix: "shop:", Timeout: 5 * time.Second}, node(t, cache.NodeConfig{}))
				db := newDatabase()
				db.set("key", "1")
				config := cache.Config{Loader: db, Writer: db, Shared: tier, Strategy: strategy, Capacity: capacity, TTL: time.Hour}
				one, two := start(t, config), start(t, config)
				want(t, one, "key", "1")
				want(t, two, "key", "1")
				if got := two.Stats(); got.SharedHits != 1 || got.Loads != 0 {
					t.Errorf("got %+v, want a shared hit and no load", got)
				}
				if err := one.Write(t.Context(), "key", []byte("2")); err != nil {
					t.Fatal(err)
				}
				want(t, one, "key", "2")
				if capacity < 0 { // nothing of its own is in the way
					want(t, two, "key", "2")
				} else {
					want(t, two, "key", "1")
				}
				if got := one.Stats().SharedErrors + two.Stats().SharedErrors; got != 0 {
					t.Errorf("got %d errors of the tier, want none", got)
				}
			})
		}
	}
}

func TestSharedInvalidate(t *testing.T) {
	tier := shared(t, cache.SharedConfig{Timeout: 5 * time.Second}, node(t, cache.NodeConfig{}))
	db := newDatabase()
	db.set("key", "1")
	one := start(t, cache.Config{Loader: db, Shared: tier})
	want(t, one, "key", "1")
	db.set("key", "2")
	if err := one.Invalidate(t.Context(), "key"); err != nil {
		t.Fatal(err)
	}
	want(t, start(t, cache.Config{Loader: db, Shared: tier}), "key", "2")
}

// A value's time is over in the tier, too: its clock is pushed.
func TestSharedExpiry(t *testing.T) {
	n := node(t, cache.NodeConfig{})
	tier := shared(t, cache.SharedConfig{Timeout: 5 * time.Second}, n)
	c := start(t, cache.Config{Loader: echo{}, Shared: tier, TTL: 50 * time.Millisecond})
	want(t, c, "key", "key")
	eventually(t, func() bool { return n.Keys() == 0 })
}

// With Background and no entries of its own a process serves what the tier has while it
// loads the next value.
func TestSharedBackground(t *testing.T) {
	tier := shared(t, cache.SharedConfig{Timeout: 5 * time.Second}, node(t, cache.NodeConfig{}))
	db := newDatabase()
	db.set("key", "1")
	config := cache.Config{Loader: db, Shared: tier, Capacity: -1, Protection: cache.Background, TTL: time.Hour, Margin: time.Hour - 1}
	c := start(t, config)
	want(t, c, "key", "1")
	db.set("key", "2")
	eventually(t, func() bool {
		value, err := c.Get(t.Context(), "key")
		return err == nil && string(value) == "2"
	})
	if got := c.Stats(); got.Misses != 1 || got.SharedHits != got.Gets-1 {
		t.Errorf("got %+v, want one miss, and all else from the tier", got)
	}
}

// One of three nodes is killed: a third of the keys fail until the ring notices, then
// they are loaded again, to other nodes; when it is back they return to it, empty.
func TestSharedNodeKilled(t *testing.T) {
	nodes := []*cache.Node{node(t, cache.NodeConfig{}), node(t, cache.NodeConfig{}), node(t, cache.NodeConfig{})}
	tier := shared(t, cache.SharedConfig{Heartbeat: 20 * time.Millisecond, Timeout: time.Second}, nodes...)
	c := start(t, cache.Config{Loader: echo{}, Shared: tier, Capacity: -1, TTL: time.Hour})
	read := func() (loads, errors uint64) {
		before := c.Stats()
		for i := range 300 {
			key := fmt.Sprint(i)
			want(t, c, key, key)
		}
		after := c.Stats()
		return after.Loads - before.Loads, after.SharedErrors - before.SharedErrors
	}
	if loads, errors := read(); loads != 300 || errors != 0 {
		t.Errorf("cold: got %d loads, %d errors, want 300, 0", loads, errors)
	}
	lost := uint64(nodes[1].Keys())
	if lost < 60 || lost > 140 {
		t.Errorf("got %d keys on one of three nodes, want about 100", lost)
	}
	nodes[1].Kill()
	eventually(t, func() bool { return tier.Servers() == 2 })
	if loads, errors := read(); loads != lost || errors != 0 {
		t.Errorf("after a node was killed: got %d loads, %d errors, want %d, 0", loads, errors, lost)
	}
	if loads, _ := read(); loads != 0 {
		t.Errorf("got %d loads of keys that have moved, want none", loads)
	}
	if err := nodes[1].Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool { return tier.Servers() == 3 })
	if loads, _ := read(); loads != lost {
		t.Errorf("after it came back: got %d loads, want %d", loads, lost)
	}
}

// While the tier cannot be reached a cache is slower, not broken.
func TestSharedUnreachable(t *testing.T) {
	n := node(t, cache.NodeConfig{})
	tier := shared(t, cache.SharedConfig{Heartbeat: time.Hour, Timeout: time.Second}, n)
	n.Kill()
	db := newDatabase()
	db.set("key", "1")
	c := start(t, cache.Config{Loader: db, Writer: db, Shared: tier})
	want(t, c, "key", "1")
	if err := c.Write(t.Context(), "key", []byte("2")); err != nil {
		t.Fatal(err)
	}
	want(t, c, "key", "2")
	if got := c.Stats(); got.SharedErrors == 0 || got.Loads != 2 {
		t.Errorf("got %+v, want errors of the tier, and 2 loads", got)
	}
}

func TestSharedSetAddresses(t *testing.T) {
	one, two := node(t, cache.NodeConfig{}), node(t, cache.NodeConfig{})
	tier := shared(t, cache.SharedConfig{Timeout: 5 * time.Second}, one)
	c := start(t, cache.Config{Loader: echo{}, Shared: tier, Capacity: -1})
	if err := tier.SetAddresses(map[string]string{"other": two.Addr()}); err != nil {
		t.Fatal(err)
	}
	want(t, c, "key", "key")
	if one.Keys() != 0 || two.Keys() != 1 {
		t.Errorf("got %d and %d keys, want 0 and 1", one.Keys(), two.Keys())
	}
	if err := tier.SetAddresses(nil); err == nil {
		t.Error("got no error, want one for no servers")
	}
}

func TestNodeWork(t *testing.T) {
	var commands atomic.Int64
	full := errors.New("the machine's queue is full")
	n := node(t, cache.NodeConfig{Work: func(context.Context) error {
		if commands.Add(1) > 100 {
			return full
		}
		return nil
	}})
	tier := shared(t, cache.SharedConfig{Timeout: 5 * time.Second, Heartbeat: time.Hour}, n)
	c := start(t, cache.Config{Loader: echo{}, Shared: tier, Capacity: -1})
	for i := range 200 {
		want(t, c, fmt.Sprint(i), fmt.Sprint(i))
	}
	if got := c.Stats().SharedErrors; got == 0 || commands.Load() <= 100 {
		t.Errorf("got %d errors after %d commands, want some", got, commands.Load())
	}
}

func TestNodeIsBounded(t *testing.T) {
	n := node(t, cache.NodeConfig{MaxKeys: 10})
	tier := shared(t, cache.SharedConfig{Timeout: 5 * time.Second}, n)
	c := start(t, cache.Config{Loader: echo{}, Shared: tier, Capacity: -1, TTL: -1})
	for i := range 50 {
		want(t, c, fmt.Sprint(i), fmt.Sprint(i))
	}
	eventually(t, func() bool { return n.Keys() == 10 })
}

func TestNodeStart(t *testing.T) {
	n := node(t, cache.NodeConfig{})
	if err := n.Start(); err == nil {
		t.Error("got no error for a node that is up")
	}
	if other, err := cache.StartNode(cache.NodeConfig{Addr: n.Addr()}); err == nil {
		other.Close()
		t.Error("got no error for an address in use")
	}
	if _, err := cache.StartNode(cache.NodeConfig{MaxKeys: -1}); err == nil {
		t.Error("got no error for fewer keys than none")
	}
	n.Kill()
	n.Kill()
	if got := n.Keys(); got != 0 {
		t.Errorf("got %d keys of a dead node, want 0", got)
	}
}

// eventually waits for a condition of something outside, for as long as the test may.
func eventually(t *testing.T, met func() bool) {
	t.Helper()
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for !met() {
		select {
		case <-ticker.C:
		case <-t.Context().Done():
			t.Fatal("it did not come to that")
		}
	}
}
