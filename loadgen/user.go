package loadgen

import (
	"time"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/targets"
)

// A user walks scenarios, one at a time, with connections and buffers of its own.
type user struct {
	*run
	sender Sender
	lane   *measure.Lane
	resp   targets.Response
	sample measure.Sample

	here    *leg   // in which it pauses
	remote  string // who answered last
	backend int    // its number

	// Of the open model. An armed user sleeps on its connection, and the pacer
	// sends the first request of its next arrival; others sleep on their inbox.
	inbox    chan arrival
	starter  Starter // nil if the sender is none
	ready    func() bool
	begun    arrival // what the pacer has begun
	answered bool    // its first request has been: resp tells how
	parked   bool    // free, or being given an arrival; guarded by the pool's lock
	armed    bool    // likewise
}

// newUser returns a user; its goroutine must leave when it ends.
func newUser(r *run, number int) *user {
	u := &user{run: r, sender: r.NewSender(number), lane: r.lane(number + 1)}
	u.starter, _ = u.sender.(Starter)
	return u
}

// leave gives back what the user holds.
func (u *user) leave() {
	if closer, ok := u.sender.(interface{ Close() }); ok {
		closer.Close()
	}
}

// walk takes an arrival through its scenario, all of it, whatever the answers. It
// ends early only when the run does or a pause reaches the user's end.
func (u *user) walk(a *arrival) {
	steps := u.scenario(a)
	request := u.first[a.scenario]
	intended := a.at
	for i := range steps {
		step := &steps[i]
		if step.Request == nil {
			intended += step.Think(u.Seed, a.k, i)
			if !u.pause(a, intended) {
				return
			}
			continue
		}
		if u.hard.Err() != nil && !u.answered {
			return // what the pacer has planned stays in flight
		}
		series := a.series
		if !a.planned {
			series = u.series(request, u.leg.Load().at(intended))
			u.lane.Plan(series, intended)
		}
		a.planned = false
		request++
		if !u.send(step.Request, series, intended) {
			return
		}
		intended = u.sample.Done
	}
}

// pause waits until an offset, and reports false if the walk ends there.
func (u *user) pause(a *arrival, until time.Duration) bool {
	if a.seat == nil {
		return u.until(u.hard, until) == nil
	}
	for {
		u.here = u.leg.Load()
		leaves := u.here.when(a.seat.until())
		switch err := u.until(u.here.over, min(until, leaves)); {
		case err == nil:
			return until < leaves
		case u.leg.Load() == u.here:
			return false // the run is over
		}
	}
}

// send does one request and records it. It reports false if it was cancelled: then
// nothing is recorded, and the request stays in flight.
func (u *user) send(req *targets.Request, series int, intended time.Duration) bool {
	if !u.answered {
		u.sender.Send(u.hard, req, &u.resp)
	}
	u.answered = false
	resp := &u.resp
	if resp.Outcome == measure.None {
		return false
	}
	u.sample = measure.Sample{
		Series:   series,
		Intended: intended,
		Sent:     resp.Sent.Sub(u.start),
		Done:     resp.Done.Sub(u.start),
		Connect:  resp.Connect,
		TLS:      resp.TLS,
		Outcome:  resp.Outcome,
		Status:   resp.Status,
		BytesIn:  resp.BytesIn,
		BytesOut: resp.BytesOut,
		Detail:   resp.Detail,
	}
	if resp.Remote != u.remote {
		u.remote, u.backend = resp.Remote, u.Recorder.Backend(resp.Remote)
	}
	u.sample.Backend = u.backend
	if !resp.FirstByte.IsZero() {
		u.sample.FirstByte = resp.FirstByte.Sub(u.start)
	}
	u.sample.Succeeded = u.Success.Met(resp.Status, resp.Outcome, u.sample.Response())
	u.lane.Record(&u.sample)
	return true
}
