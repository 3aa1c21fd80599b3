package database

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/floodmark/floodmark/demo-server/goods"
)

// A Pool bounds how many calls one replica makes at once: a call has a connection to
// itself until it is answered. Its fields are set before the first call.
type Pool struct {
	Max     int           // calls at once; 0: any number
	MaxWait time.Duration // for one of them to end; 0: nobody waits

	once   sync.Once
	places chan struct{}

	mu    sync.Mutex
	stats PoolStats
}

// PoolStats is what a pool says about itself. At every moment
//
//	Calls = Taken + Waiting + TimedOut + Cancelled
type PoolStats struct {
	Calls     uint64 `json:"calls"`
	Taken     uint64 `json:"taken"`     // got a connection, of which
	Waits     uint64 `json:"waits"`     // waited for it
	Waiting   uint64 `json:"waiting"`   // wait now
	TimedOut  uint64 `json:"timed_out"` // waited in vain
	Cancelled uint64 `json:"cancelled"` // whose caller did not wait to the end

	Busy     int     `json:"busy"`      // connections in use now
	PeakBusy int     `json:"peak_busy"` // the most that were in use at once
	Max      int     `json:"max"`       // 0: any number
	Waited   float64 `json:"waited_seconds"`
}

// Stats returns the counts since the first call.
func (p *Pool) Stats() PoolStats {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.stats
	s.Max = p.Max
	s.Calls = s.Taken + s.Waiting + s.TimedOut + s.Cancelled
	return s
}

// take waits for a connection.
func (p *Pool) take(ctx context.Context) error {
	p.once.Do(func() {
		if p.Max > 0 {
			p.places = make(chan struct{}, p.Max)
		}
	})
	if p.places == nil {
		p.taken(direct)
		return nil
	}
	select {
	case p.places <- struct{}{}:
		p.taken(direct)
		return nil
	default:
	}
	return p.wait(ctx)
}

// wait waits for a connection while there is none.
func (p *Pool) wait(ctx context.Context) error {
	begun := time.Now()
	p.mu.Lock()
	p.stats.Waiting++
	p.mu.Unlock()
	timer := time.NewTimer(p.MaxWait)
	defer timer.Stop()
	select {
	case p.places <- struct{}{}:
		p.taken(time.Since(begun))
		return nil
	case <-timer.C:
		p.gaveUp(&p.stats.TimedOut, time.Since(begun))
		return fmt.Errorf("database: %w: no connection to the database was free within %v", goods.ErrUnavailable, p.MaxWait)
	case <-ctx.Done():
		p.gaveUp(&p.stats.Cancelled, time.Since(begun))
		return ctx.Err()
	}
}

// direct is the wait of who did not wait: in virtual time a real wait may be none.
const direct = -1

// taken counts a connection that is in use from now on.
func (p *Pool) taken(waited time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stats.Taken++
	p.stats.Busy++
	p.stats.PeakBusy = max(p.stats.PeakBusy, p.stats.Busy)
	if waited >= 0 {
		p.stats.Waiting--
		p.stats.Waits++
		p.stats.Waited += waited.Seconds()
	}
}

func (p *Pool) gaveUp(counter *uint64, waited time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stats.Waiting--
	*counter++
	p.stats.Waited += waited.Seconds()
}

// release gives a connection back.
func (p *Pool) release() {
	p.mu.Lock()
	p.stats.Busy--
	p.mu.Unlock()
	if p.places != nil {
		<-p.places
	}
}
