package cache

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"
)

// A NodeConfig says what stand-in for a Redis server to start.
type NodeConfig struct {
	Addr    string // empty: 127.0.0.1:0, a free port
	MaxKeys int    // beyond which keys chosen at random are dropped, looked at once a second; 0: 100,000
	Seed    uint64 // the same seed chooses the same keys
	// Work, if set, is done for each command before it is answered: a wait, or a passage
	// through a modelled machine. Its error is the answer.
	Work func(context.Context) error
}

// A Node stands in for a Redis server where none is installed. It is miniredis, a test
// double in this process: real connections, the real protocol, nothing on disk, and no
// maxmemory. Its methods may be called by any number of goroutines at once. It is made
// by StartNode and must be ended by Close.
type Node struct {
	config NodeConfig
	redis  *miniredis.Miniredis
	addr   string
	draws  *rand.Rand

	mu    sync.Mutex
	end   context.CancelFunc // of a node that is up; nil: it is down
	clock sync.WaitGroup
}

// tick is how coarse a node's time is. Its keys expire by a clock that is pushed: when
// it ran by itself every command would look at every key.
const tick = 10 * time.Millisecond

// StartNode starts a node and returns when it listens.
func StartNode(config NodeConfig) (*Node, error) {
	config.Addr = or(config.Addr, "127.0.0.1:0")
	config.MaxKeys = or(config.MaxKeys, 100_000)
	if config.MaxKeys < 0 {
		return nil, fmt.Errorf("a node cannot hold %d keys", config.MaxKeys)
	}
	const stream = 0x6e6f6465 // fixed, so that the seed alone decides
	n := &Node{config: config, draws: rand.New(rand.NewPCG(config.Seed, stream)), addr: config.Addr}
	if err := n.Start(); err != nil {
		return nil, err
	}
	return n, nil
}

// Addr returns where the node listens, or did before it was killed.
func (n *Node) Addr() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.addr
}

// Start starts a node that was killed, empty, at its old address.
func (n *Node) Start() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.end != nil {
		return errors.New("the node is up")
	}
	redis := miniredis.NewMiniRedis()
	if err := redis.StartAddr(n.addr); err != nil {
		return fmt.Errorf("cache node: %w", err)
	}
	life, end := context.WithCancel(context.Background())
	redis.SetTime(time.Now())
	redis.ClockTTL(true)
	if n.config.Work != nil {
		redis.Server().SetPreHook(n.work(life))
	}
	n.redis, n.addr, n.end = redis, redis.Addr(), end
	n.clock.Go(func() { n.run(life, redis) })
	return nil
}

// Kill ends the node at once: its connections are cut and its keys are gone.
func (n *Node) Kill() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.end == nil {
		return
	}
	n.end()
	n.end = nil
	n.clock.Wait()
	n.redis.Close()
}

// Close ends the node.
func (n *Node) Close() error {
	n.Kill()
	return nil
}

// Keys returns how many keys the node holds; 0 when it is down.
func (n *Node) Keys() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.end == nil {
		return 0
	}
	return len(n.redis.Keys())
}

// work is what each command waits for.
func (n *Node) work(life context.Context) server.Hook {
	return func(peer *server.Peer, _ string, _ ...string) bool {
		if err := n.config.Work(life); err != nil {
			peer.WriteError("BUSY " + err.Error())
			return true
		}
		return false
	}
}

// run pushes the clock, and looks now and then whether there are too many keys.
func (n *Node) run(life context.Context, redis *miniredis.Miniredis) {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for looked := time.Now(); ; {
		select {
		case now := <-ticker.C:
			redis.SetTime(now)
			if now.Sub(looked) >= time.Second {
				looked = now
				n.trim(redis)
			}
		case <-life.Done():
			return
		}
	}
}

// trim drops keys at random until there are no more than may be.
func (n *Node) trim(redis *miniredis.Miniredis) {
	keys := redis.Keys()
	n.draws.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	for _, key := range keys[:max(0, len(keys)-n.config.MaxKeys)] {
		redis.Del(key)
	}
}
