package dashboard_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/floodmark/floodmark/alert"
	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/report"
	"github.com/floodmark/floodmark/slo"
)

// endpoints of the fixture: their share of the requests, how slow they are beside the
// quickest, and how often they fail in bad seconds.
var endpoints = []struct {
	name                  string
	share, slowness, fail float64
}{
	{"GET /api/products", 0.50, 1, 0.01},
	{"GET /api/products/{id}", 0.30, 1.3, 0.02},
	{"POST /api/cart", 0.15, 1.7, 0.05},
	{"POST /api/checkout", 0.05, 2.8, 0.20},
}

// newRun is what the fixture was asked: five minutes in three stages.
func newRun() report.Run {
	run := report.Run{
		Name: "checkout.yaml", Target: "http://shop.example:8080", Planned: 5 * time.Minute, Open: true,
		Rules: report.Rules{LagQuantile: 0.99, Lag: 5 * time.Millisecond, CPU: 0.85, SentRate: 0.99},
		Stages: []report.Stage{
			{Name: "ramp", End: 30 * time.Second},
			{Name: "hold", Start: 30 * time.Second, End: 4 * time.Minute},
			{Name: "ramp down", Start: 4 * time.Minute, End: 5 * time.Minute},
		},
	}
	for _, e := range endpoints {
		run.Series = append(run.Series, measure.Series{Endpoint: e.name, Scenario: "shop", Stage: "hold"})
	}
	return run
}

// after returns the snapshot after so many seconds of a shop that was slow and failing
// from 85 to 110 s. It is the same each time.
func after(tb testing.TB, seconds int) *report.Snapshot {
	tb.Helper()
	run := newRun()
	camera := report.NewCamera(run, []string{"to 500/s", "500/s", "to 0/s"})
	totals := measure.NewTotals(run.Series, nil)
	var trackers []*slo.Tracker
	for _, text := range []string{"p99 < 250ms", "errors < 0.5%", "success >= 99%"} {
		e, err := slo.Parse(text)
		if err != nil {
			tb.Fatal(err)
		}
		trackers = append(trackers, slo.NewTracker(slo.Objective{Name: "shop", Expression: e}, totals))
	}
	random := rand.New(rand.NewPCG(1, 2))
	for second := range seconds {
		in := interval(random, second)
		totals.Add(in)
		var statuses []slo.Status
		for _, tracker := range trackers {
			tracker.Add(in)
			if second == seconds-1 {
				statuses = append(statuses, tracker.Status())
			}
		}
		camera.Add(in, statuses)
		happen(camera, second+1)
	}
	return camera.Snapshot(time.Date(2026, 11, 26, 7, 12, 55, 0, time.UTC))
}

// interval makes up a second.
func interval(random *rand.Rand, second int) *measure.Interval {
	in := &measure.Interval{
		Index: second, Start: time.Duration(second) * time.Second, End: time.Duration(second+1) * time.Second,
		Health: &measure.Health{
			CPU:       &measure.CPU{Used: 1120 * time.Millisecond, Allowed: 8 * time.Second, Limit: measure.LimitCPUs},
			Heap:      18_000_000,
			Resident:  new(int64(61_000_000)),
			Files:     &measure.Files{Open: 61, Limit: 1_048_576},
			Sockets:   &measure.Sockets{TimeWait: 12, Ports: 28_232},
			GC:        measure.Pauses{Count: 1, Total: 90 * time.Microsecond, Longest: 90 * time.Microsecond},
			ClockStep: 0,
		},
	}
	rate := 500.0
	if second < 30 {
		rate = 500 * (float64(second) + 0.5) / 30
	}
	bad := second >= 85 && second < 110
	for series, e := range endpoints {
		tally := &measure.Tally{}
		n := int64(math.Round(rate * e.share))
		tally.Planned = n
		if second >= 96 && second < 108 { // max_in_flight is reached
			tally.Unsent = n / 12
			n -= tally.Unsent
		}
		for i := range n {
			in.Pacing.Record(time.Duration(30+random.IntN(200)) * time.Microsecond)
			ms := 7.5 * e.slowness * math.Exp(0.75*random.NormFloat64())
			failing := e.fail / 20
			if bad {
				ms = 7.5 * e.slowness * math.Exp(1.1+0.95*random.NormFloat64())
				failing = e.fail
			}
			d := time.Duration(ms * 1e6)
			tally.Response.Record(d)
			tally.Service.Record(d)
			tally.Lag.Record(80 * time.Microsecond)
			if random.Float64() >= failing {
				tally.Succeeded++
				tally.Outcomes[measure.Status2xx]++
				continue
			}
			fail(tally, series, in.Start, i)
		}
		tally.InFlight = int64(2 + series)
		in.Series = append(in.Series, measure.SeriesInterval{Series: series, Tally: tally})
	}
	return in
}

// fail counts a failed request: most are 503, some time out.
func fail(tally *measure.Tally, series int, at time.Duration, i int64) {
	tally.Failed++
	outcome, status, detail := measure.Status5xx, 503, "upstream timed out"
	if i%4 == 3 {
		outcome, status, detail = measure.Timeout, 0, "no answer within 2s"
	}
	tally.Outcomes[outcome]++
	if status > 0 {
		tally.Add(&measure.Tally{Statuses: []measure.StatusCount{{Status: status, Count: 1}}})
	}
	tally.Add(&measure.Tally{Exemplars: []measure.Exemplar{{At: at, Series: series, Outcome: outcome, Status: status, Detail: detail}}})
}

// happen is what happens besides requests.
func happen(camera *report.Camera, second int) {
	at := time.Duration(second) * time.Second
	change := report.Change{
		SLO: "availability", Rule: "fast-burn", From: alert.Pending, State: alert.Firing, At: at.Seconds(), Began: at.Seconds() - 5,
		When: "burn > 6 over 30s", Value: 9.4, Limit: 6, Worst: 9.4, Events: 15_000,
	}
	notice := alert.Notice{ID: "n1", SLO: "availability", Rule: "fast-burn", Kind: alert.Fired, Receivers: []string{"chat", "pager"}}
	switch second {
	case 60:
		camera.Note(at, report.EventMarker, "deployed v2")
	case 70:
		camera.Note(at, report.EventControl, "rate 450/s → 500/s by keyboard")
	case 93:
		camera.AddChange(change)
		camera.AddNotice(&notice)
		camera.AddDelivery(&report.Delivery{Receiver: "chat", Notices: []string{"n1"}, Outcome: alert.Delivered, Attempt: 1})
	case 95:
		camera.AddDelivery(&report.Delivery{Receiver: "pager", Notices: []string{"n1"}, Outcome: alert.Later, Attempt: 1, At: 95, Detail: "HTTP 429"})
	case 121:
		change.From, change.State, change.Reason, change.Worst, change.Began = alert.Firing, alert.Inactive, alert.Cleared, 14.2, 88
		camera.AddChange(change)
		notice.ID, notice.Kind = "n2", alert.Resolved
		camera.AddNotice(&notice)
		camera.AddDelivery(&report.Delivery{Receiver: "chat", Notices: []string{"n2"}, Outcome: alert.Delivered, Attempt: 1})
		camera.AddDelivery(&report.Delivery{Receiver: "pager", Notices: []string{"n2"}, Outcome: alert.Delivered, Attempt: 1})
	}
}
