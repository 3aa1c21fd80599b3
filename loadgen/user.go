package loadgen

import (
	"context"
	"time"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/targets"
)

// A user walks scenarios, one at a time, with connections and buffers of its own.
type user struct {
	*run
	sender Sender
	lane   *measure.Lane
	inbox  chan arrival // open model: what the pacer hands to a parked user
	resp   targets.Response
	sample measure.Sample
}

// newUser returns a user; its goroutine must leave when it ends.
func newUser(r *run, number int) *user {
	return &user{run: r, sender: r.NewSender(number), lane: r.lane(number + 1)}
}

// leave gives back what the user holds.
func (u *user) leave() {
	if closer, ok := u.sender.(interface{ Close() }); ok {
		closer.Close()
	}
}

// walk takes an arrival through its scenario, all of it, whatever the answers. It
// ends early only when the context ends or a pause reaches the user's end.
func (u *user) walk(ctx context.Context, a *arrival) {
	steps := u.scenario(a)
	request := u.first[a.scenario]
	intended := a.at
	for i := range steps {
		step := &steps[i]
		if step.Request == nil {
			intended += step.Think(u.Seed, a.k, i)
			if !u.pause(ctx, a, intended) {
				return
			}
			continue
		}
		if u.hard.Err() != nil {
			return // what the pacer has planned stays in flight
		}
		series := u.series(request, intended)
		if !a.planned {
			u.lane.Plan(series)
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
func (u *user) pause(ctx context.Context, a *arrival, until time.Duration) bool {
	if a.end > 0 && until >= a.end {
		_ = u.until(ctx, a.end) // the walk ends, either way
		return false
	}
	return u.until(ctx, until) == nil
}

// send does one request and records it. It reports false if it was cancelled: then
// nothing is recorded, and the request stays in flight.
func (u *user) send(req *targets.Request, series int, intended time.Duration) bool {
	u.sender.Send(u.hard, req, &u.resp)
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
	if !resp.FirstByte.IsZero() {
		u.sample.FirstByte = resp.FirstByte.Sub(u.start)
	}
	u.sample.Succeeded = u.Success.Met(resp.Status, resp.Outcome, u.sample.Response())
	u.lane.Record(&u.sample)
	return true
}
