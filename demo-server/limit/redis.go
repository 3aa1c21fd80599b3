package limit

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

//go:embed scripts/*.lua
var scripts embed.FS

// A RedisConfig says where a Redis is.
type RedisConfig struct {
	Addr     string        // host:port of a Redis 7 or of a StandIn; required
	Prefix   string        // of all keys; empty: "floodmark:limit". Gateways that share a limit share it
	Timeout  time.Duration // of a decision, connecting included: so long a request waits for a Redis that hangs; 0: 100ms
	PoolSize int           // connections at most; 0: 16

	// Dial makes the connections; nil: by TCP.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// A Redis is a Store that many gateways share, so that together they admit what one
// would. Each decision is one script in one round trip (two where Redis does not know the
// script yet), so it is atomic; the clock is Redis's, so gateways need not agree on the
// time; and each key expires a second after it makes no difference. (The second is for
// the StandIn, whose keys grow older in steps, and may find themselves a step older at
// once: too early would mean that requests are forgotten.)
//
// A Redis is made by NewRedis and ended by Close. Its methods may be called by any number
// of goroutines at once.
type Redis struct {
	config    RedisConfig
	client    *redis.Client
	rules     map[Algorithm]rule
	decisions atomic.Uint64
	errors    atomic.Uint64
}

// A rule is an algorithm in a script, and how its numbers are read.
type rule struct {
	script *redis.Script
	length int
	read   func(reply []int64, t terms) Decision
}

// NewRedis returns a store at a Redis, which need not be there yet.
func NewRedis(config RedisConfig) (*Redis, error) {
	if config.Addr == "" {
		return nil, errors.New("the address of the Redis is missing; want host:port")
	}
	if config.Dial == nil {
		config.Dial = new(net.Dialer).DialContext
	}
	return newRedis(config, config.Dial)
}

// newRedis is NewRedis with a dialer, for tests in virtual time.
func newRedis(config RedisConfig, dial dialer) (*Redis, error) {
	if config.Prefix == "" {
		config.Prefix = "floodmark:limit"
	}
	if config.Timeout <= 0 {
		config.Timeout = 100 * time.Millisecond
	}
	if config.PoolSize <= 0 {
		config.PoolSize = 16
	}
	rules, err := loadRules()
	if err != nil {
		return nil, err
	}
	return &Redis{config: config, rules: rules, client: redis.NewClient(&redis.Options{
		Addr:                  config.Addr,
		Dialer:                dial.orBroken,
		PoolSize:              config.PoolSize,
		ContextTimeoutEnabled: true,
		// A decision that is asked for again would count twice.
		MaxRetries:               -1,
		DisableIdentity:          true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	})}, nil
}

// loadRules returns the script of each algorithm.
func loadRules() (map[Algorithm]rule, error) {
	rules := make(map[Algorithm]rule)
	for _, a := range Algorithms() {
		r := rule{length: 4}
		file := string(a)
		switch a {
		case TokenBucket, LeakyBucket:
			file = "bucket"
			r.length = 3
			r.read = func(n []int64, t terms) Decision {
				return bucketDecision(a == LeakyBucket, n[0] == 1, n[1], n[2], t)
			}
		case FixedWindow:
			r.length = 3
			r.read = func(n []int64, t terms) Decision { return fixedDecision(n[0] == 1, n[1], n[2], t) }
		case SlidingLog:
			r.read = func(n []int64, t terms) Decision { return logDecision(n[0] == 1, n[1], n[2], n[3], t) }
		case SlidingCounter:
			r.read = func(n []int64, t terms) Decision { return counterDecision(n[0] == 1, n[1], n[2], n[3], t) }
		}
		source, err := scripts.ReadFile("scripts/" + file + ".lua")
		if err != nil {
			return nil, err
		}
		r.script = redis.NewScript(string(source))
		rules[a] = r
	}
	return rules, nil
}

// Decide decides about a request of the key, and remembers it. Its error says why Redis
// could not be asked in time; the request may have been counted all the same.
func (s *Redis) Decide(ctx context.Context, key string, p Policy) (Decision, error) {
	d, err := s.decide(ctx, key, p.withDefaults())
	if err != nil {
		s.errors.Add(1)
		return Decision{}, fmt.Errorf("redis at %s: %w", s.config.Addr, err)
	}
	s.decisions.Add(1)
	return d, nil
}

func (s *Redis) decide(ctx context.Context, key string, p Policy) (Decision, error) {
	ctx, cancel := context.WithTimeout(ctx, s.config.Timeout)
	defer cancel()
	t := p.terms()
	r, ok := s.rules[p.Algorithm]
	if !ok {
		return Decision{}, p.Algorithm.validate()
	}
	reply, err := r.script.Run(ctx, s.client, []string{s.name(key, p)}, t.limit, t.window, t.capacity).Int64Slice()
	if err != nil {
		return Decision{}, err
	}
	if len(reply) != r.length {
		return Decision{}, fmt.Errorf("got %d numbers from the script, want %d", len(reply), r.length)
	}
	return r.read(reply, t), nil
}

// name is where a state is kept: as in Memory, by all that gives it a meaning.
func (s *Redis) name(key string, p Policy) string {
	return s.config.Prefix + ":" + p.Name + ":" + string(p.Algorithm) + ":" +
		strconv.FormatInt(p.Window.Microseconds(), 10) + ":" + key
}

// Keys counts the keys that Redis holds below the prefix, of all gateways. It looks at
// every key of the database, a thousand at a time.
func (s *Redis) Keys(ctx context.Context) (int, error) {
	const batch = 1000
	count := 0
	keys := s.client.Scan(ctx, 0, s.config.Prefix+":*", batch).Iterator()
	for keys.Next(ctx) {
		count++
	}
	if err := keys.Err(); err != nil {
		return 0, fmt.Errorf("redis at %s: %w", s.config.Addr, err)
	}
	return count, nil
}

// Stats returns what this store has done so far. How many keys there are is not known
// here: see Keys.
func (s *Redis) Stats() StoreStats {
	return StoreStats{Kind: "redis", Decisions: s.decisions.Load(), Errors: s.errors.Load(), Keys: -1}
}

// Close ends all connections. What Redis holds stays, until it expires.
func (s *Redis) Close() error { return s.client.Close() }
