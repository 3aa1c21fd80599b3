package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/floodmark/floodmark/control"
	"github.com/floodmark/floodmark/loadgen"
	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/profiles"
	"github.com/floodmark/floodmark/report"
	"github.com/floodmark/floodmark/runs"
)

// A hand sends commands to a run over its socket, as floodmark ctl does.
type hand struct {
	root  string
	seed  uint64
	begun chan struct{} // closed when the run has
	once  sync.Once
}

// meddle does things at random instants, and lets the run go on in the end.
func (h *hand) meddle(ctx context.Context, commands []string) error {
	<-h.begun
	saved, err := runs.Open(h.root, "@latest")
	if err != nil {
		return err
	}
	client, err := control.Dial(ctx, saved.Dir, control.Steer)
	if err != nil {
		return err
	}
	defer client.Close()
	random := rand.New(rand.NewPCG(h.seed, 0))
	for range 10 {
		time.Sleep(time.Duration(random.Int64N(int64(300 * time.Millisecond)))) // instants are what is drawn
		words := strings.Fields(commands[random.IntN(len(commands))])
		if _, err := client.Do(ctx, control.Command{Name: words[0], Args: words[1:]}); err != nil {
			return nil // the run has ended
		}
	}
	_, _ = client.Do(ctx, control.Command{Name: "resume"}) // or it has ended
	return nil
}

// A walk is the way of a run through its plan, by what is known of its changes.
type walk struct {
	s      profiles.Schedule // as planned
	steers []report.Steer
}

// area is the load below the live rate until an instant.
func (w walk) area(until time.Duration) (sum float64) {
	now := report.Steer{Factor: 1}
	for _, next := range append(slices.Clone(w.steers), report.Steer{At: math.Inf(1)}) {
		from, to := now.At, min(next.At, until.Seconds())
		if !now.Paused && to > from {
			sum += w.below(now, to-from)
		}
		now = next
	}
	return sum
}

// below is the load below the plan, as it was changed, from a position on, by the trapezoid rule.
func (w walk) below(now report.Steer, length float64) (sum float64) {
	const part = time.Millisecond
	from := measure.FromSeconds(now.Position)
	end := min(from+measure.FromSeconds(length), w.s.Duration())
	for at := from; at < end; {
		to := min(at+part, end)
		for _, stage := range w.s.Stages() {
			if at < stage.End {
				to = min(to, stage.End)
			}
		}
		sum += (now.Factor*(w.s.RateAt(at)+w.s.RateAt(to-1))/2 + now.Fixed) * (to - at).Seconds()
		at = to
	}
	return sum
}

// Whatever is done to a run from elsewhere, at whatever moments: all requests are accounted
// for, of even arrivals there are never more than the area below the rate as it was, in the
// end as many and in each stage, and the files tell the same as the run.
func TestRunsThatAreMeddledWith(t *testing.T) {
	stages := "stages: [ { name: up, duration: 700ms, target: 150, warmup: true }, { name: one, duration: 1s, target: 150, }, " +
		"{ name: two, duration: 1s, target: 40, }, { name: jump, duration: 0s, target: 90, }, { name: three, duration: 1s, target: 90, } ] }"
	commands := []string{"pause", "pause", "resume", "resume", "resume", "skip", "rate +50%", "rate -50%", "rate x2", "rate x0.3", "rate 120", "rate 0", "rate plan", "mark here", "mark there"}
	for _, model := range []struct{ name, load string }{
		{"even", "{ executor: ramping-arrival-rate, start: 20/s, " + strings.ReplaceAll(stages, "0,", "0/s,")},
		{"poisson", "{ executor: ramping-arrival-rate, arrivals: poisson, start: 20/s, " + strings.ReplaceAll(stages, "0,", "0/s,")},
		{"users", "{ executor: ramping-vus, start: 2, " + strings.ReplaceAll(stages, "0,", ",")},
	} {
		for i := range 2 {
			seed := uint64(i)
			t.Run(fmt.Sprintf("%s %d", model.name, seed), func(t *testing.T) {
				t.Parallel()
				meddled(t, model.name, model.load, commands, seed)
			})
		}
	}
}

func meddled(t *testing.T, model, load string, commands []string, seed uint64) {
	t.Helper()
	out := outputFlags{interactive: true, noPreflight: true, runs: t.TempDir()}
	h := &hand{root: out.runs, begun: make(chan struct{}), seed: seed}
	failed := make(chan error, 1)
	go func() { failed <- h.meddle(t.Context(), commands) }()
	rig := rig{load: load, alerts: jumpy, handler: func(w http.ResponseWriter, _ *http.Request) {
		h.once.Do(func() { close(h.begun) })
		time.Sleep(time.Duration(rand.Int64N(int64(20 * time.Millisecond))))
		if time.Now().UnixMilli()/800%2 == 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}}
	s, p, _ := rig.run(t, &out)
	if err := <-failed; err != nil {
		t.Fatal(err)
	}
	w := walk{p.schedule, s.Ending.Steered}
	for _, steer := range w.steers {
		t.Logf("%+v", steer)
	}
	saved, err := runs.Open(out.runs, "@latest")
	if err != nil {
		t.Fatal(err)
	}
	var before int64
	sums := measure.NewTotals(saved.Run.Series, saved.Run.Under)
	if _, err := saved.Replay(func(in *measure.Interval) bool {
		sums.Add(in)
		all := sums.Select(nil)
		if !all.Balanced() || all.InFlight < 0 {
			t.Errorf("at %v: %+v", in.End, all.Counts)
		}
		if area := w.area(in.End); model == "even" && float64(before) > area+1.01 {
			t.Errorf("until %v: %d arrivals, and the area is %v", in.Start, before, area)
		}
		before = all.Planned // cut after its end, and before the next one's
		return true
	}); err != nil {
		t.Fatal(err)
	}
	all := sums.Select(nil)
	if all.InFlight != 0 {
		t.Errorf("in the end: %+v", all.Counts)
	}
	if off := float64(all.Planned) - w.area(s.Ending.Elapsed); model == "even" && (off < -0.01 || off > 1.01) {
		t.Errorf("%d arrivals, %v off", all.Planned, off)
	}
	for _, stage := range p.run.Steered(w.steers, s.Ending.Elapsed) {
		got := sums.Select(func(s measure.Series) bool { return s.Stage == stage.Name }).Planned
		if area := w.area(stage.End) - w.area(stage.Start); model == "even" && math.Abs(float64(got)-area) > 1.01 {
			t.Errorf("%+v: %d arrivals, and the area is %v", stage, got, area)
		}
	}
	wantSame(t, s, reopen(t, &out))
	wantReplayed(t, s, &out)
	wantInOrder(t, saved.Dir)
}

// wantInOrder wants what people did to be in a run's events in that order.
func wantInOrder(t *testing.T, dir string) {
	t.Helper()
	last := 0.0
	for line := range strings.Lines(eventLines(t, dir)) {
		var e struct {
			Type string  `json:"type"`
			At   float64 `json:"at_seconds"`
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		if e.Type != "control" && e.Type != "mark" {
			continue
		}
		if e.At < last {
			t.Errorf("after %v: %s", last, line)
		}
		last = e.At
	}
}

// jumpy are rules whose alerts change their state whenever they can.
const jumpy = `[ { name: dip, when: success < 80% over 3s, resolve: success >= 85% over 1s, keep_firing_for: 1s, min_events: 5 },
  { name: last, when: success < 60% over 1s, for: 1s, keep_firing_for: 0s, min_events: 5, during: [two, three] },
  { name: spent, when: budget_used > 20% over run, min_events: 5 }, { name: slow, when: rps < 45 over 2s, no_data: breach, min_events: 1 } ]`

// wantReplayed compares the alerts of a run with those of the rules over its files.
func wantReplayed(t *testing.T, live report.Summary, out *outputFlags) {
	t.Helper()
	var text bytes.Buffer
	replay := alertsReplay{root: out.runs, json: true, env: environment{out: &text, err: io.Discard, lookup: func(string) (string, bool) { return "", false }}}
	if err := replay.run(nil); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Alerts []report.Change `json:"alerts"`
	}
	if err := json.Unmarshal(text.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	lines := func(all []report.Change) string {
		var lines strings.Builder
		for _, c := range all {
			c.Notice, c.Outcome = "", nil // of people
			line, _ := json.Marshal(c)
			fmt.Fprintf(&lines, "%s\n", line)
		}
		return lines.String()
	}
	if got, want := lines(got.Alerts), lines(live.Ending.Alerts.Changes); got != want {
		t.Errorf("replayed\n%swant\n%s", got, want)
	}
}

// A run with a dip of its target, which is paused in the dip and skips a stage, has the same
// alerts live as the rules over its files.
func TestAlertsOfASteeredRunAreReplayed(t *testing.T) {
	t.Parallel()
	out := outputFlags{interactive: true, noPreflight: true}
	var begun time.Time
	var once sync.Once
	rig := rig{
		load:   "{ executor: ramping-arrival-rate, start: 100/s, stages: [ { name: one, duration: 20s, target: 100/s }, { name: two, duration: 2s, target: 100/s } ] }",
		alerts: "[ { name: dip, when: success < 80% over 3s, resolve: success >= 85% over 1s, for: 500ms, keep_firing_for: 5s, min_events: 20 }, { name: two, when: rps > 10 over 1s, keep_firing_for: 0s, during: [two], min_events: 1 } ]",
		handler: func(w http.ResponseWriter, _ *http.Request) {
			once.Do(func() { begun = time.Now() })
			if since := time.Since(begun); since > 1500*time.Millisecond && since < 5400*time.Millisecond {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		},
	}
	s, _, _ := rig.run(t, &out,
		act{2500 * time.Millisecond, "pause", func(c *loadgen.Control) error { return c.Pause("test") }},
		act{3500 * time.Millisecond, "go on", func(c *loadgen.Control) error { return c.Resume("test") }},
		act{5500 * time.Millisecond, "skip", func(c *loadgen.Control) error { return c.Skip("test", "one") }})
	wantReplayed(t, s, &out)
	var states []string
	for _, c := range s.Ending.Alerts.Changes {
		states = append(states, c.Rule+" "+string(c.State))
	}
	for _, want := range []string{"dip firing", "two firing", "dip inactive", "two inactive"} { // whether it recovers before the end is for the machine to say
		if !slices.Contains(states, want) {
			t.Errorf("got %q, want %s among them", states, want)
		}
	}
}

// wantSame compares the summary of a run with that of its files.
func wantSame(t *testing.T, live, again report.Summary) {
	t.Helper()
	var want, got bytes.Buffer
	if err := report.JSON(&want, live); err != nil {
		t.Fatal(err)
	}
	if err := report.JSON(&got, again); err != nil {
		t.Fatal(err)
	}
	if want.String() != got.String() {
		t.Errorf("from the files:\n%s\nwant\n%s", got.String(), want.String())
	}
}
