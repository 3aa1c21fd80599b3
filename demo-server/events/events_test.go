package events

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// texts returns what events say, in one line.
func texts(list []Event) string {
	var all []string
	for _, e := range list {
		all = append(all, fmt.Sprintf("%d:%s", e.ID, e.Text))
	}
	return strings.Join(all, " ")
}

func TestLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l Log
		if got := l.Since(0); len(got) != 0 {
			t.Errorf("an empty log has %v", got)
		}
		l.Add(Killed, "web-2", "web-2 was killed")
		time.Sleep(1500 * time.Nanosecond)
		l.Add(Scaled, "web", "web has 4 replicas")
		for _, tt := range []struct {
			after uint64
			want  string
		}{
			{0, "1:web-2 was killed 2:web has 4 replicas"},
			{1, "2:web has 4 replicas"},
			{2, ""},
			{3, "1:web-2 was killed 2:web has 4 replicas"}, // of a backend before
		} {
			if got := texts(l.Since(tt.after)); got != tt.want {
				t.Errorf("after %d: got %q, want %q", tt.after, got, tt.want)
			}
		}
		got, err := json.Marshal(l.Since(1)[0])
		if want := `{"id":2,"at":"2000-01-01T00:00:00.0000015Z","kind":"scaled","subject":"web","text":"web has 4 replicas"}`; err != nil || string(got) != want {
			t.Errorf("got %s, %v, want %s", got, err, want)
		}
	})
}

func TestLogCutsTexts(t *testing.T) {
	var l Log
	l.Add(strings.Repeat("k", 129), strings.Repeat("ä", 128), strings.Repeat("ö", 201))
	got := l.Since(0)[0]
	if got.Kind != strings.Repeat("k", 127)+"…" || got.Subject != strings.Repeat("ä", 128) || got.Text != strings.Repeat("ö", 199)+"…" {
		t.Errorf("got %+v", got)
	}
}

// The log is the latest 1000 of all that was added.
func TestLogIsARing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var l Log
		var all []Event
		for _, n := range rapid.SliceOfN(rapid.IntRange(0, 900), 1, 5).Draw(t, "added") {
			for range n {
				text := fmt.Sprint(len(all))
				l.Add("k", "s", text)
				all = append(all, Event{ID: uint64(len(all) + 1), Text: text})
			}
			after := rapid.IntRange(0, len(all)).Draw(t, "after")
			want := texts(all[max(after, len(all)-room):])
			if got := texts(l.Since(uint64(after))); got != want {
				t.Fatalf("after %d of %d: got %.60q…, want %.60q…", after, len(all), got, want)
			}
		}
	})
}

func TestLogIsForManyGoroutines(t *testing.T) {
	var l Log
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 100 {
				l.Add("k", "s", "t")
				l.Since(0)
			}
		})
	}
	group.Wait()
	list := l.Since(0)
	for i, e := range list {
		if e.ID != uint64(i+1) || i > 0 && e.At.Before(list[i-1].At) {
			t.Fatalf("event %d is %+v", i, e)
		}
	}
	if len(list) != 800 {
		t.Errorf("got %d events, want 800", len(list))
	}
}
