package balance

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/floodmark/floodmark/demo-server/balance/pick"
)

// A pool is the backends, who of them may be had, and what they have done. It opens no
// connection. Any number of goroutines may use it at once.
type pool struct {
	config Config

	mu      sync.Mutex
	picker  pick.Picker
	members []*member // in the order they came
	leaving []*member // removed, with requests under way
	gone    Counts
	budget  budget
	stats   Stats             // its counters alone
	scratch []*pick.Candidate // of choose, to be used again
}

// find returns the place of a member, or -1.
func (p *pool) find(name string) int {
	return slices.IndexFunc(p.members, func(m *member) bool { return m.backend.Name == name })
}

// add puts a member in, unless its name is taken.
func (p *pool) add(m *member) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.find(m.backend.Name) >= 0 {
		return fmt.Errorf("there is a backend %s already", m.backend.Name)
	}
	m.candidate = pick.Candidate{Name: m.backend.Name, Weight: float64(m.backend.Weight)}
	p.members = append(p.members, m)
	return nil
}

// remove takes a member out. It is gone when nothing is under way.
func (p *pool) remove(name string) (*member, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := p.find(name)
	if i < 0 {
		return nil, fmt.Errorf("there is no backend %s", name)
	}
	m := p.members[i]
	p.members = slices.Delete(p.members, i, i+1)
	p.leaving = append(p.leaving, m)
	m.draining = true
	p.bury(m)
	return m, nil
}

// bury counts a member among those that are gone, if it is leaving and idle.
func (p *pool) bury(m *member) {
	if !m.draining || m.candidate.InFlight > 0 {
		return
	}
	p.leaving = slices.DeleteFunc(p.leaving, func(other *member) bool { return other == m })
	p.gone.add(m.counts)
	m.transport.CloseIdleConnections() // what its last requests have left
	close(m.gone)
}

// change lets something happen to a member.
func (p *pool) change(name string, to func(*member)) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := p.find(name)
	if i < 0 {
		return fmt.Errorf("there is no backend %s", name)
	}
	to(p.members[i])
	return nil
}

// alone reports whether no other backend is healthy.
func (p *pool) alone(m *member, now time.Time) bool {
	return !slices.ContainsFunc(p.members, func(other *member) bool {
		return other != m && other.state(now) == Healthy
	})
}

// wait returns in how many seconds it may be worth to ask again when nobody is there.
func (p *pool) wait() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	least := time.Duration(p.config.Check.HealthyAfter) * p.config.Check.Interval
	for _, m := range p.members {
		if m.state(now) == Ejected && (least == 0 || m.ejected.Sub(now) < least) {
			least = m.ejected.Sub(now)
		}
	}
	return max(1, int((least+time.Second-1)/time.Second))
}

// snapshot returns all counts, as of one moment.
func (p *pool) snapshot() Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	s := p.stats
	s.Algorithm = p.config.Algorithm
	s.Gone = p.gone
	for _, m := range slices.Concat(p.members, p.leaving) {
		s.Backends = append(s.Backends, BackendStats{
			Name:        m.backend.Name,
			Address:     m.backend.Address,
			Weight:      m.backend.Weight,
			State:       m.state(now),
			Ramp:        m.ramp(now, p.config.SlowStart),
			Utilisation: m.utilisation(now, p.config.Utilisation.Interval),
			CheckError:  m.checkError,
			InFlight:    m.candidate.InFlight,
			Counts:      m.counts,
			Latency:     summarize(&m.latencies),
		})
	}
	return s
}
