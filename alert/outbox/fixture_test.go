package outbox

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/floodmark/floodmark/alert"
)

// testRun is what notices are about.
var testRun = alert.Run{ID: "r-1", Name: "checkout", Target: "http://127.0.0.1:8080", Started: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}

// notice returns a notice of an alert.
func notice(id, key string, kind alert.Kind, receivers ...string) alert.Notice {
	return alert.Notice{
		ID: id, Key: key, Kind: kind, Receivers: receivers, SLO: "availability", Rule: key, Labels: []alert.Label{{Name: "endpoint", Value: "GET /"}},
		Unit: "ratio", Value: 0.713, Limit: 0.8, Bad: -1, Budget: 0.5, Began: time.Second, At: 3 * time.Second,
		StartsAt: testRun.Started.Add(time.Second), Sample: "HTTP 500 <oops>",
	}
}

// create makes a box in a directory of its own.
func create(tb testing.TB) (box *Box, path string) {
	tb.Helper()
	path = filepath.Join(tb.TempDir(), File)
	box, err := Create(path, testRun)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { box.Close() })
	return box, path
}

// reopen opens a box that must be all right.
func reopen(tb testing.TB, path string) *Box {
	tb.Helper()
	box, err := Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { box.Close() })
	return box
}

// letter composes a letter of a receiver's first groups; each alert is told as it is.
func letter(box *Box, id, receiver string, most int) *Letter {
	l := &Letter{ID: id, Receiver: receiver}
	for _, g := range box.Loose(receiver, most) {
		l.Notices = append(l.Notices, g.Notices...)
		l.Alerts = append(l.Alerts, alert.Told{Notice: *g.Notices[len(g.Notices)-1], Changes: len(g.Notices), Coalesced: !g.Known})
	}
	return l
}

// must wants no error.
func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// state writes down all that a box holds in memory.
func state(box *Box) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%+v %s %v\n", box.Count(), box.Run().ID, box.Receivers())
	for _, receiver := range []string{"chat", "pager"} {
		for _, l := range box.Letters(receiver) {
			fmt.Fprintf(&out, "%s letter %s %v more %d:", receiver, l.ID, l.NoticeIDs(), l.More)
			for _, a := range l.Alerts {
				fmt.Fprintf(&out, " %+v", a)
			}
			fmt.Fprintln(&out)
		}
		for _, g := range box.Loose(receiver, 0) {
			fmt.Fprintf(&out, "%s loose %s known %t:", receiver, g.Key, g.Known)
			for _, n := range g.Notices {
				fmt.Fprintf(&out, " %+v", *n)
			}
			fmt.Fprintln(&out)
		}
	}
	return out.String()
}

// content reads a file.
func content(tb testing.TB, path string) []byte {
	tb.Helper()
	data, err := os.ReadFile(path)
	must(tb, err)
	return data
}

// story writes a box in which everything has happened, and returns its file.
func story(tb testing.TB) []byte {
	tb.Helper()
	box, path := create(tb)
	must(tb, box.Add(notice("n1", "dip", alert.Fired, "chat", "pager"), notice("n2", "slow", alert.Fired, "chat")))
	first := letter(box, "msg_1", "chat", 0)
	first.More = 3
	must(tb, box.Begin(first))
	must(tb, box.Done(first, alert.Answer{Outcome: alert.Accepted, Status: 202}))
	must(tb, box.Add(notice("n3", "dip", alert.Resolved, "chat", "pager")))
	second := letter(box, "msg_2", "chat", 0)
	must(tb, box.Begin(second))
	must(tb, box.Add(notice("n4", "dip", alert.Fired, "chat")))
	box.Recall(second)
	must(tb, box.Begin(letter(box, "msg_3", "chat", 0)))
	must(tb, box.Begin(letter(box, "msg_4", "pager", 0)))
	must(tb, box.Dead(box.Letters("pager")[0], "no such room"))
	must(tb, box.Add(notice("n5", "slow", alert.Resolved, "chat", "pager"), notice("n6", "late", alert.Fired, "pager"), notice("n7", "more", alert.Fired, "pager")))
	must(tb, box.Bury("pager", box.Loose("pager", 1)[0].Notices, "too old"))
	_, err := box.Drop("pager")
	must(tb, err)
	must(tb, box.Add(notice("n8", "late", alert.Fired, "pager")))
	must(tb, box.Close())
	return content(tb, path)
}

// quick makes a box not wait for the disk, for tests of thousands of steps in which no
// machine loses its power.
func quick(box *Box) { box.tape.sync = func() error { return nil } }
