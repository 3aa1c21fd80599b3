package report_test

import (
	"testing"
	"time"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/report"
	"github.com/floodmark/floodmark/slo"
)

const second = time.Second

// A scene is a run made up for a test, second by second.
type scene struct {
	run      report.Run
	ending   report.Ending
	statuses []slo.Status
	totals   *measure.Totals
	recorder *measure.Recorder
	health   measure.Health // of each interval; CPU is a share of one CPU
	cpu      float64
	bare     bool // no interval has a health
}

// newScene returns a run of a minute at 100/s with the given endpoints.
func newScene(endpoints ...string) *scene {
	s := &scene{
		run: report.Run{
			Version: "0.1.0", Name: "checkout", Source: "checkout.yaml", Target: "http://127.0.0.1:8080",
			Started: time.Date(2026, 11, 22, 5, 10, 44, 0, time.UTC), Planned: time.Minute, Load: "100/s for 1m",
			Executor: "constant-arrival-rate", Seed: 42, AskedRate: 100, Open: true,
			Stages:      []report.Stage{{Name: "steady", End: time.Minute}},
			MaxInFlight: 5000,
			Rules:       report.Rules{LagQuantile: 0.99, Lag: 5 * time.Millisecond, CPU: 0.85, SentRate: 0.99},
		},
		ending: report.Ending{
			Elapsed: time.Minute + 200*time.Millisecond, SavedAs: ".floodmark/runs/20261122-051044-checkout",
		},
		cpu: 0.14,
	}
	for _, name := range endpoints {
		s.run.Series = append(s.run.Series, measure.Series{
			Endpoint: name, Scenario: "browse", Method: "GET", Stage: "steady",
		})
	}
	return s.reset()
}

// reset begins the measurement anew, after a change of the run's series.
func (s *scene) reset() *scene {
	s.recorder = measure.NewRecorder(s.run.Series, s.run.Under, 1)
	s.totals = measure.NewTotals(s.run.Series, s.run.Under)
	return s
}

// A sampleOption changes what a request did.
type sampleOption func(*measure.Sample)

// failing makes the requests fail.
func failing(outcome measure.Outcome, status int, detail string) sampleOption {
	return func(s *measure.Sample) {
		s.Outcome, s.Status, s.Succeeded, s.Detail = outcome, status, false, []byte(detail)
	}
}

// from makes a server at an address answer.
func (s *scene) from(address string) sampleOption {
	return func(sample *measure.Sample) { sample.Backend = s.recorder.Backend(address) }
}

// slow stretches the requests by a factor.
func slow(factor int) sampleOption {
	return func(s *measure.Sample) { s.Done = s.Sent + time.Duration(factor)*(s.Done-s.Sent) }
}

// requests records n requests of a series, spread over a second from at on, with
// service times from 5 to 15 ms.
func (s *scene) requests(series, n int, at time.Duration, options ...sampleOption) {
	lane := s.recorder.Lane(0)
	for i := range n {
		intended := at + time.Duration(i)*second/time.Duration(n)
		lane.Plan(series, intended)
		lane.Pace(40 * time.Microsecond)
		sample := measure.Sample{
			Series: series, Intended: intended, Sent: intended + 100*time.Microsecond,
			Outcome: measure.Status2xx, Status: 200, Succeeded: true, BytesIn: 1200, BytesOut: 180,
		}
		sample.Done = sample.Sent + 5*time.Millisecond + time.Duration(i)*10*time.Millisecond/time.Duration(n)
		if i == 0 && at == 0 {
			sample.Connect, sample.TLS = 300*time.Microsecond, 2*time.Millisecond
		}
		for _, change := range options {
			change(&sample)
		}
		lane.Record(&sample)
	}
}

// cut ends an interval.
func (s *scene) cut(end time.Duration) {
	in := s.recorder.Cut(end)
	h := s.health
	if s.cpu > 0 {
		h.CPU = &measure.CPU{Used: time.Duration(s.cpu * float64(in.Length())), Allowed: in.Length(), Limit: measure.LimitCPUs}
	}
	if !s.bare {
		in.Health = &h
	}
	s.totals.Add(&in)
}

// minute records 70, 20 and 10 requests a second of the first three series.
func (s *scene) minute() *scene {
	for at := time.Duration(0); at < time.Minute; at += second {
		for series, n := range []int{70, 20, 10}[:min(len(s.run.Series), 3)] {
			s.requests(series, n, at)
		}
		s.cut(at + second)
	}
	return s
}

// judged adds a status; the expression is parsed.
func (s *scene) judged(t *testing.T, expression string, status slo.Status) {
	t.Helper()
	e, err := slo.Parse(expression)
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	status.Objective.Name, status.Objective.Expression = "availability", e
	s.statuses = append(s.statuses, status)
	s.run.Objectives = append(s.run.Objectives, report.Describe(status.Objective))
}

// met returns a status that was met.
func met(unit string, observed, limit float64) slo.Status {
	return slo.Status{
		Verdict: slo.Met, HasData: true, Observed: observed, Limit: limit, Unit: unit, Events: 6000, BudgetSpentAt: -1, Burn: -1,
	}
}

// missed returns one that was missed.
func missed(unit string, observed, limit float64, spans ...slo.Span) slo.Status {
	s := met(unit, observed, limit)
	s.Verdict, s.Spans = slo.Missed, spans
	for _, span := range spans {
		s.BadFor += span.Length()
	}
	return s
}

func (s *scene) summary() report.Summary {
	return report.Summarise(s.run, s.ending, s.totals, s.statuses)
}
