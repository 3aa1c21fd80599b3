package balance

import (
	"errors"
	"log/slog"
	"slices"
	"time"
)

// errNoBackend says that there is nobody to hand a request to.
var errNoBackend = errors.New("no backend is available")

// An outcome is how an attempt ended.
type outcome int

const (
	answered  outcome = iota
	broken            // the answer began, and the backend did not end it
	failed            // there was none
	cancelled         // the client went away
	none              // of a request only: it was not attempted
)

// A passage is one request's way through the pool. One goroutine at a time has it.
type passage struct {
	client string     // who asks, for ip_hash
	wish   string     // the name of the backend that it should be, if there is a cookie
	tried  []*member  // in order; the last one is the one at work
	room   [2]*member // of tried, mostly
	begun  time.Time  // of the attempt under way
	last   outcome    // of the latest attempt that has ended
	settle func()     // ends an attempt whose answer has begun, if nothing else has
}

// enter counts a request.
func (p *pool) enter(client, wish string) *passage {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stats.Requests++
	p.stats.InFlight++
	p.budget.deposit(time.Now())
	r := &passage{client: client, wish: wish, last: none}
	r.tried = r.room[:0]
	return r
}

// leave counts how a request ended: as its last attempt did.
func (p *pool) leave(r *passage) {
	if r.settle != nil {
		r.settle()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stats.InFlight--
	switch r.last {
	case answered:
		p.stats.Answered++
	case broken:
		p.stats.Broken++
	case failed:
		p.stats.Failed++
	case cancelled:
		p.stats.Cancelled++
	case none:
		p.stats.Unavailable++
	}
}

// begin picks the backend of the next attempt. It returns errNoBackend when nobody is
// there who was not tried, or there is no budget for a retry.
func (p *pool) begin(r *passage) (*member, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	m := p.choose(r, now)
	if m == nil {
		return nil, errNoBackend
	}
	if len(r.tried) > 0 {
		if !p.budget.withdraw(now) {
			p.stats.RetriesDenied++
			return nil, errNoBackend
		}
		p.stats.Retries++
		m.counts.RetriedTo++
		p.retriedFrom(r.tried[len(r.tried)-1])
	}
	m.counts.Attempts++
	m.candidate.InFlight++
	r.tried = append(r.tried, m)
	r.begun = now
	return m, nil
}

// retriedFrom counts a retry for the member that did not answer.
func (p *pool) retriedFrom(m *member) {
	m.counts.RetriedFrom++
	if m.draining && m.candidate.InFlight == 0 { // it is buried, and its counts with it
		p.gone.RetriedFrom++
	}
}

// choose returns the backend for a request: that of its cookie, or whom the picker takes.
func (p *pool) choose(r *passage, now time.Time) *member {
	p.scratch = p.scratch[:0]
	for _, m := range p.members {
		if m.state(now) != Healthy || slices.Contains(r.tried, m) {
			continue
		}
		if r.wish == m.backend.Name {
			p.stats.Sessions.Kept++
			return m
		}
		m.candidate.Ramp = m.ramp(now, p.config.SlowStart)
		m.candidate.Utilisation = m.utilisation(now, p.config.Utilisation.Interval)
		p.scratch = append(p.scratch, &m.candidate)
	}
	c := p.picker(p.scratch, r.client)
	if c == nil {
		return nil
	}
	switch {
	case p.config.Sticky.Cookie == "" || len(r.tried) > 0:
	case r.wish == "":
		p.stats.Sessions.Begun++
	default:
		p.stats.Sessions.Moved++
	}
	return p.members[p.find(c.Name)]
}

// end counts how an attempt ended. The status is that of its answer, 0 for none.
func (p *pool) end(r *passage, o outcome, status int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	m := r.tried[len(r.tried)-1]
	r.last = o
	m.candidate.InFlight--
	switch o {
	case answered:
		m.counts.Answered++
		m.latencies.Observe(now.Sub(r.begun))
		if status >= 500 {
			m.counts.ServerErrors++
		}
	case broken:
		m.counts.Broken++
	case failed:
		m.counts.Failed++
	case cancelled:
		m.counts.Cancelled++
	case none:
	}
	p.learn(m, o, status, now)
	p.bury(m)
}

// learn counts failures in a row, and ejects the member when there are too many.
func (p *pool) learn(m *member, o outcome, status int, now time.Time) {
	e := p.config.Ejection
	if e.Failures == 0 || o == cancelled || m.state(now) != Healthy {
		return // or those that were under way when it was ejected would eject it again
	}
	bad := o != answered || e.ServerErrors && (status == 500 || status == 502 || status == 504)
	if !bad {
		m.failures = 0
		return
	}
	m.failures++
	if m.failures < e.Failures || p.alone(m, now) {
		return
	}
	m.failures = 0
	m.ejected = now.Add(e.For)
	m.counts.Ejections++
	m.transport.CloseIdleConnections()
	p.config.Log.Warn("backend is ejected", slog.String("backend", m.backend.Name), slog.Duration("for", e.For))
}
