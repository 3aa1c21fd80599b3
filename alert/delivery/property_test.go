package delivery

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/floodmark/floodmark/alert"
	"github.com/floodmark/floodmark/alert/outbox"
)

// A step of a play: notices, a pause, and perhaps another process.
type step struct {
	notices []alert.Notice
	pause   time.Duration
	restart bool
}

// A play is what is going to happen. It is drawn before the time begins.
type play struct {
	steps   []step
	answers map[string][]alert.Answer // by receiver; then delivered
	takes   time.Duration
}

var receivers = []string{"chat", "pager", "monitor"}

// drawPlay draws a play.
func drawPlay(t *rapid.T) play {
	p := play{answers: map[string][]alert.Answer{}, takes: time.Duration(rapid.IntRange(0, 2500).Draw(t, "takes ms")) * time.Millisecond}
	id := 0
	for range rapid.IntRange(1, 12).Draw(t, "steps") {
		s := step{pause: time.Duration(rapid.SampledFrom([]int{0, 1, 1500, 20_000, 200_000}).Draw(t, "pause ms")) * time.Millisecond}
		for range rapid.SampledFrom([]int{0, 1, 2, 15}).Draw(t, "notices") {
			s.notices = append(s.notices, alert.Notice{
				ID: fmt.Sprintf("n%03d", id), Key: fmt.Sprint("key", rapid.SampledFrom([]int{0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}).Draw(t, "key")), Bad: -1, Budget: -1,
				Kind:      rapid.SampledFrom([]alert.Kind{alert.Fired, alert.Resolved, alert.StillFiring}).Draw(t, "kind"),
				Receivers: rapid.SampledFrom([][]string{receivers, {"chat"}, {"pager"}, {"monitor", "chat"}}).Draw(t, "receivers"),
			})
			id++
		}
		s.restart = rapid.IntRange(0, 5).Draw(t, "restart") == 0
		p.steps = append(p.steps, s)
	}
	for _, name := range receivers {
		p.answers[name] = rapid.SliceOfN(rapid.SampledFrom([]alert.Answer{
			{Outcome: alert.Delivered},
			{Outcome: alert.Accepted},
			{Outcome: alert.Refused},
			{Outcome: alert.Later},
			{Outcome: alert.Later},
			{Outcome: alert.Later, Unsure: true},
			{Outcome: alert.Later, After: 50 * time.Second},
			{},
		}), 0, 12).Draw(t, "answers")
	}
	return p
}

// An acted is what came of a play.
type acted struct {
	desks   map[string]*desk
	told    []Delivery // in order, for each receiver
	epochs  []int      // of told: which process
	listing *outbox.Listing
	left    int
	disk    []error
}

// act plays a play, and lets all be delivered in the end.
func (p play) act(tb testing.TB, path string) acted {
	tb.Helper()
	a := acted{desks: map[string]*desk{}}
	var lanes []Lane
	for _, name := range receivers {
		a.desks[name] = &desk{opened: time.Now(), takes: p.takes, answer: in(p.answers[name]...)}
		lanes = append(lanes, Lane{Name: name, Receiver: a.desks[name], Single: name == "pager"})
	}
	lanes[2].Refresh = time.Minute
	box, err := outbox.Create(path, testRun)
	if err != nil {
		tb.Fatal(err)
	}
	o := staffed(tb, box, path, lanes...)
	epoch := 0
	leave := func() {
		o.closes()
		for _, d := range o.told {
			a.told = append(a.told, d)
			a.epochs = append(a.epochs, epoch)
			if d.Disk != nil {
				a.disk = append(a.disk, d.Disk)
			}
		}
		epoch++
	}
	for _, s := range p.steps {
		for i := range s.notices {
			s.notices[i].StartsAt = time.Now()
		}
		o.notify(s.notices...)
		time.Sleep(s.pause)
		if s.restart {
			leave()
			o = reopens(tb, path, lanes...)
		}
	}
	a.left = drain(tb, o, 2*time.Hour)
	leave()
	if a.listing, err = outbox.Read(path); err != nil {
		tb.Fatal(err)
	}
	return a
}

// Whatever happens and whatever receivers answer, every notice is accounted for.
func TestEveryNoticeIsAccountedFor(t *testing.T) {
	path := filepath.Join(t.TempDir(), outbox.File)
	rapid.Check(t, func(rt *rapid.T) {
		p := drawPlay(rt)
		var a acted
		synctest.Test(t, func(t *testing.T) {
			os.Remove(path)
			a = p.act(t, path)
		})
		if a.left != 0 || a.listing.Problems != nil || a.disk != nil {
			rt.Fatalf("%d left, problems %q, %v", a.left, a.listing.Problems, a.disk)
		}
		for _, name := range receivers {
			p.check(rt, a, name)
		}
	})
}

// A dispatch is a message as its attempts were.
type dispatch struct {
	id      string
	notices []string
	told    []alert.Told
	more    int
	first   int // process that made an attempt
	last    int
	unsure  bool
	outcome alert.Outcome // the last
}

// dispatches gathers a receiver's messages in the order of their first attempts, which
// must all have been the same.
func (a acted) dispatches(t *rapid.T, name string) (all []*dispatch) {
	sents := slices.DeleteFunc(a.desks[name].all(), func(s sent) bool { return s.m.Refresh })
	byID := map[string]*dispatch{}
	for i, d := range a.told {
		if d.Receiver != name || d.Refresh || d.Attempt == 0 {
			continue
		}
		s := sents[0]
		sents = sents[1:]
		if s.m.ID != d.Message || len(s.m.Alerts) != d.Alerts {
			t.Fatalf("%s: sent %s of %d, told %+v", name, s.m.ID, len(s.m.Alerts), d)
		}
		one := byID[d.Message]
		if one == nil {
			one = &dispatch{id: d.Message, notices: d.Notices, told: s.m.Alerts, more: s.m.More, first: a.epochs[i]}
			byID[d.Message] = one
			all = append(all, one)
		}
		if !slices.Equal(one.notices, d.Notices) || one.more != s.m.More || !slices.EqualFunc(one.told, s.m.Alerts, same) {
			t.Fatalf("%s: %s was another message before", name, d.Message)
		}
		if one.outcome.OK() || one.outcome == alert.Refused {
			t.Fatalf("%s: %s was tried again after %s", name, d.Message, one.outcome)
		}
		one.last, one.unsure, one.outcome = a.epochs[i], one.unsure || s.answer.Unsure, d.Outcome
	}
	if len(sents) > 0 {
		t.Fatalf("%s: nobody was told of %d attempts", name, len(sents))
	}
	return all
}

// same reports whether two lines of messages are.
func same(a, b alert.Told) bool {
	return a.ID == b.ID && a.Kind == b.Kind && a.Changes == b.Changes && a.Coalesced == b.Coalesced
}

// check judges what one receiver got.
func (p play) check(t *rapid.T, a acted, name string) {
	all := a.dispatches(t, name)
	fate := map[string]*dispatch{} // of each notice: the message that ended it
	heard := map[string]string{}   // the latest notice by key
	known := map[string]bool{}
	for _, d := range all {
		if limit := map[string]int{"chat": 10, "pager": 1, "monitor": 100}[name]; len(d.told) == 0 || len(d.told) > limit {
			t.Fatalf("%s: %d alerts in a message", name, len(d.told))
		}
		for _, id := range d.notices {
			if before := fate[id]; before != nil && (before.unsure || before.outcome != alert.Later || before.last != d.first) {
				t.Fatalf("%s: %s in %+v, and then in %s", name, id, before, d.id)
			}
			fate[id] = d
		}
		if !d.outcome.OK() {
			continue
		}
		for _, one := range d.told {
			if one.ID <= heard[one.Key] {
				t.Fatalf("%s: %s after %s", name, one.ID, heard[one.Key])
			}
			heard[one.Key] = one.ID
			if one.Coalesced != (one.Ended() && !known[one.Key]) {
				t.Fatalf("%s: %s coalesced %t, though the receiver knew of it: %t", name, one.ID, one.Coalesced, known[one.Key])
			}
			known[one.Key] = !one.Ended()
		}
	}
	states := map[string]outbox.State{}
	for _, it := range a.listing.Items {
		if it.Receiver == name {
			states[it.Notice.ID] = it.State
		}
	}
	for _, s := range p.steps {
		for _, n := range s.notices {
			if slices.Contains(n.Receivers, name) {
				accounted(t, n, fate[n.ID], states[n.ID])
			}
		}
	}
}

// accounted wants a notice delivered or dead, as the outbox says, by a message that
// covers it.
func accounted(t *rapid.T, n alert.Notice, by *dispatch, state outbox.State) {
	if by == nil {
		t.Fatalf("%s was in no message, and is %s", n.ID, state)
	}
	want := outbox.Sent
	if by.outcome == alert.Refused {
		want = outbox.Dead
	}
	if state != want || !by.outcome.OK() && by.outcome != alert.Refused {
		t.Fatalf("%s is %s after %s", n.ID, state, by.outcome)
	}
	at := slices.IndexFunc(by.told, func(one alert.Told) bool { return one.Key == n.Key })
	if at < 0 && by.more == 0 || at >= 0 && by.told[at].ID < n.ID {
		t.Fatalf("%s is not covered by %+v", n.ID, by.told)
	}
}
