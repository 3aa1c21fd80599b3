package outbox

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"pgregory.net/rapid"

	"github.com/floodmark/floodmark/alert"
)

// The format is an API: others may read it.
func TestFormat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box, path := create(t)
		must(t, box.Add(notice("n1", "dip", alert.Fired, "chat", "chat")))
		l := letter(box, "msg_1", "chat", 0)
		must(t, box.Begin(l))
		must(t, box.Done(l, alert.Answer{Outcome: alert.Delivered, Status: 200, Detail: "ok"}))
		want := []string{
			`{"crc32c":"4f119f9e","entry":{"type":"head","at":"2000-01-01T00:00:00Z","schema":"floodmark.outbox/v1",` +
				`"run":{"id":"r-1","name":"checkout","target":"http://127.0.0.1:8080","url":"","revision":"","started_at":"2026-11-22T12:00:00Z"}}}`,
			`{"crc32c":"7c496f4a","entry":{"type":"notice","at":"2000-01-01T00:00:00Z","notice":{"id":"n1","key":"dip","kind":"firing","receivers":["chat","chat"],` +
				`"slo":"availability","rule":"dip","labels":[["endpoint","GET /"]],"objective":"","when":"","resolve":"","metric":"","window":"","unit":"ratio",` +
				`"value":0.713,"limit":0.8,"worst":0,"events":0,"bad":null,"budget_used":0.5,"reason":"","began_seconds":1,"at_seconds":3,` +
				`"starts_at":"2026-11-22T12:00:01Z","sample":"HTTP 500 \u003coops\u003e"}}}`,
			`{"crc32c":"6f2e026b","entry":{"type":"sending","at":"2000-01-01T00:00:00Z","receiver":"chat","message":"msg_1",` +
				`"alerts":[{"notice":"n1","changes":1,"coalesced":true}],"notices":["n1"]}}`,
			`{"crc32c":"b7887812","entry":{"type":"done","at":"2000-01-01T00:00:00Z","receiver":"chat","message":"msg_1","outcome":"delivered","status":200,"detail":"ok"}}`,
		}
		if got := string(content(t, path)); got != strings.Join(want, "\n")+"\n" {
			t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("got mode %v, %v, want only the user's", info.Mode(), err)
		}
	})
}

// What has happened to everything can be read.
func TestRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), File)
	must(t, os.WriteFile(path, story(t), 0o600))
	got, err := Read(path)
	must(t, err)
	want := []string{
		"n1 chat sent msg_1 ", "n1 pager dead msg_4 no such room", "n2 chat sent msg_1 ",
		"n3 chat pending msg_3 ", "n3 pager dead msg_4 no such room", "n4 chat pending msg_3 ",
		"n5 chat pending  ", "n5 pager dead  too old", "n6 pager dropped  dropped", "n7 pager dropped  dropped", "n8 pager pending  ",
	}
	var lines []string
	for _, it := range got.Items {
		lines = append(lines, fmt.Sprintf("%s %s %s %s %s", it.Notice.ID, it.Receiver, it.State, it.Message, it.Detail))
	}
	if !slices.Equal(lines, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
	if got.Run != testRun || got.Problems != nil {
		t.Errorf("got %+v and %q", got.Run, got.Problems)
	}
	box := reopen(t, path)
	if got, want := box.Count(), (Count{Pending: 4, Sent: 2, Dead: 3, Dropped: 2}); got != want || !box.Reopened() {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got, want := box.Receivers(), []string{"chat", "pager"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Nobody else may write, and everybody may read.
func TestInUse(t *testing.T) {
	box, path := create(t)
	must(t, box.Add(notice("n1", "dip", alert.Fired, "chat")))
	_, err := Open(path)
	var hinted interface{ Hint() string }
	if err == nil || !strings.Contains(err.Error(), "in use by another floodmark") || !errors.As(err, &hinted) || hinted.Hint() == "" {
		t.Errorf("got %v, want that it is in use, and a hint", err)
	}
	if l, err := Read(path); err != nil || len(l.Items) != 1 {
		t.Errorf("got %v, %v, want the notice", l, err)
	}
	if _, err := Create(path, testRun); !errors.Is(err, os.ErrExist) {
		t.Errorf("got %v, want that there is one", err)
	}
	must(t, box.Close())
	if got := reopen(t, path).Count(); got != (Count{Pending: 1}) {
		t.Errorf("got %+v, want one pending", got)
	}
}

func TestOpenNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), File)
	if _, err := Open(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	if _, err := Read(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("opening has made a file: %v", err)
	}
}

// A receiver's first groups are those that have waited longest, and Known says what it
// has been told.
func TestLoose(t *testing.T) {
	box, _ := create(t)
	for i := range 5 {
		must(t, box.Add(notice(fmt.Sprint("a", i), fmt.Sprint("key", i), alert.Fired, "chat")))
	}
	l := letter(box, "msg_1", "chat", 2)
	must(t, box.Begin(l))
	must(t, box.Add(notice("b1", "key1", alert.Resolved, "chat"), notice("b3", "key3", alert.Resolved, "chat")))
	if !box.Overtaken(l) {
		t.Error("want the letter overtaken by the news of key1")
	}
	must(t, box.Done(l, alert.Answer{Outcome: alert.Delivered}))
	var got []string
	for _, g := range box.Loose("chat", 4) {
		got = append(got, fmt.Sprintf("%s %t %v", g.Key, g.Known, noticeIDs(g.Notices)))
	}
	if want := []string{"key2 false [a2]", "key3 false [a3 b3]", "key4 false [a4]", "key1 true [b1]"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if letters, loose := box.Waiting("chat"); letters != 0 || loose != 5 {
		t.Errorf("got %d and %d, want 0 and 5", letters, loose)
	}
	if letters, loose := box.Waiting("nobody"); letters != 0 || loose != 0 {
		t.Errorf("got %d and %d, want nothing", letters, loose)
	}
	if n, err := box.Drop(""); n != 5 || err != nil {
		t.Errorf("got %d, %v, want 5", n, err)
	}
}

// Whatever happens to a box, whoever opens it later finds the same.
func TestReopenedBoxIsTheSame(t *testing.T) {
	path := filepath.Join(t.TempDir(), File)
	rapid.Check(t, func(t *rapid.T) {
		os.Remove(path)
		box, err := Create(path, testRun)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { box.Close() }()
		quick(box)
		next := 0
		receiver := rapid.SampledFrom([]string{"chat", "pager"})
		begin := func(t *rapid.T, name string) {
			if l := letter(box, fmt.Sprint("msg_", next), name, rapid.IntRange(0, 3).Draw(t, "most")); len(l.Notices) > 0 {
				box.Begin(l)
			}
			next++
		}
		act := func(t *rapid.T, with func(*Letter)) {
			name := receiver.Draw(t, "receiver")
			if all := box.Letters(name); len(all) > 0 {
				with(all[rapid.IntRange(0, len(all)-1).Draw(t, "letter")])
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				var all []alert.Notice
				for range rapid.IntRange(1, 4).Draw(t, "count") {
					kind := rapid.SampledFrom([]alert.Kind{alert.Fired, alert.Resolved}).Draw(t, "kind")
					key := rapid.SampledFrom([]string{"a", "b", "c", "d", "e"}).Draw(t, "key")
					all = append(all, notice(fmt.Sprint("n", next), key, kind, rapid.SliceOfN(receiver, 0, 2).Draw(t, "receivers")...))
					next++
				}
				box.Add(all...)
			},
			"begin": func(t *rapid.T) { begin(t, receiver.Draw(t, "receiver")) },
			"done":  func(t *rapid.T) { act(t, func(l *Letter) { box.Done(l, alert.Answer{Outcome: alert.Delivered}) }) },
			"dead":  func(t *rapid.T) { act(t, func(l *Letter) { box.Dead(l, "no") }) },
			"recall": func(t *rapid.T) {
				act(t, func(l *Letter) {
					box.Recall(l)
					box.Begin(letter(box, fmt.Sprint("msg_r", next), l.Receiver, 0))
					next++
				})
			},
			"bury": func(t *rapid.T) {
				name := receiver.Draw(t, "receiver")
				if all := box.Loose(name, 1); len(all) > 0 {
					box.Bury(name, all[0].Notices, "old")
				}
			},
			"drop": func(t *rapid.T) { box.Drop(receiver.Draw(t, "receiver")) },
			"reopen": func(t *rapid.T) {
				want := state(box)
				if err := box.Close(); err != nil {
					t.Fatal(err)
				}
				if box, err = Open(path); err != nil {
					t.Fatal(err)
				}
				quick(box)
				if got := state(box); got != want {
					t.Fatalf("got\n%s\nwant\n%s", got, want)
				}
				if box.Problems() != nil {
					t.Fatalf("problems: %q", box.Problems())
				}
			},
		})
	})
}
