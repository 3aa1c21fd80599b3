//go:build integration

package limit

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"pgregory.net/rapid"
)

// realRedis starts Debian's Redis at a socket in a directory of the test, and returns a
// store there.
func realRedis(tb testing.TB) *Redis {
	tb.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		tb.Fatal("redis-server is not installed; on Debian: apt-get install redis-server")
	}
	dir := tb.TempDir()
	socket := filepath.Join(dir, "socket")
	command := exec.Command(program, "--port", "0", "--unixsocket", socket, "--save", "", "--dir", dir)
	if err := command.Start(); err != nil {
		tb.Fatal(err)
	}
	store, err := newRedis(RedisConfig{Addr: socket, Timeout: time.Minute}, func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", socket)
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := store.Close(); err != nil {
			tb.Error(err)
		}
		command.Process.Signal(syscall.SIGTERM)
		if err := command.Wait(); err != nil {
			tb.Errorf("redis-server: %v", err)
		}
	})
	for store.client.Ping(context.Background()).Err() != nil {
		if command.Process.Signal(syscall.Signal(0)) != nil {
			tb.Fatal("redis-server has ended")
		}
	}
	return store
}

// The scripts decide the same in Redis's own Lua as the states do in Go: where the
// stand-in's differs, the test in virtual time would not see it. Redis's clock cannot be
// set, so the scripts are given the time here, and their keys live longer.
func TestScriptsInRealRedis(t *testing.T) {
	store := realRedis(t)
	trials := 0
	each(t, func(t *rapid.T, p Policy) {
		source, err := scripts.ReadFile("scripts/" + strings.Replace(strings.Replace(string(p.Algorithm), "token_", "", 1), "leaky_", "", 1) + ".lua")
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Replace(string(source), "redis.call('TIME')", "{ARGV[4], ARGV[5]}", 1)
		text = strings.Replace(text, "'PEXPIRE', KEYS[1], ", "'PEXPIRE', KEYS[1], 1000000 + ", 1)
		if len(text) < len(source)+10 {
			t.Fatal("the script was not rewritten")
		}
		trials++
		key := fmt.Sprint("trial ", trials)
		script, rule, r := redis.NewScript(text), store.rules[p.Algorithm], newTrial(p)
		for _, now := range instants(t, p) {
			reply, err := script.Run(context.Background(), store.client, []string{key},
				r.terms.limit, r.terms.window, r.terms.capacity, now/1_000_000, now%1_000_000).Int64Slice()
			if err != nil {
				t.Fatal(err)
			}
			if got, want := rule.read(reply, r.terms), r.ask(now); got != want {
				t.Fatalf("%+v: at %d Redis says %+v, want %+v", p, now, got, want)
			}
		}
	})
}

// Many ask a real Redis at once, on its own clock: the limit is kept, and keys expire.
func TestRealRedisIsAtomic(t *testing.T) {
	store := realRedis(t)
	for _, a := range []Algorithm{TokenBucket, LeakyBucket, SlidingLog} { // the others have an edge at midnight
		p := Policy{Algorithm: a, Limit: 50, Burst: 49, Window: 24 * time.Hour}
		var got atomic.Int64
		var group sync.WaitGroup
		for range 500 {
			group.Go(func() {
				if d, err := store.Decide(t.Context(), "key", p); err != nil {
					t.Error(err)
				} else if d.Admitted {
					got.Add(1)
				}
			})
		}
		group.Wait()
		want := int64(50)
		if a == TokenBucket {
			want = 49
		}
		if got.Load() != want {
			t.Errorf("%s: got %d admitted, want %d", a, got.Load(), want)
		}
		left, err := store.client.PTTL(t.Context(), store.name("key", p.withDefaults())).Result()
		if err != nil || left <= 0 || left > 25*time.Hour {
			t.Errorf("%s: got %v to live, %v, want about a day", a, left, err)
		}
	}
	if n, err := store.Keys(t.Context()); n != 3 || err != nil {
		t.Errorf("got %d keys, %v, want 3", n, err)
	}
}

// BenchmarkRealRedis is a decision of a Redis on this machine.
func BenchmarkRealRedis(b *testing.B) {
	store := realRedis(b)
	for _, a := range Algorithms() {
		b.Run(string(a), func(b *testing.B) { decide(b, store, []string{"key"}, Policy{Algorithm: a, Limit: 100}) })
	}
}
