// Package standin stands in for a Redis server where none is installed.
//
// It is miniredis, a test double that speaks Redis's protocol from inside this process:
// real connections, nothing on disk, one core, and no maxmemory. It does not know what
// is kept in it. The main type is [Redis].
package standin

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"
)

// step is how often keys grow older, and by how much at most: a key that was set just
// before grows older by as much, and must not do so by more because this process was held
// up. Each step looks at every key, so there are few of them.
const step = 100 * time.Millisecond

// A Config says what stand-in to start.
type Config struct {
	Addr    string // on a loopback address; empty: 127.0.0.1:0, a free port
	MaxKeys int    // beyond which keys chosen at random are dropped, looked at once a second; 0: any number
	Seed    uint64 // the same seed chooses the same keys
	// Work, if set, is done for each command before it is answered: a wait, or a passage
	// through a modelled machine. Its error is the answer. Its context ends with Close.
	Work func(context.Context) error
}

// A Redis is a running stand-in. A key with a lifetime may be gone as much as a tenth of a
// second before that is over, so whoever minds gives it a second more. It is made by Start
// and ended by Close, and any number of goroutines may use it at once.
type Redis struct {
	config Config
	redis  *miniredis.Miniredis
	addr   string
	draws  *rand.Rand // of run alone
	end    context.CancelFunc
	clock  sync.WaitGroup
	once   sync.Once
}

// Start starts a stand-in, empty, and returns when it listens.
func Start(config Config) (*Redis, error) {
	if config.Addr == "" {
		config.Addr = "127.0.0.1:0"
	}
	host, _, err := net.SplitHostPort(config.Addr)
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("redis stand-in: address is %q, want a loopback address such as 127.0.0.1:6379", config.Addr)
	}
	if config.MaxKeys < 0 {
		return nil, fmt.Errorf("redis stand-in: it cannot hold %d keys", config.MaxKeys)
	}
	const stream = 0x6e6f6465 // fixed, so that the seed alone decides
	r := &Redis{config: config, redis: miniredis.NewMiniRedis(), draws: rand.New(rand.NewPCG(config.Seed, stream))}
	if err := r.redis.StartAddr(config.Addr); err != nil {
		return nil, fmt.Errorf("redis stand-in: %w", err)
	}
	r.addr = r.redis.Addr()
	life, end := context.WithCancel(context.Background())
	r.end = end
	if config.Work != nil {
		r.redis.Server().SetPreHook(r.work(life))
	}
	r.clock.Go(func() { r.run(life) })
	return r, nil
}

// Addr returns the address, with the port that was really taken.
func (r *Redis) Addr() string { return r.addr }

// Keys returns how many keys there are.
func (r *Redis) Keys() int { return len(r.redis.Keys()) }

// Close ends it at once: its connections are cut and its keys are gone. Calling it again
// does no harm.
func (r *Redis) Close() error {
	r.once.Do(func() {
		r.end()
		r.clock.Wait()
		r.redis.Close()
	})
	return nil
}

// work is what each command waits for.
func (r *Redis) work(life context.Context) server.Hook {
	return func(peer *server.Peer, _ string, _ ...string) bool {
		if err := r.config.Work(life); err != nil {
			peer.WriteError("BUSY " + err.Error())
			return true
		}
		return false
	}
}

// run lets time pass for the keys, whose lives stand still in miniredis by themselves,
// and looks now and then whether there are too many. (miniredis's own clock, ClockTTL,
// would look at every key again in each command.)
func (r *Redis) run(life context.Context) {
	ticker := time.NewTicker(step)
	defer ticker.Stop()
	last := time.Now()
	for looked := last; ; {
		select {
		case <-ticker.C:
			now := time.Now()
			r.redis.FastForward(min(now.Sub(last), step))
			last = now
			if now.Sub(looked) >= time.Second {
				looked = now
				r.trim()
			}
		case <-life.Done():
			return
		}
	}
}

// trim drops keys at random until there are no more than may be.
func (r *Redis) trim() {
	if r.config.MaxKeys == 0 {
		return
	}
	keys := r.redis.Keys()
	r.draws.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	for _, key := range keys[:max(0, len(keys)-r.config.MaxKeys)] {
		r.redis.Del(key)
	}
}
