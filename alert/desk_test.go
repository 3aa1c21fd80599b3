package alert

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/floodmark/floodmark/measure"
)

// A script drives a desk second by second: alerts that go on and off.
type script struct {
	desk   *Desk
	active map[*Rule]Transition
	out    []string
}

func newScript(planned time.Duration, series ...measure.Series) *script {
	if len(series) == 0 {
		series = []measure.Series{{Endpoint: "a"}}
	}
	run := Run{ID: "r1", Name: "shop", Started: time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)}
	return &script{desk: NewDesk(run, series, planned, ""), active: map[*Rule]Transition{}}
}

// turn makes rules fire or end at a second, and tells the desk.
func (s *script) turn(second int, stage string, rules ...*Rule) {
	at := time.Duration(second) * time.Second
	var changes []Transition
	for _, r := range rules {
		t := Transition{Rule: r, From: Inactive, To: Firing, Why: Breached, At: at, Began: at, Bad: -1, Budget: -1}
		if _, on := s.active[r]; on {
			t.From, t.To, t.Why = Firing, Inactive, Cleared
			delete(s.active, r)
		} else {
			s.active[r] = t
		}
		changes = append(changes, t)
	}
	s.hear(s.desk.Add(at, stage, changes))
}

func (s *script) hear(notices []Notice) {
	for _, n := range notices {
		line := fmt.Sprintf("%v %s %s began %v", n.At, n.Kind, n.Rule, n.Began)
		if n.Kind == Flapping {
			line += fmt.Sprintf(" came back %d times", n.Flaps)
		}
		s.out = append(s.out, line)
	}
}

// quiet lets seconds pass.
func (s *script) quiet(from, to int) {
	for i := from; i < to; i++ {
		s.turn(i, "")
	}
}

func (s *script) want(t *testing.T, lines ...string) {
	t.Helper()
	if got := strings.Join(s.out, "\n"); got != strings.Join(lines, "\n") {
		t.Errorf("got\n%s\nwant\n%s", got, strings.Join(lines, "\n"))
	}
}

func TestEachTurnIsToldOnce(t *testing.T) {
	s, r := newScript(time.Minute), dip(t)
	s.turn(10, "", r)
	s.quiet(11, 50)
	s.turn(50, "", r)
	s.quiet(51, 60)
	s.want(t, "10s firing dip began 10s", "50s resolved dip began 10s")
}

func TestRemindersInSoaks(t *testing.T) {
	s, r := newScript(2*time.Hour), dip(t)
	s.turn(10, "", r)
	s.quiet(11, 4000)
	s.turn(4000, "", r)
	s.want(t, "10s firing dip began 10s", "30m10s repeat dip began 10s", "1h0m10s repeat dip began 10s", "1h6m40s resolved dip began 10s")
}

// What begins in a muted stage is told after it, if it is still true.
func TestMutedStage(t *testing.T) {
	s, r := newScript(time.Minute), dip(t)
	r.Mute = []string{"ramp"}
	s.turn(1, "ramp", r)
	s.turn(2, "ramp", r)
	s.turn(3, "ramp", r)
	s.turn(4, "steady")
	s.turn(5, "ramp", r)
	s.turn(6, "steady")
	s.want(t, "4s firing dip began 3s", "5s resolved dip began 3s")
}

// An outage is not also told as slowness, but slowness that is left when it is over is.
// What is muted by hand is told when it is over, if it is still so.
func TestMutedByHand(t *testing.T) {
	s, r := newScript(time.Minute), dip(t)
	s.desk.Mute(30 * time.Second)
	s.turn(5, "", r)
	s.turn(10, "", r) // nobody has heard of it
	s.turn(20, "", r)
	s.quiet(21, 40)
	s.desk.Mute(50 * time.Second)
	s.turn(45, "", r) // its end is told late
	s.quiet(46, 55)
	s.want(t, "30s firing dip began 20s", "45s resolved dip began 20s")
}

func TestAvailabilityMutesLatency(t *testing.T) {
	table := []measure.Series{{Endpoint: "a"}, {Endpoint: "b"}}
	down, slow := dip(t), dip(t)
	slow.Name, slow.When = "slow", condition(t, "p99 > 500ms over 10s")
	part := dip(t)
	part.Name, part.When = "part", condition(t, `{endpoint="a"} success < 80% over 10s`)

	s := newScript(time.Minute, table...)
	s.turn(1, "", down, slow)
	s.turn(5, "", down)
	s.turn(9, "", slow)
	s.want(t, "1s firing dip began 1s", "5s resolved dip began 1s", "5s firing slow began 1s", "9s resolved slow began 1s")

	s = newScript(time.Minute, table...)
	s.turn(1, "", part, slow) // half of the requests are down, and that is not all of the slowness
	s.want(t, "1s firing part began 1s", "1s firing slow began 1s")

	s = newScript(time.Minute, table...)
	s.turn(1, "", slow)
	s.turn(2, "", down)
	s.turn(3, "", slow) // was told, so its end is
	s.want(t, "1s firing slow began 1s", "2s firing dip began 2s", "3s resolved slow began 1s")
}

func TestFlapping(t *testing.T) {
	s, r := newScript(time.Hour-1), dip(t)
	for i := range 9 { // five times on, four times off
		s.turn(10+10*i, "", r)
	}
	s.quiet(100, 300)
	s.turn(300, "", r)
	s.want(t,
		"10s firing dip began 10s", "20s resolved dip began 10s", "30s firing dip began 30s", "40s resolved dip began 30s",
		"50s flapping dip began 50s came back 2 times", "3m30s repeat dip began 1m30s", "5m0s resolved dip began 1m30s")
}

func TestRunEndsWhatWasTold(t *testing.T) {
	s, r, hidden := newScript(time.Minute), dip(t), dip(t)
	hidden.Name, hidden.Mute = "hidden", []string{"x"}
	s.turn(10, "x", r, hidden)
	end := func(r *Rule) Transition {
		return Transition{Rule: r, From: Firing, To: Inactive, Why: RunEnded, At: 20 * time.Second}
	}
	last := s.desk.End(20*time.Second, []Transition{end(r), end(hidden)})
	s.hear(last)
	s.want(t, "10s firing dip began 10s", "20s resolved dip began 10s")
	if n := last[0]; n.Why != RunEnded || !n.EndsAt.Equal(s.desk.run.Started.Add(20*time.Second)) || n.Duration() != 10*time.Second {
		t.Errorf("got %+v", n)
	}
}

// Keys tell runs apart, unless they are to be the same for a target; ids never repeat.
func TestKeys(t *testing.T) {
	key := func(id, scope string, labels ...Label) string {
		return NewDesk(Run{ID: id, Name: "n", Target: "t"}, nil, 0, scope).key(Transition{Rule: dip(t), Labels: labels})
	}
	if key("1", "") == key("2", "") || key("1", "target") != key("2", "target") || key("1", "") == key("1", "", Label{"a", "b"}) {
		t.Error("keys are alike that must differ, or differ that must be alike")
	}
	if n := len(key("1", "")); n > 255 { // PagerDuty's limit
		t.Errorf("a key has %d characters", n)
	}
}

// Whatever alerts do, a receiver hears of an end only after a beginning, of no beginning
// twice, and when all is over and quiet, believes that all is over.
func TestWhatPeopleBelieve(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := newScript(time.Hour)
		slow := dip(t)
		slow.Name, slow.When, slow.Mute = "slow", condition(t, "p99 > 1s over 10s"), []string{"x"}
		rules := []*Rule{dip(t), slow}
		believed, ids := map[string]bool{}, map[string]bool{}
		hear := func(notices []Notice) {
			for _, n := range notices {
				if ids[n.ID] {
					rt.Fatalf("the id of %s at %v is there twice", n.Kind, n.At)
				}
				ids[n.ID] = true
				if (n.Kind == Fired) == believed[n.Rule] && n.Kind != Flapping {
					rt.Fatalf("%s at %v while people believe %t:\n%s", n.Kind, n.At, believed[n.Rule], strings.Join(s.out, "\n"))
				}
				believed[n.Rule] = n.Kind != Resolved
			}
			s.hear(notices)
		}
		now := 0
		step := func(stage string, changes []*Rule) {
			now++
			at := time.Duration(now) * time.Second
			var all []Transition
			for _, r := range changes {
				tr := Transition{Rule: r, From: Inactive, To: Firing, At: at, Began: at}
				if _, on := s.active[r]; on {
					tr.From, tr.To = Recovering, Inactive
					delete(s.active, r)
				} else {
					s.active[r] = tr
				}
				all = append(all, tr)
			}
			hear(s.desk.Add(at, stage, all))
		}
		for range rapid.IntRange(0, 60).Draw(rt, "seconds") {
			step(rapid.SampledFrom([]string{"", "x"}).Draw(rt, "stage"), rapid.SliceOfNDistinct(rapid.SampledFrom(rules), 0, 2, func(r *Rule) string { return r.Name }).Draw(rt, "changes"))
		}
		var on []*Rule
		for _, r := range rules {
			if _, active := s.active[r]; active {
				on = append(on, r)
			}
		}
		step("", on)
		for range 130 {
			step("", nil)
		}
		for name, still := range believed {
			if still {
				rt.Fatalf("%s is believed to fire when all is over:\n%s", name, strings.Join(s.out, "\n"))
			}
		}
	})
}
