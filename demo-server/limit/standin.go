package limit

import (
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
)

const (
	// clockTick is how often a StandIn's keys grow older.
	clockTick = 10 * time.Millisecond
	// longestStep is by how much at most: a key that was set just before grows older by as
	// much, and must not expire before its time because this process was held up.
	longestStep = 100 * time.Millisecond
)

// A StandIn stands in for a Redis where none is installed: miniredis, a test double that
// speaks Redis's protocol from inside this process. It runs the same scripts, and it
// keeps nothing on disk, knows one core and forgets all when it ends. It is made by
// StartStandIn and ended by Close, which any number of goroutines may call.
type StandIn struct {
	server *miniredis.Miniredis
	end    func()
	clock  sync.WaitGroup
}

// StartStandIn starts one that listens on a loopback address, such as 127.0.0.1:0, which
// takes a free port and is also what an empty address means.
func StartStandIn(addr string) (*StandIn, error) {
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	host, _, err := net.SplitHostPort(addr)
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("redis stand-in: address is %q, want a loopback address such as 127.0.0.1:6379", addr)
	}
	s := &StandIn{server: miniredis.NewMiniRedis()}
	if err := s.server.StartAddr(addr); err != nil {
		return nil, fmt.Errorf("redis stand-in: %w", err)
	}
	ended := make(chan struct{})
	s.end = sync.OnceFunc(func() { close(ended) })
	s.clock.Go(func() { s.age(ended) })
	return s, nil
}

// age lets time pass for the keys: in miniredis their lives stand still by themselves.
// Its own clock (ClockTTL) would look at every key again in each command.
func (s *StandIn) age(ended <-chan struct{}) {
	ticker := time.NewTicker(clockTick)
	defer ticker.Stop()
	for last := time.Now(); ; {
		select {
		case <-ticker.C:
			now := time.Now()
			s.server.FastForward(min(now.Sub(last), longestStep))
			last = now
		case <-ended:
			return
		}
	}
}

// Addr returns the address, with the port that was really taken.
func (s *StandIn) Addr() string { return s.server.Addr() }

// Close ends it, and all connections to it. Calling it again does no harm.
func (s *StandIn) Close() error {
	s.end()
	s.clock.Wait()
	s.server.Close()
	return nil
}
