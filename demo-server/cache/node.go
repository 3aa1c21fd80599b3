package cache

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/floodmark/floodmark/demo-server/standin"
)

// A NodeConfig says what stand-in for a Redis server to start.
type NodeConfig struct {
	Addr    string // on a loopback address; empty: 127.0.0.1:0, a free port
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
	mu     sync.Mutex
	config standin.Config // with the address it got
	redis  *standin.Redis // nil: it is down
}

// StartNode starts a node and returns when it listens.
func StartNode(config NodeConfig) (*Node, error) {
	config.MaxKeys = or(config.MaxKeys, 100_000)
	n := &Node{config: standin.Config(config)}
	if err := n.Start(); err != nil {
		return nil, err
	}
	return n, nil
}

// Addr returns where the node listens, or did before it was killed.
func (n *Node) Addr() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.config.Addr
}

// Start starts a node that was killed, empty, at its old address.
func (n *Node) Start() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.redis != nil {
		return errors.New("the node is up")
	}
	redis, err := standin.Start(n.config)
	if err != nil {
		return fmt.Errorf("cache node: %w", err)
	}
	n.redis, n.config.Addr = redis, redis.Addr()
	return nil
}

// Kill ends the node at once: its connections are cut and its keys are gone.
func (n *Node) Kill() { _ = n.Close() } // which has no error to give

// Close ends the node.
func (n *Node) Close() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.redis == nil {
		return nil
	}
	redis := n.redis
	n.redis = nil
	return redis.Close()
}

// Keys returns how many keys the node holds; 0 when it is down.
func (n *Node) Keys() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.redis == nil {
		return 0
	}
	return n.redis.Keys()
}
