package slo

import (
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/floodmark/floodmark/measure"
)

// hanging is what the recorder of these tests counts.
func hanging(table ...measure.Series) (Recorded, *measure.Recorder) {
	r := Recorded{
		Series: table, Under: []time.Duration{watched},
		Deadlines: []time.Duration{watched, 2 * time.Second, 5 * time.Second}, Failing: 5 * time.Second,
	}
	recorder := measure.NewRecorder(r.Series, r.Under, 2)
	recorder.Deadlines(r.Deadlines...)
	return r, recorder
}

// A target answers 100 requests a second in 10 ms, hangs from 10 s on, and answers all
// that wait at 18 s. Each gauge tells within its deadline and a second, once for each
// request, and not again when it ends.
func TestGaugesSeeAHang(t *testing.T) {
	recorded, recorder := hanging(measure.Series{Endpoint: "a"})
	w := NewWatcher(recorded)
	gauge := func(text string, length time.Duration) *Gauge {
		return w.Gauge(Objective{Expression: mustParse(t, text), Target: 0.95}, Window{Length: length}, 0)
	}
	gauges := []struct {
		*Gauge
		from, to int // seconds in which it holds
	}{
		{gauge("success < 80%", 10*time.Second), 16, 19}, // two seconds' requests are 5 s old, beside three seconds of good ones
		{gauge("under(300ms) < 80%", 2*time.Second), 10, 18},
		{gauge("p50 > 300ms", 10*time.Second), 15, 19},
		{gauge("p99 > 300ms", 10*time.Second), 10, 19},
		{gauge("max > 2500ms", 4*time.Second), 15, 19}, // counted by the next deadline, 5 s
		{gauge("burn > 15", 0), 19, 18},                // 302 of 2000 are 3.02 budgets
		{gauge("service_p99 > 300ms", 4*time.Second), 18, 19},
		{gauge("mean > 300ms", 4*time.Second), 18, 19},
	}
	all := gauge("success < 80%", 0)
	lane := recorder.Lane(0)
	var waiting []time.Duration
	for second := range 20 {
		start := time.Duration(second) * time.Second
		for i := range 100 {
			at := start + time.Duration(i)*10*time.Millisecond
			lane.Plan(0, at)
			waiting = append(waiting, at)
		}
		if second < 10 || second >= 18 {
			for _, at := range waiting {
				done := max(at, min(start, 18*time.Second)) + 10*time.Millisecond
				lane.Record(&measure.Sample{Intended: at, Sent: at, Done: done, Succeeded: done-at < 5*time.Second})
			}
			waiting = nil
		}
		in := recorder.Cut(start + time.Second)
		w.Add(&in)
		for _, g := range gauges {
			if got, want := g.Read(), second >= g.from && second <= g.to; got.Holds != want {
				t.Errorf("second %d: %v: got %+v, want %t", second, g.objective.Expression, got, want)
			}
		}
	}
	// The requests of 10 s to 13.01 s took 5 s and longer, all others less.
	if got, want := all.Count(), (Count{Good: 1698, Total: 2000}); got != want {
		t.Errorf("success: got %+v, want %+v", got, want)
	}
}

// A call is a request as the model of these tests sees it.
type call struct {
	series    int
	at, took  time.Duration // took is 0 while it is under way
	planned   int           // in which interval
	ended     int           // likewise, -1 while it is under way
	succeeded bool
}

// late reports whether a call is surely older than a deadline: 2^25 ns are a page.
func (c *call) late(now, deadline time.Duration) bool { return c.at>>25 < max(now-deadline, 0)>>25 }

// A past is all calls, and when the intervals were cut.
type past struct {
	calls []*call
	cuts  []time.Duration // the first is 0
}

// inside reports whether an interval is in the window of a length that ends now.
func (p *past) inside(interval int, length time.Duration) bool {
	middle := p.cuts[interval] + (p.cuts[interval+1]-p.cuts[interval])/2
	return interval >= 0 && (length == 0 || middle >= p.cuts[len(p.cuts)-1]-length)
}

// known returns in which interval a call ended or was found to be overdue, -1 if neither.
func (p *past) known(c *call, deadline time.Duration) (interval int, overdue bool) {
	for i := c.planned; i < len(p.cuts)-1; i++ {
		switch {
		case c.late(p.cuts[i], deadline) && i == c.planned: // planned late
			return i, true
		case c.ended == i:
			return i, false
		case c.late(p.cuts[i+1], deadline):
			return i, true
		}
	}
	return -1, false
}

// count is what a gauge of a ratio must count.
func (p *past) count(series int, deadline, under, length time.Duration) (out Count) {
	for _, c := range p.calls {
		if series >= 0 && c.series != series {
			continue
		}
		i, overdue := p.known(c, deadline)
		if i < 0 || !p.inside(i, length) {
			continue
		}
		out.Total++
		if c.ended >= 0 && c.succeeded && !overdue && (under == 0 || c.took <= under) {
			out.Good++
		}
	}
	return out
}

// percentile is what a gauge of one must read, to a thousandth.
func (p *past) percentile(q, limit float64, deadline, length time.Duration) Reading {
	var all []float64
	open := 0
	for _, c := range p.calls {
		switch {
		case c.ended >= 0 && p.inside(c.ended, length):
			all = append(all, c.took.Seconds())
		case c.ended < 0 && c.late(p.cuts[len(p.cuts)-1], deadline):
			all = append(all, limit*(1+1e-12))
			open++
		}
	}
	if len(all) == 0 {
		return Reading{}
	}
	slices.Sort(all)
	value := all[max(measure.Rank(q, int64(len(all))), 1)-1]
	return Reading{Value: value, Events: int64(len(all)), Holds: value > limit, Least: value > limit && open > 0}
}

// Whatever happens to requests, gauges read what a list of them says.
func TestGaugesCountEveryCallOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		recorded, recorder := hanging(measure.Series{Endpoint: "a"}, measure.Series{Endpoint: "b"})
		w := NewWatcher(recorded)
		length := time.Duration(rapid.IntRange(0, 8).Draw(t, "window")) * time.Second
		gauge := func(text string) *Gauge {
			return w.Gauge(Objective{Expression: mustParse(t, text), Target: 0.9}, Window{Length: length}, 0)
		}
		success, ofB, burn := gauge("success < 80%"), gauge(`{endpoint="b"} errors > 1%`), gauge("burn > 2")
		under := gauge("under(300ms) < 80%")
		p90, peak := gauge("p90 > 2s"), gauge("max > 300ms")
		p := &past{cuts: []time.Duration{0}}
		for i := range rapid.IntRange(1, 15).Draw(t, "intervals") {
			p.play(t, recorder, i)
			in := recorder.Cut(p.cuts[i+1])
			w.Add(&in)
			for _, g := range []struct {
				*Gauge
				want Count
			}{
				{success, p.count(-1, recorded.Failing, 0, length)},
				{burn, p.count(-1, recorded.Failing, 0, length)},
				{ofB, p.count(1, recorded.Failing, 0, length)},
				{under, p.count(-1, watched, watched, length)},
			} {
				if got := g.Count(); got != g.want {
					t.Fatalf("interval %d, %v over %v: got %+v, want %+v", i, g.objective.Expression, length, got, g.want)
				}
				if got := g.Read(); got.Events != g.want.Total {
					t.Fatalf("interval %d, %v over %v: got %+v, want %d events", i, g.objective.Expression, length, got, g.want.Total)
				}
			}
			for g, want := range map[*Gauge]Reading{
				p90:  p.percentile(0.9, 2, 2*time.Second, length),
				peak: p.percentile(1, 0.3, watched, length),
			} {
				got := g.Read()
				near := math.Abs(got.Value-want.Value) <= 1e-3*want.Value
				got.Value, want.Value = 0, 0
				if !near || got != want {
					t.Fatalf("interval %d, %v over %v: got %+v, want %+v", i, g.objective.Expression, length, g.Read(), want)
				}
			}
		}
	})
}

// play draws an interval: calls that begin, and calls that end.
func (p *past) play(t *rapid.T, r *measure.Recorder, interval int) {
	start := p.cuts[interval]
	end := start + time.Duration(rapid.IntRange(500, 2500).Draw(t, "length"))*time.Millisecond
	p.cuts = append(p.cuts, end)
	lane := func() *measure.Lane { return r.Lane(rapid.IntRange(0, 1).Draw(t, "lane")) }
	for range rapid.IntRange(0, 10).Draw(t, "calls") {
		at := start + time.Duration(rapid.IntRange(0, int((end-start)/time.Millisecond)).Draw(t, "at"))*time.Millisecond
		if rapid.IntRange(0, 9).Draw(t, "late") == 0 { // the pacer was behind
			at -= time.Duration(rapid.IntRange(0, 9000).Draw(t, "behind")) * time.Millisecond
		}
		c := &call{series: rapid.IntRange(0, 1).Draw(t, "series"), at: max(at, 0), planned: interval, ended: -1}
		lane().Plan(c.series, c.at)
		p.calls = append(p.calls, c)
	}
	for _, c := range p.calls {
		if c.ended >= 0 || rapid.IntRange(0, 3).Draw(t, "ends") == 0 {
			continue
		}
		least := max(start-c.at, 0)
		c.took = least + time.Duration(rapid.IntRange(0, int((end-c.at-least)/time.Millisecond)).Draw(t, "took"))*time.Millisecond
		c.took += 7 * time.Microsecond // at no limit
		c.ended, c.succeeded = interval, rapid.IntRange(0, 3).Draw(t, "good") > 0
		lane().Record(&measure.Sample{Series: c.series, Intended: c.at, Sent: c.at, Done: c.at + c.took, Succeeded: c.succeeded})
	}
}

// A request that is overdue counts where it was meant to start, in the interval in which
// it became overdue.
func TestOverdueOfAStageThatIsOver(t *testing.T) {
	recorded, recorder := hanging(measure.Series{Stage: "warm", Warmup: true}, measure.Series{Stage: "one"}, measure.Series{Stage: "two"})
	w := NewWatcher(recorded)
	gauge := func(over Window) *Gauge {
		return w.Gauge(Objective{Expression: mustParse(t, "under(300ms) < 80%")}, over, 0)
	}
	one, two, all, latest := gauge(Window{Stage: "one"}), gauge(Window{Stage: "two"}), gauge(Window{}), gauge(Window{Length: time.Second})
	for series := range recorded.Series {
		at := time.Duration(series)*time.Second + 900*time.Millisecond
		recorder.Lane(0).Plan(series, at)
		in := recorder.Cut(time.Duration(series+1) * time.Second)
		w.Add(&in)
	}
	for g, want := range map[*Gauge]int64{one: 1, two: 0, all: 1, latest: 1} {
		if got := g.Count(); got != (Count{0, want}) {
			t.Errorf("%+v: got %+v, want %d bad", g.window.length, got, want)
		}
	}
	in := recorder.Cut(4 * time.Second)
	w.Add(&in)
	for g, want := range map[*Gauge]int64{one: 1, two: 1, all: 2, latest: 1} {
		if got := g.Count(); got != (Count{0, want}) {
			t.Errorf("later, %+v: got %+v, want %d bad", g.window.length, got, want)
		}
	}
}
