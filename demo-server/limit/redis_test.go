package limit

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"
)

// tell keeps the name of every command that a client sends.
type tell struct {
	mu       sync.Mutex
	commands []string
}

func (*tell) DialHook(next redis.DialHook) redis.DialHook { return next }

func (*tell) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (c *tell) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		c.mu.Lock()
		c.commands = append(c.commands, cmd.Name())
		c.mu.Unlock()
		return next(ctx, cmd)
	}
}

// take returns what was told since the last time.
func (c *tell) take() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := strings.Join(c.commands, " ")
	c.commands = nil
	return all
}

// A decision is one round trip; where Redis does not know the script, it is told it.
func TestRedisRoundTrips(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, server := pipeRedis(t)
		told := new(tell)
		store.client.AddHook(told)
		for _, a := range Algorithms() {
			p := Policy{Algorithm: a, Limit: 1, Burst: -1}
			server.FlushAll()
			if _, err := store.client.ScriptFlush(t.Context()).Result(); err != nil {
				t.Fatal(err)
			}
			told.take()
			for i, want := range []string{"evalsha eval", "evalsha", "evalsha"} {
				ask(t, store, "key", p)
				if got := told.take(); got != want {
					t.Errorf("%s, decision %d: got %q, want %q", a, i, got, want)
				}
			}
		}
		if got, want := store.Stats(), (StoreStats{Kind: "redis", Decisions: 15, Keys: -1}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	})
}

// Every key expires, a second after it makes no difference and not before.
func TestRedisKeysExpire(t *testing.T) {
	for _, a := range Algorithms() {
		t.Run(string(a), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store, server := pipeRedis(t)
				p := Policy{Algorithm: a, Limit: 3, Burst: 3}
				state := newState(a)
				count := func() int {
					t.Helper()
					n, err := store.Keys(t.Context())
					if err != nil {
						t.Fatal(err)
					}
					return n
				}
				for range 5 {
					time.Sleep(100 * time.Millisecond)
					ask(t, store, "key", p)
					state.ask(time.Now().UnixMicro(), p.terms())
				}
				if got, want := server.Keys(), "floodmark:limit:default:"+string(a)+":1000000:key"; len(got) != 1 || got[0] != want {
					t.Errorf("got keys %v, want %s", got, want)
				}
				for !state.idle(time.Now().UnixMicro(), p.terms()) {
					time.Sleep(time.Millisecond)
				}
				time.Sleep(998 * time.Millisecond)
				if got := count(); got != 1 {
					t.Errorf("got %d keys within a second after it is idle, want 1", got)
				}
				time.Sleep(3 * time.Millisecond)
				if got := count(); got != 0 {
					t.Errorf("got %d keys after that, want 0", got)
				}
			})
		})
	}
}

// Gateways that ask at the same time get the limit together.
func TestRedisIsAtomic(t *testing.T) {
	server := miniredis.RunT(t)
	server.SetTime(time.UnixMicro(epoch)) // where time stands still, for the keys as well
	const gateways, each = 3, 60
	for _, a := range Algorithms() {
		t.Run(string(a), func(t *testing.T) {
			p := Policy{Algorithm: a, Limit: 50, Burst: 49}
			var got atomic.Int64
			var group sync.WaitGroup
			for range gateways {
				store, err := NewRedis(RedisConfig{Addr: server.Addr(), Timeout: time.Minute})
				if err != nil {
					t.Fatal(err)
				}
				defer store.Close()
				for range each {
					group.Go(func() {
						if d, err := store.Decide(t.Context(), "key", p); err != nil {
							t.Error(err)
						} else if d.Admitted {
							got.Add(1)
						}
					})
				}
			}
			group.Wait()
			want := int64(50)
			if a == TokenBucket {
				want = 49
			}
			if got.Load() != want {
				t.Errorf("got %d admitted, want %d", got.Load(), want)
			}
		})
	}
}

// A Redis that is down is an error within the timeout, and one that is back is used.
func TestRedisDown(t *testing.T) {
	defer goleak.VerifyNone(t)
	standIn, err := StartStandIn("")
	if err != nil {
		t.Fatal(err)
	}
	addr := standIn.Addr()
	store, err := NewRedis(RedisConfig{Addr: addr, Timeout: time.Minute, PoolSize: 2})
	if err != nil {
		t.Fatal(err)
	}
	p := Policy{Limit: 1}
	ask(t, store, "key", p)
	if err := standIn.Close(); err != nil {
		t.Fatal(err)
	}
	const failures = 10 // more than there are connections
	for range failures {
		if _, err := store.Decide(t.Context(), "key", p); err == nil || !strings.HasPrefix(err.Error(), "redis at "+addr+": ") {
			t.Fatalf("got %v, want an error of the Redis at %s", err, addr)
		}
	}
	if standIn, err = StartStandIn(addr); err != nil {
		t.Fatal(err)
	}
	if !ask(t, store, "key", p).Admitted {
		t.Error("got refused by a new Redis, want admitted")
	}
	if got := store.Stats(); got.Errors != failures || got.Decisions != 2 {
		t.Errorf("got %+v, want %d errors, 2 decisions", got, failures)
	}
	if err := errors.Join(store.Close(), standIn.Close(), standIn.Close()); err != nil {
		t.Error(err)
	}
}

// A Redis that takes connections and says nothing is given up on after the timeout.
func TestRedisHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, err := newRedis(RedisConfig{Addr: "pipe"}, func(context.Context, string, string) (net.Conn, error) {
			ours, theirs := net.Pipe()
			t.Cleanup(func() { theirs.Close() })
			return ours, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		start := time.Now()
		if _, err := store.Decide(t.Context(), "key", Policy{Limit: 1}); err == nil {
			t.Error("got no error from a Redis that says nothing")
		}
		if got, want := time.Since(start), 100*time.Millisecond; got != want {
			t.Errorf("gave up after %v, want %v", got, want)
		}
	})
}

// A lossy connection takes a decision's question, and ends before the answer.
type lossy struct {
	net.Conn
	asked *atomic.Int64
	ended atomic.Bool
}

func (l *lossy) Write(p []byte) (int, error) {
	if bytes.Contains(bytes.ToLower(p), []byte("eval")) {
		l.asked.Add(1)
		l.ended.Store(true)
	}
	return l.Conn.Write(p)
}

func (l *lossy) Read(p []byte) (int, error) {
	if l.ended.Load() {
		return 0, io.EOF
	}
	return l.Conn.Read(p)
}

// A decision whose answer is lost is not asked for again: it would count twice.
func TestRedisAsksOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := miniredis.NewMiniRedis()
		defer server.Close()
		var asked atomic.Int64
		store, err := newRedis(RedisConfig{Addr: "pipe"}, func(context.Context, string, string) (net.Conn, error) {
			conn, err := server.Dial()
			return &lossy{Conn: conn, asked: &asked}, err
		})
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		if _, err := store.Decide(t.Context(), "key", Policy{Limit: 1}); err == nil {
			t.Error("got no error from a Redis that hangs up")
		}
		if got := asked.Load(); got != 1 {
			t.Errorf("asked %d times, want once", got)
		}
	})
}

func TestRedisConfig(t *testing.T) {
	if _, err := NewRedis(RedisConfig{}); err == nil {
		t.Error("got a store without an address, want an error")
	}
}

func TestStandInAddress(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0", "nonsense"} {
		if s, err := StartStandIn(addr); err == nil || !strings.Contains(err.Error(), "want a loopback address") {
			t.Errorf("%s: got %v, want it refused", addr, err)
			if s != nil {
				s.Close()
			}
		}
	}
}

// In the stand-in time passes for the keys.
func TestStandInKeysExpire(t *testing.T) {
	defer goleak.VerifyNone(t)
	standIn, err := StartStandIn("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer standIn.Close()
	store, err := NewRedis(RedisConfig{Addr: standIn.Addr(), Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	ask(t, store, "key", Policy{Algorithm: SlidingLog, Limit: 1, Window: time.Millisecond})
	for {
		n, err := store.Keys(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}
