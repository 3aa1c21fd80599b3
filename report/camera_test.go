package report_test

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/floodmark/floodmark/alert"
	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/report"
	"github.com/floodmark/floodmark/slo"
)

// shoot takes the interval that a scene has recorded since the cut before.
func (s *scene) shoot(c *report.Camera, end time.Duration) {
	in := s.recorder.Cut(end)
	in.Health = &measure.Health{CPU: &measure.CPU{Used: in.Length() / 4, Allowed: 2 * in.Length()}}
	s.totals.Add(&in)
	c.Add(&in, s.statuses)
}

func clock() time.Time { return time.Date(2026, 11, 26, 7, 0, 0, 0, time.UTC) }

func TestCameraWindows(t *testing.T) {
	s := newScene("GET /", "POST /cart")
	s.run.Series[0].Warmup, s.run.Series[0].Stage = true, "warm-up"
	s.run.Stages = []report.Stage{{Name: "warm-up", End: 5 * second, Warmup: true}, {Name: "steady", Start: 5 * second, End: time.Minute}}
	s.reset()
	c := report.NewCamera(s.run, []string{"to 10/s"})
	for at := time.Duration(0); at < 20*second; at += second {
		series := 1
		if at < 5*second {
			series = 0
		}
		s.requests(series, 10, at)
		s.shoot(c, at+second)
	}
	lane := s.recorder.Lane(1)
	lane.Plan(1, 20*second)
	lane.Record(&measure.Sample{Series: 1, Intended: 20 * second, Sent: 20 * second, Done: 20*second + 3*time.Millisecond, Outcome: measure.Status2xx, Succeeded: true})
	s.shoot(c, 20*second+4*time.Millisecond) // the last beat: too short for a rate
	got := c.Snapshot(clock())
	for name, c := range map[string]struct {
		numbers report.Numbers
		length  float64
		asked   int64
	}{
		"second": {got.Numbers.Second, 1, 10},
		"ten":    {got.Numbers.Ten, 9.004, 91},
		"run":    {got.Numbers.Run, 15.004, 151}, // without warm-up
	} {
		n := c.numbers
		if n.Length != c.length || n.Asked != c.asked || n.Finished() != c.asked || n.P50 <= 0 || n.P50 > n.P99 || n.P99 > n.Max {
			t.Errorf("%s: got %+v", name, n)
		}
	}
	if got.Stage != 1 || got.Stages[0].Does != "to 10/s" || got.Sequence != 21 || got.At != 20.004 || len(got.History.End) != 20 {
		t.Errorf("got stage %d of %+v, beat %d at %v", got.Stage, got.Stages, got.Sequence, got.At)
	}
	if g := got.Generator; !g.Valid || g.CPURatio != 0.125 || g.CPUs != 2 {
		t.Errorf("got %+v", g)
	}
}

// Rates of the whole run are of the time without pauses, as in its report.
func TestCameraLeavesPausesOut(t *testing.T) {
	s := newScene("GET /")
	s.run.Stages = []report.Stage{{Name: "main", End: time.Minute}}
	s.reset()
	c := report.NewCamera(s.run, nil)
	s.requests(0, 10, 0)
	s.shoot(c, second)
	c.SetPlan([]report.Stage{{Name: "main", End: 69 * second, Paused: 9 * second}}, 69*second)
	s.shoot(c, 10*second)
	s.requests(0, 10, 10*second)
	s.shoot(c, 11*second)
	if n := c.Snapshot(clock()).Numbers.Run; n.Length != 2 || n.Asked != 20 {
		t.Errorf("%d requests in %vs, want 20 in 2s", n.Asked, n.Length)
	}
}

// What a window holds is what the intervals in it hold, however they came.
func TestCameraAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newScene("a", "b")
		c := report.NewCamera(s.run, nil)
		var counts []int64
		for i := range rapid.IntRange(1, 30).Draw(t, "seconds") {
			at := time.Duration(i) * second
			n := rapid.IntRange(0, 20).Draw(t, "n")
			if n > 0 {
				s.requests(i%2, n, at)
			}
			counts = append(counts, int64(n))
			s.shoot(c, at+second)
		}
		got := c.Snapshot(clock())
		var run, ten int64
		for i, n := range counts {
			run += n
			if i >= len(counts)-10 {
				ten += n
			}
		}
		if got.Numbers.Run.Asked != run || got.Numbers.Ten.Asked != ten || got.Numbers.Second.Asked != counts[len(counts)-1] {
			t.Errorf("got %+v, want %d, %d and %v", got.Numbers, run, ten, counts)
		}
		var rows, classes int64
		for _, e := range got.Endpoints {
			rows += e.Numbers.Ten.Asked
		}
		for _, second := range got.History.Classes {
			for _, n := range second {
				classes += n
			}
		}
		if rows != ten || classes != run {
			t.Errorf("endpoints have %d, want %d; classes have %d, want %d", rows, ten, classes, run)
		}
		if want := s.totals.Select(nil).Response.Quantile(0.99).Seconds(); math.Abs(got.Numbers.Run.P99-want) > 1e-6 {
			t.Errorf("p99 %v, want %v", got.Numbers.Run.P99, want)
		}
	})
}

// A snapshot that was taken does not change as the run goes on.
func TestSnapshotsDoNotChange(t *testing.T) {
	s := newScene("GET /")
	c := report.NewCamera(s.run, nil)
	var kept []*report.Snapshot
	var texts []string
	for i := range 320 {
		at := time.Duration(i) * second
		s.requests(0, 3, at, failing(measure.Status5xx, 500, "no"))
		s.shoot(c, at+second)
		c.Note(at, report.EventNote, fmt.Sprint(i))
		c.Warn(at, fmt.Sprint(i))
		change, notice, delivery := news(i)
		c.AddChange(change)
		c.AddNotice(&notice)
		if i%40 == 0 {
			snapshot := c.Snapshot(clock())
			kept, texts = append(kept, snapshot), append(texts, text(t, snapshot))
		}
		c.AddDelivery(&delivery)
	}
	for i, snapshot := range kept {
		if text(t, snapshot) != texts[i] {
			t.Errorf("snapshot %d has changed", i)
		}
	}
}

// news is an alert that fires and resolves by turns.
func news(i int) (report.Change, alert.Notice, report.Delivery) {
	id := fmt.Sprint("n", i)
	change := report.Change{SLO: "shop", Rule: "burn", From: alert.Pending, State: alert.Firing, At: float64(i), When: "burn > 6 over 30s"}
	if i%2 == 1 {
		change.From, change.State = alert.Firing, alert.Inactive
	}
	return change, alert.Notice{ID: id, SLO: "shop", Rule: "burn", Receivers: []string{"chat", "pager"}},
		report.Delivery{Receiver: "chat", Notices: []string{id}, Outcome: alert.Delivered, Attempt: 1}
}

func text(t *testing.T, s *report.Snapshot) string {
	t.Helper()
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// However long and varied a run is, a snapshot is less than 100 kB, and comes back from
// JSON as it was.
func TestSnapshotIsSmall(t *testing.T) {
	var names []string
	for i := range 60 {
		names = append(names, fmt.Sprintf("GET /api/v1/%s/%d", strings.Repeat("long", 8), i))
	}
	s := newScene(names...)
	for range 30 {
		s.judged(t, "p99 < 250ms", missed("seconds", 0.3, 0.25, slo.Span{Start: second, End: 9 * second}))
	}
	c := report.NewCamera(s.run, nil)
	lane := s.recorder.Lane(0)
	for i := range 320 {
		at := time.Duration(i) * second
		for n := range 2000 { // in all classes
			lane.Plan(n%60, at)
			sample := measure.Sample{Series: n % 60, Intended: at, Sent: at, Done: at + 50*time.Microsecond<<(n%19), Outcome: measure.Outcome(1 + n%12), Detail: []byte(strings.Repeat("d", 300))}
			lane.Record(&sample)
		}
		s.shoot(c, at+second)
		c.Note(at, report.EventNote, strings.Repeat("event ", 60))
		c.Warn(at, strings.Repeat("warning ", 60))
		change, notice, _ := news(i)
		change.Rule = fmt.Sprint("rule", i)
		c.AddChange(change)
		c.AddNotice(&notice)
	}
	snapshot := c.Snapshot(clock())
	data := text(t, snapshot)
	t.Logf("%d bytes", len(data))
	if len(data) > 100_000 {
		t.Errorf("%d bytes", len(data))
	}
	if len(snapshot.Endpoints)+snapshot.Others != 60 || len(snapshot.History.End) != 300 {
		t.Errorf("%d endpoints, %d others, %d seconds", len(snapshot.Endpoints), snapshot.Others, len(snapshot.History.End))
	}
	var back report.Snapshot
	if err := json.Unmarshal([]byte(data), &back); err != nil {
		t.Fatal(err)
	}
	if again := text(t, &back); again != data {
		t.Errorf("got\n%s\nwant\n%s", again, data)
	}
}

func TestCameraFollowsAlerts(t *testing.T) {
	c := report.NewCamera(newScene("GET /").run, nil)
	change, notice, delivery := news(0)
	c.AddChange(change)
	c.AddNotice(&notice)
	told := func() string {
		var out []string
		for _, v := range c.Snapshot(clock()).Alerts {
			for _, r := range v.Told {
				out = append(out, fmt.Sprintf("%s %s %s%d", v.State, r.Receiver, r.Outcome, r.Attempts))
			}
		}
		return strings.Join(out, ", ")
	}
	if got, want := told(), "firing chat 0, firing pager 0"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	c.AddDelivery(&delivery)
	c.AddDelivery(&report.Delivery{Receiver: "pager", Notices: []string{"n0"}, Outcome: alert.Later, Attempt: 2, Detail: "HTTP 429"})
	if got, want := told(), "firing chat delivered1, firing pager retry2"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	resolved, notice, _ := news(1)
	c.AddChange(resolved)
	c.AddNotice(&notice)
	c.AddDelivery(&delivery) // of the notice before: it says nothing of this one
	if got, want := told(), "inactive chat 0, inactive pager 0"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	var kinds []string
	for _, e := range c.Snapshot(clock()).Events {
		kinds = append(kinds, e.Kind)
	}
	if want := []string{report.EventFiring, report.EventDelivery, report.EventResolved}; !slices.Equal(kinds, want) {
		t.Errorf("got %q, want %q", kinds, want)
	}
}

// An alert that was pending and never fired leaves no trace.
func TestCameraForgetsWhatNeverFired(t *testing.T) {
	c := report.NewCamera(newScene("GET /").run, nil)
	change, _, _ := news(0)
	change.From, change.State = alert.Inactive, alert.Pending
	c.AddChange(change)
	if got := c.Snapshot(clock()).Alerts; len(got) != 1 || got[0].State != "pending" {
		t.Errorf("got %+v", got)
	}
	change.From, change.State = alert.Pending, alert.Inactive
	c.AddChange(change)
	if got := c.Snapshot(clock()).Alerts; len(got) != 0 {
		t.Errorf("got %+v", got)
	}
}

func TestSnapshotTextIsClean(t *testing.T) {
	s := newScene("GET /\x1b[2J\n")
	s.run.Name, s.run.Target = "a\nb", strings.Repeat("x", 1000)
	c := report.NewCamera(s.reset().run, []string{"\x1b]0;t\x07does"})
	s.requests(0, 3, 0, failing(measure.Status5xx, 500, "\x1b[31mred\n"))
	s.shoot(c, second)
	c.Note(0, report.EventMarker, "\x07ding")
	got := text(t, c.Snapshot(clock()))
	if strings.Contains(got, `\u00`) || strings.Contains(got, `\n`) || strings.Contains(got, strings.Repeat("x", 200)) {
		t.Errorf("got %s", got)
	}
}

func TestHeat(t *testing.T) {
	for _, c := range []struct {
		classes []int64
		want    report.Heat
	}{
		{nil, ""},
		{[]int64{0, 0}, "00"},
		{[]int64{1000, 0, 1}, "501"},
		{[]int64{4, 19, 59, 199, 719}, "12345"},
	} {
		if got := report.HeatOf(c.classes); got != c.want {
			t.Errorf("HeatOf(%v) = %q, want %q", c.classes, got, c.want)
		}
	}
	for class, want := range map[int]int{-1: 0, 0: 5, 1: 0, 2: 0, 3: 0} {
		if got := report.Heat("5x9").Level(class); got != want {
			t.Errorf("class %d: got %d, want %d", class, got, want)
		}
	}
}

// A camera costs the beat little, as it takes a second of a run with many endpoints.
func BenchmarkCamera(b *testing.B) {
	var names []string
	for i := range 20 {
		names = append(names, fmt.Sprint("endpoint ", i))
	}
	s := newScene(names...)
	c := report.NewCamera(s.run, nil)
	for series := range names {
		s.requests(series, 500, 0)
	}
	in := s.recorder.Cut(second)
	b.ReportAllocs()
	for b.Loop() {
		c.Add(&in, s.statuses)
		if c.Snapshot(clock()).Sequence == 0 {
			b.Fatal("no beat")
		}
	}
}

// The percentiles of a snapshot are those of the histogram, for any values.
func TestCameraPercentiles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newScene("GET /")
		c := report.NewCamera(s.run, nil)
		lane := s.recorder.Lane(0)
		for range rapid.IntRange(0, 300).Draw(t, "n") {
			lane.Plan(0, 0)
			d := time.Duration(rapid.Int64Range(0, int64(time.Minute)).Draw(t, "d"))
			lane.Record(&measure.Sample{Done: d, Outcome: measure.Status2xx, Succeeded: true})
		}
		s.shoot(c, second)
		n, h := c.Snapshot(clock()).Numbers.Run, &s.totals.Select(nil).Response
		for q, got := range map[float64]float64{0.5: n.P50, 0.95: n.P95, 0.99: n.P99, 1: n.Max} {
			if want := h.Quantile(q).Round(time.Microsecond).Seconds(); got != want {
				t.Errorf("p%v: got %v, want %v", 100*q, got, want)
			}
		}
	})
}
