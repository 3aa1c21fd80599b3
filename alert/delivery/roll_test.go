package delivery

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/floodmark/floodmark/alert"
	"github.com/floodmark/floodmark/alert/outbox"
)

// Programs that forget hear again and again of what fires, and for five minutes of
// what is over.
func TestRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fails := alert.Answer{Outcome: alert.Later, Status: 500, Unsure: true}
		monitor := &desk{opened: time.Now(), answer: in(alert.Answer{Outcome: alert.Delivered}, fails)}
		o := opens(t, Lane{Name: "monitor", Receiver: monitor, Refresh: 2 * time.Minute})
		o.notify(notice("n1", "a", alert.Fired, "monitor"))
		time.Sleep(5 * time.Minute)
		o.notify(notice("n2", "b", alert.Fired, "monitor"))
		time.Sleep(30 * time.Second)
		o.notify(notice("n3", "a", alert.Resolved, "monitor"), notice("n4", "b", alert.Resolved, "monitor"))
		time.Sleep(time.Hour)
		wantSent(t, monitor,
			"0s n1:firing", "2m0s n1:firing refresh → retry", "4m0s n1:firing refresh",
			"5m0s n2:firing", "5m30s n3:resolved n4:resolved",
			"6m0s n3:resolved n4:resolved refresh", "8m0s n3:resolved n4:resolved refresh", "10m0s n3:resolved n4:resolved refresh",
		)
		o.notify(notice("n5", "a", alert.Fired, "monitor"))
		time.Sleep(time.Second)
		if left := drain(t, o, time.Hour); left != 0 || time.Since(monitor.opened) > 2*time.Hour {
			t.Errorf("got %d undelivered after %v", left, time.Since(monitor.opened))
		}
		for _, d := range o.told[1:2] {
			if !d.Refresh || d.Outcome != alert.Later || d.Next != 0 || len(d.Notices) != 0 {
				t.Errorf("told %+v", d)
			}
		}
	})
}

// No alert is left out of what a program is told, and no message is too large.
func TestRefreshListsAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		monitor := &desk{opened: time.Now()}
		o := opens(t, Lane{Name: "monitor", Receiver: monitor, Refresh: time.Minute})
		var all []alert.Notice
		for i := range 250 {
			all = append(all, notice(fmt.Sprint("n", i), fmt.Sprint("key", i), alert.Fired, "monitor"))
		}
		o.notify(all...)
		time.Sleep(90 * time.Second)
		o.closes()
		var sizes []int
		for _, s := range monitor.all() {
			sizes = append(sizes, len(s.m.Alerts), s.m.More)
		}
		if want := []int{100, 0, 100, 0, 50, 0, 100, 0, 100, 0, 50, 0}; !slices.Equal(sizes, want) {
			t.Errorf("got sizes %v, want %v", sizes, want)
		}
		if last := monitor.all()[len(monitor.all())-1]; !last.m.Refresh || last.at != time.Minute {
			t.Errorf("got the last at %v: %+v, want a refresh after a minute", last.at, last.m)
		}
	})
}

// What is new goes before what is repeated, which might contradict it.
func TestLettersGoBeforeRefreshes(t *testing.T) {
	box, err := outbox.Create(filepath.Join(t.TempDir(), outbox.File), testRun)
	if err != nil {
		t.Fatal(err)
	}
	defer box.Close()
	c := newCourier(Lane{Name: "monitor", Refresh: time.Minute}, box, testRun, nil)
	now := time.Now()
	c.roll.note([]alert.Told{{Notice: notice("n1", "a", alert.Fired)}}, now.Add(-time.Hour))
	if at, act := c.next(now, false); act == nil || at != now.Add(-59*time.Minute) {
		t.Errorf("got %v, want the refresh that is overdue", at)
	}
	if err := box.Add(notice("n2", "a", alert.Resolved, "monitor")); err != nil {
		t.Fatal(err)
	}
	c.begin(now)
	if at, act := c.next(now, false); act == nil || at != now {
		t.Errorf("got %v, want the letter now", at)
	}
}
