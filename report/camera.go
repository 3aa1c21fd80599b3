package report

import (
	"cmp"
	"slices"
	"time"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/quantity"
	"github.com/floodmark/floodmark/slo"
)

// Limits of what a snapshot holds. A terminal has fewer than historyLength columns.
const (
	historyLength = 300 // intervals
	maxRows       = 20  // endpoints
	maxViews      = 20  // alerts, and SLOs
	maxEvents     = 40
	maxWarnings   = 10
	maxKinds      = 8   // of failures
	maxWords      = 120 // columns of a text
	maxReason     = 300 // columns of why a generator is not to be trusted, and what would help

	shortBeat = 300 * time.Millisecond // such as the last one of a run
)

// A Camera makes snapshots of a run from what its beat has each second. Make it with
// [NewCamera]. It knows no clock and does no I/O, what it keeps does not grow with the
// run, and it is not safe for concurrent use; its snapshots are.
type Camera struct {
	run    Run
	does   []string
	bounds []float64

	beats     int
	at        time.Duration
	all       *part
	parts     []*part // by name, in the order of the series
	bySeries  []*part
	history   History
	statuses  []slo.Status
	inFlight  int64
	failures  failures
	generator lookout
	alerts    alertViews
	events    []Event
	warnings  []string
	pace      Pace
	phase     Phase
	verdict   Verdict
	reason    string
}

// NewCamera returns a camera for a run. does says what each of its stages does in
// words, such as "hold 500/s"; it may be shorter than the stages.
func NewCamera(run Run, does []string) *Camera {
	c := &Camera{run: run, does: does, bounds: latencyBounds(), all: new(part), phase: Running}
	c.history.Bounds = c.bounds
	c.generator.totals = measure.NewTotals(nil, nil)
	c.failures.name = func(series int) string {
		if series < 0 || series >= len(run.Series) {
			return ""
		}
		return quantity.Line(run.Series[series].Endpoint)
	}
	for _, s := range run.Series {
		i := slices.IndexFunc(c.parts, func(p *part) bool { return p.name == s.Endpoint })
		if i < 0 {
			i = len(c.parts)
			c.parts = append(c.parts, &part{name: s.Endpoint})
		}
		c.bySeries = append(c.bySeries, c.parts[i])
	}
	return c
}

// Add takes an interval, and how the objectives stand after it. Intervals come in
// order, each once, and are not kept; statuses are, and must not change.
func (c *Camera) Add(in *measure.Interval, statuses []slo.Status) {
	for _, p := range append([]*part{c.all}, c.parts...) {
		p.begin(in.Length())
	}
	c.inFlight = 0
	for _, s := range in.Series {
		if s.Series < 0 || s.Series >= len(c.bySeries) {
			continue // of another run
		}
		warmup := c.run.Series[s.Series].Warmup
		c.bySeries[s.Series].gather(s.Tally, warmup)
		c.all.gather(s.Tally, warmup)
		c.inFlight += s.InFlight
	}
	measured := max(in.End-c.run.unmeasured(in.End), 0)
	short := c.beats > 0 && in.Length() < shortBeat
	for _, p := range append([]*part{c.all}, c.parts...) {
		p.end(c.beats, measured, short)
		if p != c.all && !short {
			p.remember(c.bounds)
		}
	}
	if !short {
		c.record(in)
	}
	c.failures.add(in, c.beats, c.run.Series, short)
	c.generator.add(in, c.beats)
	c.statuses = statuses
	c.at = in.End
	c.beats++
}

// record adds a column to the history.
func (c *Camera) record(in *measure.Interval) {
	h, n := &c.history, c.all.now.counts
	per := func(n int64) float64 { return tenth(perSecond(n, in.Length())) }
	h.End = push(h.End, rounded(in.End), historyLength)
	h.Asked = push(h.Asked, per(n.Planned), historyLength)
	h.Sent = push(h.Sent, per(n.Planned-n.Unsent), historyLength)
	h.Completed = push(h.Completed, per(n.Finished()), historyLength)
	h.Failed = push(h.Failed, per(n.Failed), historyLength)
	h.P50 = push(h.P50, coarse(c.all.latest.P50), historyLength)
	h.P95 = push(h.P95, coarse(c.all.latest.P95), historyLength)
	h.P99 = push(h.P99, coarse(c.all.latest.P99), historyLength)
	h.Classes = push(h.Classes, classesOf(&c.all.second, c.bounds), historyLength)
}

// AddChange notes an alert that changed its state.
func (c *Camera) AddChange(change Change) {
	c.alerts.change(&change)
	if line := change.Line(); line != "" {
		kind := EventResolved
		if change.State == "firing" {
			kind = EventFiring
		}
		c.Note(measure.FromSeconds(change.At), kind, line)
	}
}

// Note adds an event of one of the kinds, in words.
func (c *Camera) Note(at time.Duration, kind, text string) {
	e := Event{rounded(at), kind, short(text)}
	if n := len(c.events); kind == EventMarker && n > 0 && c.events[n-1].At > e.At {
		c.events = slices.Clone(c.events) // snapshots have the old ones
		place := n
		for place > 0 && c.events[place-1].At > e.At {
			place--
		}
		c.events = slices.Insert(c.events, place, e)
		c.events = c.events[max(len(c.events)-maxEvents, 0):]
		return
	}
	c.events = push(c.events, e, maxEvents)
}

// Warn adds a warning, which is an event, too.
func (c *Camera) Warn(at time.Duration, text string) {
	c.warnings = push(c.warnings, short(text), maxWarnings)
	c.Note(at, EventWarning, text)
}

// SetPhase says what the run is at. A new camera's is running.
func (c *Camera) SetPhase(p Phase) { c.phase = p }

// SetPace says how the load differs from its plan.
func (c *Camera) SetPace(p Pace) { c.pace = p }

// SetPlan replaces the stages and the planned length, which pauses and skipped stages
// change. There are as many stages as before.
func (c *Camera) SetPlan(stages []Stage, planned time.Duration) {
	c.run.Stages, c.run.Planned = stages, planned
}

// Finish says what the run came to.
func (c *Camera) Finish(s *Summary) {
	c.phase, c.verdict, c.reason = Finished, s.Verdict, short(s.Reason)
}

// Snapshot returns how the run stands, at a time of day.
func (c *Camera) Snapshot(clock time.Time) *Snapshot {
	s := &Snapshot{
		Sequence: c.beats, Name: short(c.run.Name), Target: short(c.run.Target), Clock: clock,
		At: rounded(c.at), Planned: rounded(c.run.Planned), Open: c.run.Open,
		Phase: c.phase, Verdict: c.verdict, Reason: c.reason, Pace: c.pace, Stage: -1,
		Numbers: c.all.numbers(), InFlight: c.inFlight, Unsent: c.all.whole.counts.Unsent,
		History: c.history, Failures: c.failures.views(), Generator: c.generator.view(c.run.Rules),
		Alerts: c.alerts.views(), Events: c.events, Warnings: c.warnings,
	}
	c.stages(s)
	s.SLOs = c.slos()
	s.Endpoints, s.Others = c.endpoints()
	return s
}

// stages fills in the stages and finds the one that the latest interval was in.
func (c *Camera) stages(s *Snapshot) {
	middle := max(c.at-time.Second/2, 0)
	for i, stage := range c.run.Stages {
		v := StageView{Name: short(stage.Name), Start: rounded(stage.Start), End: rounded(stage.End), Warmup: stage.Warmup}
		if i < len(c.does) {
			v.Does = short(c.does[i])
		}
		s.Stages = append(s.Stages, v)
		if s.Stage < 0 && middle < stage.End {
			s.Stage = i
		}
	}
}

// endpoints returns the rows, the one with most requests first.
func (c *Camera) endpoints() (rows []EndpointView, others int) {
	parts := slices.Clone(c.parts)
	slices.SortStableFunc(parts, func(a, b *part) int {
		return cmp.Compare(b.whole.counts.Planned+b.sum.counts.Planned, a.whole.counts.Planned+a.sum.counts.Planned)
	})
	if len(parts) > maxRows {
		parts, others = parts[:maxRows], len(parts)-maxRows
	}
	for _, p := range parts {
		row := EndpointView{Name: short(p.name), Numbers: p.numbers(), P99: p.p99, Heat: p.heat}
		if kinds := failureKinds(&p.failed); len(kinds) > 0 {
			row.Failure, row.Sample = short(kinds[0].label), short(kinds[0].sample.Detail)
		}
		rows = append(rows, row)
	}
	return rows, others
}

// short makes one clean line of a text, and cuts it to what a snapshot holds.
func short(s string) string { return fit(quantity.Line(s), maxWords) }
