package cache

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/redis/go-redis/v9"
)

// A SharedConfig says where the tier that several processes share is.
type SharedConfig struct {
	Addresses map[string]string // of the Redis servers, host:port, by the name that decides a key's server
	Prefix    string            // of all keys; empty: none

	Timeout   time.Duration // of connecting, and of each call; 0: 200 ms
	Heartbeat time.Duration // between checks, three of which must fail before a server is taken out; 0: 300 ms
	PoolSize  int           // connections to each server; 0: 20

	// Dial makes the connections; nil: by TCP.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// A Shared tier keeps values in Redis, where other processes find them. Keys are spread
// over the servers by rendezvous hashing (go-redis's Ring): when one is gone its share
// of the keys fails until the heartbeat notices, and then moves to the others, empty.
// Any number of caches may use it at once. It is made by NewShared and must be closed,
// after the caches.
type Shared struct {
	ring    *redis.Ring
	prefix  string
	timeout time.Duration
}

// NewShared returns a tier on the servers. It connects when it is used: a server that is
// not there is not an error here.
func NewShared(config SharedConfig) (*Shared, error) {
	config.Timeout = or(config.Timeout, 200*time.Millisecond)
	config.Heartbeat = or(config.Heartbeat, 300*time.Millisecond)
	config.PoolSize = or(config.PoolSize, 20)
	if len(config.Addresses) == 0 {
		return nil, errors.New("a shared tier needs the address of a Redis server")
	}
	if config.Timeout < 0 || config.Heartbeat < 0 || config.PoolSize < 0 {
		return nil, fmt.Errorf("a shared tier cannot have a timeout of %v, a heartbeat of %v or %d connections", config.Timeout, config.Heartbeat, config.PoolSize)
	}
	// go-redis has one logger for all its clients, which writes to standard error each
	// time a server comes or goes. Whoever asks the caches' Stats knows.
	redis.SetLogger(silent{})
	return &Shared{
		prefix:  config.Prefix,
		timeout: config.Timeout,
		ring: redis.NewRing(&redis.RingOptions{
			Addrs:                 config.Addresses,
			Dialer:                config.Dial,
			HeartbeatFrequency:    config.Heartbeat,
			DialTimeout:           config.Timeout,
			DialerRetries:         1,
			ReadTimeout:           config.Timeout,
			WriteTimeout:          config.Timeout,
			ContextTimeoutEnabled: true,
			MaxRetries:            -1, // a miss is cheaper than a wait
			PoolSize:              config.PoolSize,
			PipelinePoolSize:      -1,
			DisableIdentity:       true,
		}),
	}, nil
}

// SetAddresses replaces the servers. Those that stay keep their connections and keys.
func (s *Shared) SetAddresses(addresses map[string]string) error {
	if len(addresses) == 0 {
		return errors.New("a shared tier needs the address of a Redis server")
	}
	s.ring.SetAddrs(addresses)
	return nil
}

// Servers returns how many servers are taken to be up.
func (s *Shared) Servers() int { return s.ring.Len() }

// Close ends all connections.
func (s *Shared) Close() error { return s.ring.Close() }

// header is what stands before a value in Redis: when it expires, as nanoseconds since
// 1970 or 0 for never, and how long it took to load, in nanoseconds. The expiry is there
// as well as in Redis, which keeps a value longer where it may be served stale.
const header = 16

func encode(e *entry) []byte {
	data := make([]byte, header, header+len(e.value))
	if !e.expires.IsZero() {
		binary.BigEndian.PutUint64(data, uint64(e.expires.UnixNano()))
	}
	binary.BigEndian.PutUint64(data[8:], uint64(e.took))
	return append(data, e.value...)
}

func decode(data []byte) (*entry, bool) {
	if len(data) < header {
		return nil, false
	}
	e := &entry{value: data[header:], took: time.Duration(binary.BigEndian.Uint64(data[8:]))}
	if at := binary.BigEndian.Uint64(data); at != 0 {
		e.expires = time.Unix(0, int64(at))
	}
	return e, true
}

// get returns an entry; false without an error when there is none.
func (s *Shared) get(ctx context.Context, key string) (*entry, bool, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	data, err := s.ring.Get(ctx, s.prefix+key).Bytes()
	if errors.Is(err, redis.Nil) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	e, ok := decode(data)
	return e, ok, nil
}

// put keeps an entry for as long as it may be served, and a second longer: a Node's keys
// may be gone a little early. What is too old for its reader is seen by the entry itself.
func (s *Shared) put(ctx context.Context, key string, e *entry, beyond time.Duration) error {
	lifetime := time.Duration(0) // in Redis: for ever
	if !e.expires.IsZero() {
		lifetime = max(time.Until(e.expires)+beyond, 0) + time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	return s.ring.Set(ctx, s.prefix+key, encode(e), lifetime).Err()
}

func (s *Shared) drop(ctx context.Context, key string) error {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	return s.ring.Del(ctx, s.prefix+key).Err()
}

// silent drops what go-redis would print.
type silent struct{}

// Printf drops the line.
func (silent) Printf(context.Context, string, ...any) {}

// ask gets a value from the shared tier, keeps it here, and reports whether it is good
// enough for a reader with that verdict on the value of this process.
func (c *Cache) ask(ctx context.Context, key string, v verdict) ([]byte, bool) {
	if c.config.Shared == nil {
		return nil, false
	}
	e, ok, err := c.config.Shared.get(ctx, key)
	if err != nil {
		c.sharedError()
	}
	if !ok {
		return nil, false
	}
	c.mu.Lock()
	found := c.judge(e, false)
	good := found == fresh || found == ageing && v == expired
	if good && !c.closed {
		c.entries.put(key, e)
	}
	c.mu.Unlock()
	if good && found == ageing {
		c.renew(ctx, key)
	}
	return e.value, good
}

// share keeps an entry in the shared tier, if there is one.
func (c *Cache) share(ctx context.Context, key string, e *entry) {
	if c.config.Shared == nil {
		return
	}
	if err := c.config.Shared.put(ctx, key, e, c.config.MaxStale); err != nil {
		c.sharedError()
	}
}

// unshare drops a key from the shared tier, if there is one.
func (c *Cache) unshare(ctx context.Context, key string) {
	if c.config.Shared == nil {
		return
	}
	if err := c.config.Shared.drop(ctx, key); err != nil {
		c.sharedError()
	}
}

func (c *Cache) sharedError() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts.SharedErrors++
}
