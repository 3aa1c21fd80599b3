package loadgen

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/targets"
)

// A plot is one randomly drawn run.
type plot struct {
	closed                      bool
	arrivals                    []time.Duration
	spans                       []Span
	iterations                  int64
	delays                      []time.Duration
	maxInFlight, maxConnections int
	drain, stop, cancel         time.Duration // the last two 0: not at all
	seed                        uint64
	steered                     *steered
}

// A steered run is one to which things are done.
type steered struct {
	course  *course
	doings  []doing
	changes []Change
}

// attach lets things be done to a generator's run.
func (s *steered) attach(g *Generator) {
	g.Control = &Control{Turn: s.course.turn, Changed: func(c Change) { s.changes = append(s.changes, c) }}
	for _, d := range s.doings {
		time.AfterFunc(d.at, func() { _ = d.do(g.Control) })
	}
}

// drawPlot draws one.
func drawPlot(t *rapid.T) plot {
	within := func(low, high int, label string) time.Duration {
		return time.Duration(rapid.IntRange(low, high).Draw(t, label)) * time.Millisecond
	}
	p := plot{
		closed:         rapid.Bool().Draw(t, "closed"),
		maxInFlight:    rapid.IntRange(1, 20).Draw(t, "max in flight"),
		maxConnections: rapid.IntRange(0, 10).Draw(t, "max connections"),
		drain:          within(0, 4000, "drain"),
		iterations:     int64(rapid.IntRange(0, 40).Draw(t, "iterations")),
		seed:           rapid.Uint64().Draw(t, "seed"),
	}
	if rapid.Bool().Draw(t, "stops") {
		p.stop = within(1, 9000, "stop")
	}
	if rapid.Bool().Draw(t, "ends") {
		p.cancel = within(1, 9000, "cancel")
	}
	for range rapid.IntRange(0, 80).Draw(t, "arrivals") {
		p.arrivals = append(p.arrivals, within(0, 8000, "at"))
	}
	slices.Sort(p.arrivals)
	for range rapid.IntRange(0, 6).Draw(t, "users") {
		start := within(0, 5000, "start")
		p.spans = append(p.spans, Span{start, start + within(0, 4000, "length")})
	}
	slices.SortFunc(p.spans, func(a, b Span) int { return int(a.Start - b.Start) })
	for range rapid.IntRange(1, 10).Draw(t, "delays") {
		p.delays = append(p.delays, within(1, 3000, "delay"))
	}
	return p
}

// run plays the plot in a bubble and returns what was cut each second, and the
// result.
func (p plot) run(t *testing.T) (cuts []measure.Interval, result Result, table []measure.Series) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var n atomic.Int64
		target := &fakeTarget{
			delay: func(time.Duration) time.Duration { return p.delays[int(n.Add(1))%len(p.delays)] },
			fails: func(sent time.Duration) bool { return sent%3 == 0 },
		}
		mix, err := targets.NewMix([]targets.Scenario{
			{Name: "one", Weight: 2, Steps: []targets.Step{get(t, "a")}},
			{Name: "more", Weight: 1, Steps: []targets.Step{think(0, time.Second), get(t, "b"), get(t, "c"), think(0, 2*time.Second), get(t, "d")}},
		})
		if err != nil {
			t.Fatal(err)
		}
		g := setUp(t, target, mix, Stage{"ramp", 2 * time.Second, true}, Stage{"steady", 5 * time.Second, false})
		g.Seed, g.Drain, g.MaxInFlight, g.MaxConnections = p.seed, p.drain, p.maxInFlight, p.maxConnections
		g.Recorder.Deadlines(100*time.Millisecond, time.Second)
		table = g.Recorder.Series()
		cuts, result = p.play(t, g)
		if opened, closed := len(slices.Compact(slices.Sorted(slices.Values(target.users)))), target.closed.Load(); int64(opened) > closed {
			t.Errorf("%d users sent, %d were closed", opened, closed)
		}
	})
	return cuts, result, table
}

// play runs the generator, and cuts each second and at the end.
func (p plot) play(t *testing.T, g *Generator) (cuts []measure.Interval, result Result) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stop := make(chan struct{})
	if p.cancel > 0 {
		defer time.AfterFunc(p.cancel, cancel).Stop()
	}
	if p.stop > 0 {
		defer time.AfterFunc(p.stop, func() { close(stop) }).Stop()
	}
	done := make(chan struct{})
	var beat sync.WaitGroup
	beat.Go(func() {
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				cuts = append(cuts, g.Recorder.Cut(time.Since(g.Start)))
			case <-done:
				return
			}
		}
	})
	switch {
	case p.steered != nil && p.closed:
		p.steered.attach(g)
		result = g.RunClosed(ctx, stop, p.steered.course.users, p.iterations)
	case p.steered != nil:
		p.steered.attach(g)
		result = g.RunOpen(ctx, stop, p.steered.course.arrivals)
	case p.closed:
		result = g.RunClosed(ctx, stop, slices.Values(p.spans), p.iterations)
	default:
		result = g.RunOpen(ctx, stop, slices.Values(p.arrivals))
	}
	close(done)
	beat.Wait()
	return append(cuts, g.Recorder.Cut(time.Since(g.Start))), result
}

// Whatever arrives, whatever the target does and however it ends: at each second
// every planned request of every series is accounted for, and only those in flight are
// overdue.
func TestEveryRequestIsAccountedFor(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := drawPlot(rt)
		cuts, result, table := p.run(t)
		sums := measure.NewTotals(table, nil)
		for i := range cuts {
			sums.Add(&cuts[i])
			for _, series := range table {
				got := sums.Select(func(s measure.Series) bool { return s == series })
				if !got.Balanced() || got.InFlight < 0 || got.Response.Count() != got.Finished() {
					rt.Fatalf("cut %d, %+v: %+v", i, series, got.Counts)
				}
				late := got.InFlight
				for _, o := range got.Overdue { // of ever later deadlines
					if open := o.New - o.Ended; open < 0 || open > late {
						rt.Fatalf("cut %d, %+v: %+v are overdue, of %d at most", i, series, o, late)
					}
					late = o.New - o.Ended
				}
			}
		}
		if err := p.check(sums, result); err != nil {
			rt.Fatal(err)
		}
	})
}

// check compares the end of a run with what it was given.
func (p plot) check(sums *measure.Totals, result Result) error {
	all := sums.Select(nil)
	firsts := sums.Select(func(s measure.Series) bool { return s.Endpoint == "a" || s.Endpoint == "b" })
	switch {
	case !p.closed && firsts.Planned != result.Arrivals:
		return fmt.Errorf("%d first requests planned in %d arrivals", firsts.Planned, result.Arrivals)
	case p.closed && (firsts.Planned > result.Arrivals || all.Unsent > 0):
		return fmt.Errorf("%+v in %d iterations", all.Counts, result.Arrivals)
	case p.closed && p.iterations > 0 && result.Arrivals > p.iterations:
		return fmt.Errorf("%d iterations, limit %d", result.Arrivals, p.iterations)
	case !p.closed && !result.Stopped && result.Arrivals != int64(len(p.arrivals)):
		return fmt.Errorf("%d arrivals of %d", result.Arrivals, len(p.arrivals))
	case result.Stopped && p.stop == 0 && p.cancel == 0:
		return fmt.Errorf("stopped by nobody")
	case !p.closed && all.InFlight > int64(p.maxInFlight):
		return fmt.Errorf("%d in flight, limit %d", all.InFlight, p.maxInFlight)
	case result.Drained > p.drain || result.Drained > result.Elapsed:
		return fmt.Errorf("result %+v with a drain of %v", result, p.drain)
	case all.InFlight > 0 && p.cancel == 0 && result.Drained != p.drain:
		return fmt.Errorf("%d in flight after a drain of %v", all.InFlight, result.Drained)
	}
	return nil
}

func TestSeriesTable(t *testing.T) {
	mix, err := targets.NewMix([]targets.Scenario{
		{Name: "one", Weight: 1, Steps: []targets.Step{get(t, "a"), think(0, 0), get(t, "b")}},
		{Name: "two", Weight: 1, Steps: []targets.Step{think(0, 0), get(t, "a")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := Series(mix, []Stage{{"ramp", time.Second, true}, {"steady", time.Minute, false}})
	want := []measure.Series{
		{Endpoint: "a", Scenario: "one", Method: "GET", Stage: "ramp", Warmup: true},
		{Endpoint: "b", Scenario: "one", Method: "GET", Stage: "ramp", Warmup: true},
		{Endpoint: "a", Scenario: "two", Method: "GET", Stage: "ramp", Warmup: true},
		{Endpoint: "a", Scenario: "one", Method: "GET", Stage: "steady"},
		{Endpoint: "b", Scenario: "one", Method: "GET", Stage: "steady"},
		{Endpoint: "a", Scenario: "two", Method: "GET", Stage: "steady"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("Series = %+v, want %+v", got, want)
	}
	same, err := targets.NewMix([]targets.Scenario{
		{Name: "one", Weight: 1, Steps: []targets.Step{get(t, "a"), get(t, "b"), get(t, "a"), get(t, "a")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := Series(same, nil); len(got) != 2 {
		t.Errorf("requests of the same name: %d series, want 2", len(got))
	}
	if got := Series(mix, nil); len(got) != 3 {
		t.Errorf("without stages: %d series, want 3", len(got))
	}
}

func TestValidate(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Generator)
		want   string // part of the error; "" for none
	}{
		{"as it should be", func(*Generator) {}, ""},
		{"no mix", func(g *Generator) { g.Mix = nil }, "mix, senders and recorder"},
		{"no senders", func(g *Generator) { g.NewSender = nil }, "mix, senders and recorder"},
		{"no recorder", func(g *Generator) { g.Recorder = nil }, "mix, senders and recorder"},
		{"another run's recorder", func(g *Generator) { g.Stages = make([]Stage, 2) }, "not those of the mix"},
		{"negative limit", func(g *Generator) { g.MaxInFlight = -1 }, "negative"},
		{"negative drain", func(g *Generator) { g.Drain = -1 }, "negative"},
		{"stages out of order", func(g *Generator) { g.Stages = []Stage{{End: 2}, {End: 1}} }, "not in order"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := setUp(t, &fakeTarget{}, mixOf(t, get(t, "a")))
			tt.change(g)
			err := g.Validate()
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error = %v, want one with %q", err, tt.want)
			}
		})
	}
}
