package delivery

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/floodmark/floodmark/alert"
	"github.com/floodmark/floodmark/alert/outbox"
)

// A witness is a receiver that notes how much of the outbox was on the disk when a
// message came. What it takes it keeps, whatever happens to the sender.
type witness struct {
	path    string
	answers func() alert.Answer
	taken   []testimony
}

type testimony struct {
	size   int64 // of the outbox, when the message came
	m      alert.Message
	answer alert.Answer
}

// Send implements Receiver.
func (w *witness) Send(_ context.Context, m alert.Message) alert.Answer {
	t := testimony{m: m, answer: w.answers()}
	if info, err := os.Stat(w.path); err == nil {
		t.size = info.Size()
	}
	w.taken = append(w.taken, t)
	return t.answer
}

// arrived reports whether the receiver has the message, though the sender may not
// know.
func (t testimony) arrived() bool { return t.answer.Outcome.OK() || t.answer.Unsure }

// A file only grows, and nothing is sent before its line is written: what a killed
// process leaves behind is a beginning of its file, and of what was sent meanwhile.
// From each of them another process goes on, loses no alert, and sends again only
// under the same ID.
func TestKilledAtEveryPoint(t *testing.T) {
	for _, single := range []bool{false, true} {
		for _, first := range []alert.Answer{{Outcome: alert.Delivered}, {Outcome: alert.Later}, {Outcome: alert.Later, Unsure: true}} {
			t.Run(fmt.Sprintf("single %t, %s, unsure %t", single, first.Outcome, first.Unsure), func(t *testing.T) {
				path := filepath.Join(t.TempDir(), outbox.File)
				w := &witness{path: path, answers: in(first)}
				lane := Lane{Name: "chat", Receiver: w, Single: single}
				synctest.Test(t, func(t *testing.T) { lifetime(t, path, lane) })
				data, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				for _, size := range cuts(data) {
					for _, before := range w.upTo(size) {
						synctest.Test(t, func(t *testing.T) { aftermath(t, path, data[:size], before, lane) })
					}
				}
			})
		}
	}
}

// lifetime is a run with alerts that fire, resolve and fire again.
func lifetime(t *testing.T, path string, lane Lane) {
	t.Helper()
	box, err := outbox.Create(path, testRun)
	if err != nil {
		t.Fatal(err)
	}
	o := staffed(t, box, path, lane)
	o.notify(notice("a1", "a", alert.Fired, "chat"), notice("b1", "b", alert.Fired, "chat"))
	time.Sleep(100 * time.Millisecond)
	o.notify(notice("a2", "a", alert.Resolved, "chat"))
	time.Sleep(time.Minute)
	o.notify(notice("a3", "a", alert.Fired, "chat"), notice("b2", "b", alert.Resolved, "chat"))
	if left := drain(t, o, time.Minute); left != 0 {
		t.Errorf("got %d undelivered", left)
	}
}

// cuts returns where a file may end: at the ends of its lines, and inside them.
func cuts(data []byte) []int {
	all := []int{0}
	for at := 0; at < len(data); {
		n := bytes.IndexByte(data[at:], '\n') + 1
		all = append(all, at+1, at+n/2, at+n-1, at+n)
		at += n
	}
	return all
}

// upTo returns what may have been sent when the file had a size: all that was sent
// before it grew so far, and any beginning of what was sent right then.
func (w *witness) upTo(size int) (all [][]testimony) {
	n := 0
	for n < len(w.taken) && w.taken[n].size < int64(size) {
		n++
	}
	all = append(all, w.taken[:n])
	for n < len(w.taken) && w.taken[n].size == int64(size) {
		n++
		all = append(all, w.taken[:n])
	}
	return all
}

// aftermath lets another process deliver what is left, and counts.
func aftermath(t *testing.T, path string, data []byte, before []testimony, lane Lane) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := outbox.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	next := &witness{path: path, answers: in()}
	lane.Receiver = next
	if left := drain(t, reopens(t, path, lane), time.Minute); left != 0 {
		t.Errorf("cut at %d: got %d undelivered", len(data), left)
	}
	promised := map[string]int{} // notices by key
	for _, it := range l.Items {
		promised[it.Notice.Key]++
	}
	var arrived []alert.Message
	for _, one := range slices.Concat(before, next.taken) {
		if one.arrived() {
			arrived = append(arrived, one.m)
		}
	}
	wantOnce(t, fmt.Sprintf("cut at %d, after %d attempts", len(data), len(before)), arrived, promised)
}

// wantOnce wants messages that tell of each notice, and of each just once for whoever
// knows messages by their IDs.
func wantOnce(t *testing.T, when string, arrived []alert.Message, promised map[string]int) {
	t.Helper()
	known := map[string]alert.Message{}
	told := map[string]int{}
	for _, m := range arrived {
		before, again := known[m.ID]
		known[m.ID] = m
		if !again {
			for _, a := range m.Alerts {
				told[a.Key] += a.Changes
			}
			continue
		}
		for i, a := range m.Alerts {
			if len(before.Alerts) != len(m.Alerts) || !same(a, before.Alerts[i]) {
				t.Errorf("%s: %s came as %+v and as %+v", when, m.ID, before.Alerts, m.Alerts)
			}
		}
	}
	if fmt.Sprint(told) != fmt.Sprint(promised) {
		t.Errorf("%s: told of %v, want %v", when, told, promised)
	}
}
