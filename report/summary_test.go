package report_test

import (
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/report"
	"github.com/floodmark/floodmark/slo"
)

func TestVerdictPrecedence(t *testing.T) {
	for _, c := range []struct {
		name     string
		change   func(*scene)
		verdict  report.Verdict
		exitCode int
	}{
		{"interrupted outweighs invalid", func(s *scene) { s.ending.Interrupted = true }, report.Incomplete, 130},
		{"stopped by somebody", func(s *scene) { s.ending.Interrupted, s.ending.StoppedBy = true, "floodmark ctl" }, report.Incomplete, 130},
		{"terminated", func(s *scene) { s.ending.Interrupted, s.ending.Signal = true, 15 }, report.Incomplete, 143},
		{"never ended outweighs invalid", func(s *scene) { s.ending.Incomplete = true }, report.Incomplete, 3},
		{"invalid outweighs missed", func(*scene) {}, report.Invalid, 5},
		{"missed outweighs undecided", func(s *scene) { s.calm() }, report.Fail, 1},
		{"aborted outweighs met", func(s *scene) {
			s.calm()
			s.ending.Aborted, s.statuses = "dip", nil
		}, report.Fail, 1},
		{"by hand outweighs missed", func(s *scene) {
			s.calm()
			s.ending.Steered = []report.Steer{{What: "pause"}}
		}, report.Inconclusive, 3},
		{"by hand outweighs aborted", func(s *scene) {
			s.calm()
			s.ending.Steered, s.ending.Aborted = []report.Steer{{What: "pause"}}, "dip"
		}, report.Inconclusive, 3},
		{"invalid outweighs by hand", func(s *scene) { s.ending.Steered = []report.Steer{{What: "pause"}} }, report.Invalid, 5},
		{"interrupted outweighs by hand", func(s *scene) {
			s.ending.Interrupted, s.ending.Steered = true, []report.Steer{{What: "pause"}}
		}, report.Incomplete, 130},
		{"allowed by hand", func(s *scene) {
			s.calm()
			s.ending.Steered, s.ending.Interactive = []report.Steer{{What: "pause"}}, true
		}, report.Fail, 1},
		{"undecided outweighs met", func(s *scene) { s.calm(); s.statuses = s.statuses[1:] }, report.Inconclusive, 3},
		{"met", func(s *scene) { s.calm(); s.statuses = s.statuses[2:] }, report.Pass, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScene("GET /").minute().pacedAt(10 * time.Millisecond)
			s.statuses = []slo.Status{{Verdict: slo.Missed}, {Verdict: slo.Inconclusive}, {Verdict: slo.Met}}
			c.change(s)
			got := s.summary()
			if got.Verdict != c.verdict || got.ExitCode != c.exitCode {
				t.Errorf("got %s, %d; want %s, %d", got.Verdict, got.ExitCode, c.verdict, c.exitCode)
			}
		})
	}
}

// calm is a minute of a generator that was never late.
func (s *scene) calm() { s.reset().minute() }

func TestRatesAreOfTheMeasuredTime(t *testing.T) {
	s := warmed(t)
	s.ending.Elapsed = 70 * second // drained for 10 s
	got := s.summary()
	if got.Loaded != 50*second || got.Elapsed != 60*second {
		t.Errorf("got %v and %v, want 50s and 1m0s", got.Loaded, got.Elapsed)
	}
	s.ending.Elapsed = 4 * second // ended within warm-up
	if got := s.summary(); got.Loaded != 0 || got.Elapsed != 0 {
		t.Errorf("got %v and %v, want none", got.Loaded, got.Elapsed)
	}
}

func TestRunJSON(t *testing.T) {
	want := warmed(t).run
	want.Rules = report.Rules{LagQuantile: 0.999, Lag: 1500 * time.Microsecond, CPU: 0.333}
	want.Under = []time.Duration{300 * time.Millisecond, 123456789}
	want.Deadlines, want.Failing = []time.Duration{300 * time.Millisecond, 2 * time.Second}, 2*time.Second
	e, err := slo.Parse("success >= 95%")
	if err != nil {
		t.Fatal(err)
	}
	want.Objectives = []report.ObjectiveText{report.Describe(slo.Objective{
		Name: "availability", Expression: e, Point: true, Target: 0.95,
		Select: []slo.Matcher{{Label: "scenario", Op: "!=", Value: `a "b"`}},
	})}
	data, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got report.Run
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	o, err := got.Objectives[0].Objective()
	if err != nil || o.Expression.String() != e.String() || !o.Point || o.Target != 0.95 {
		t.Errorf("got %+v, %v", o, err)
	}
	if _, err := (report.ObjectiveText{Name: "x", Expression: "p99 <"}).Objective(); err == nil {
		t.Error("no error for half an expression")
	}
}

func TestEndingJSON(t *testing.T) {
	want := report.Ending{
		Elapsed: 61234567891, Paced: 60000000001, Interrupted: true, Signal: 15, StoppedBy: "floodmark ctl", Aborted: "dip", LostIntervals: 2, Interactive: true, Warnings: []string{"w"},
	}
	data, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got report.Ending
	if err := json.Unmarshal(data, &got); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
}

// Whatever was measured, both formats keep their promises.
func TestFormatsHold(t *testing.T) {
	schema := compileSchema(t)
	rapid.Check(t, func(t *rapid.T) {
		summary := randomScene(t).summary()
		if !summary.Measured.Balanced() {
			t.Errorf("counts do not balance: %+v", summary.Measured.Counts)
		}
		checkPage(t, render(t, report.Text, summary))
		var value any
		if err := json.Unmarshal([]byte(render(t, report.JSON, summary)), &value); err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(value); err != nil {
			t.Error(err)
		}
	})
}

// words generates any text but what checkPage takes for a slip of the format.
func words() *rapid.Generator[string] {
	return rapid.String().Filter(func(s string) bool { return !strings.ContainsAny(s, "%NI") })
}

func randomScene(t *rapid.T) *scene {
	s := newScene(rapid.SliceOfN(words(), 1, 30).Draw(t, "endpoints")...)
	s.run.Source, s.run.Target = words().Draw(t, "source"), words().Draw(t, "target")
	s.run.AskedRate = rapid.Float64Range(0, 1e12).Draw(t, "asked")
	s.ending.Elapsed = time.Duration(rapid.Int64Range(0, 1e15).Draw(t, "elapsed"))
	s.cpu = rapid.SampledFrom([]float64{0, 0.5, 0.9, 1.5}).Draw(t, "cpu")
	s.health = randomHealth(t)
	s.run.Rules = randomRules(t)
	s.ending.Warnings = rapid.SliceOf(words()).Draw(t, "warnings")
	lane := s.recorder.Lane(0)
	for range rapid.IntRange(0, 200).Draw(t, "requests") {
		series := rapid.IntRange(0, len(s.run.Series)-1).Draw(t, "series")
		lane.Plan(series, 0)
		switch rapid.IntRange(0, 9).Draw(t, "fate") {
		case 0: // stays in flight
		case 1:
			lane.Unsend(series, 0)
		default:
			sample := measure.Sample{
				Series: series, Done: time.Duration(rapid.Int64Range(0, 1e14).Draw(t, "done")),
				Outcome:   measure.Outcome(rapid.IntRange(1, int(measure.OutcomeCount)-1).Draw(t, "outcome")),
				Status:    rapid.SampledFrom([]int{0, 200, 404, 503}).Draw(t, "status"),
				Succeeded: rapid.Bool().Draw(t, "succeeded"), Detail: []byte(words().Draw(t, "detail")),
			}
			lane.Record(&sample)
		}
	}
	s.cut(second)
	s.ending.Steered, s.ending.Interactive = rapid.SliceOfN(rapid.Custom(randomSteer), 0, 12).Draw(t, "steered"), rapid.Bool().Draw(t, "interactive")
	for range rapid.IntRange(0, 4).Draw(t, "objectives") {
		s.statuses = append(s.statuses, randomStatus(t))
	}
	return s
}

func randomSteer(t *rapid.T) report.Steer {
	amount := rapid.Float64Range(0, 1e9)
	return report.Steer{
		At: amount.Draw(t, "at"), By: words().Draw(t, "by"), Stage: words().Draw(t, "stage"), Position: amount.Draw(t, "position"),
		What:   rapid.SampledFrom([]string{report.SteerPause, report.SteerResume, report.SteerLevel, report.SteerSkip}).Draw(t, "what"),
		Paused: rapid.Bool().Draw(t, "paused"), Factor: amount.Draw(t, "factor"), Fixed: amount.Draw(t, "fixed"),
		Before: amount.Draw(t, "before"), Level: amount.Draw(t, "level"),
	}
}

func randomRules(t *rapid.T) report.Rules {
	ratio := rapid.SampledFrom([]float64{0, 1e-5, 0.333, 0.99, 1})
	return report.Rules{
		LagQuantile: rapid.SampledFrom([]float64{0.5, 0.999, 1}).Draw(t, "quantile"),
		Lag:         time.Duration(rapid.Int64Range(0, 1e10).Draw(t, "lag")),
		CPU:         ratio.Draw(t, "cpu limit"), SentRate: ratio.Draw(t, "sent limit"),
	}
}

// randomHealth returns a health of which anything may be unknown, but the CPU.
func randomHealth(t *rapid.T) measure.Health {
	amount := rapid.Ptr(rapid.Custom(func(t *rapid.T) time.Duration {
		return time.Duration(rapid.Int64Range(0, 1e12).Draw(t, "amount"))
	}), true)
	count := rapid.Int64Range(0, 1e12)
	h := measure.Health{
		Throttled: amount.Draw(t, "throttled"), RunQueue: amount.Draw(t, "run queue"), Stolen: amount.Draw(t, "stolen"),
		GC:   measure.Pauses{Count: count.Draw(t, "pauses"), Longest: time.Duration(count.Draw(t, "longest"))},
		Heap: count.Draw(t, "heap"), Resident: rapid.Ptr(count, true).Draw(t, "resident"),
		ClockStep: time.Duration(rapid.Int64Range(-1e12, 1e12).Draw(t, "step")),
	}
	if rapid.Bool().Draw(t, "files") {
		h.Files = &measure.Files{Open: count.Draw(t, "open"), Limit: count.Draw(t, "limit")}
	}
	if rapid.Bool().Draw(t, "sockets") {
		h.Sockets = &measure.Sockets{TimeWait: count.Draw(t, "waiting"), Ports: count.Draw(t, "ports")}
	}
	return h
}

func randomStatus(t *rapid.T) slo.Status {
	e, err := slo.Parse(rapid.SampledFrom([]string{"success >= 95%", "p99.9 < 1s", "rps > 10/s", "count > 5", "burn < 2"}).Draw(t, "expression"))
	if err != nil {
		t.Fatal(err)
	}
	return slo.Status{
		Objective: slo.Objective{Expression: e},
		Verdict:   rapid.SampledFrom([]slo.Verdict{slo.Met, slo.Missed, slo.Inconclusive}).Draw(t, "verdict"),
		HasData:   rapid.Bool().Draw(t, "has data"), HasBounds: rapid.Bool().Draw(t, "has bounds"),
		Unit:     rapid.SampledFrom([]string{"ratio", "seconds", "per_second", "count"}).Draw(t, "unit"),
		Observed: rapid.Float64Range(0, 1e9).Draw(t, "observed"), Limit: rapid.Float64Range(0, 1e9).Draw(t, "limit"),
		More: rapid.Int64Range(-1, 1e12).Draw(t, "more"), BudgetSpentAt: time.Duration(rapid.Int64Range(-1, 1e14).Draw(t, "spent")),
		Spans: make([]slo.Span, rapid.IntRange(0, 64).Draw(t, "spans")), Reason: words().Draw(t, "reason"),
	}
}

// A brokenPipe fails like one.
type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, os.ErrClosed }

func TestFormatsReturnTheWritersError(t *testing.T) {
	for name, format := range map[string]report.Format{"text": report.Text, "json": report.JSON} {
		if err := format(brokenPipe{}, passing(t).summary()); !errors.Is(err, os.ErrClosed) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
