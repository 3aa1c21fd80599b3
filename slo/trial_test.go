package slo

import (
	"time"

	"pgregory.net/rapid"

	"github.com/floodmark/floodmark/measure"
)

// A beat is what one interval of a second brings to one series. Good requests
// take 100 ms, slow ones succeed after 1 s, bad ones fail after 10 ms.
type beat struct{ series, good, slow, bad, unsent, open, late int }

// A trial is an objective followed through made-up seconds.
type trial struct {
	recorder *measure.Recorder
	totals   *measure.Totals
	tracker  *Tracker
	end      time.Duration
}

// follow returns a trial over the series of shop. Number 1 is an ordinary one.
func follow(o Objective) *trial {
	under := []time.Duration{200 * time.Millisecond, 300 * time.Millisecond}
	totals := measure.NewTotals(shop(), under)
	return &trial{measure.NewRecorder(shop(), under, 1), totals, NewTracker(o, totals), 0}
}

// objective returns the objective of a text, with the target that budgets use.
func objective(t rapid.TB, text string) Objective {
	t.Helper()
	return Objective{Name: "shop", Expression: mustParse(t, text), Target: 0.95}
}

// record records what a beat brings.
func (r *trial) record(b beat) {
	lane := r.recorder.Lane(0)
	for range b.good + b.slow + b.bad + b.unsent + b.open {
		lane.Plan(b.series, 0)
	}
	for range b.unsent {
		lane.Unsend(b.series, 0)
	}
	for range b.good {
		lane.Record(&measure.Sample{Series: b.series, Done: 100 * time.Millisecond, Succeeded: true})
	}
	for range b.slow {
		lane.Record(&measure.Sample{Series: b.series, Done: time.Second, Succeeded: true})
	}
	for range b.bad {
		lane.Record(&measure.Sample{Series: b.series, Done: 10 * time.Millisecond})
	}
	for range b.late { // of those left open before
		lane.Record(&measure.Sample{Series: b.series, Done: 3 * time.Second, Succeeded: true})
	}
}

// cut ends an interval of the given length.
func (r *trial) cut(length time.Duration) {
	r.end += length
	in := r.recorder.Cut(r.end)
	r.totals.Add(&in)
	r.tracker.Add(&in)
}

// seconds plays one second a beat.
func (r *trial) seconds(beats ...beat) *trial {
	for _, b := range beats {
		r.record(b)
		r.cut(time.Second)
	}
	return r
}
