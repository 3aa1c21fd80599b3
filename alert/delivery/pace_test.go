package delivery

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/floodmark/floodmark/alert"
)

// The first message goes at once, what comes within 2 s of it together, and then there
// is one each 15 s; after 15 quiet seconds it begins anew.
func TestGrouping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chat := &desk{opened: time.Now()}
		o := opens(t, Lane{Name: "chat", Receiver: chat})
		defer o.closes()
		o.notify(notice("first", "key", alert.Fired, "chat"))
		time.Sleep(500 * time.Millisecond)
		for i := range 30 { // at 0.5 s, 1.5 s and so on
			o.notify(notice(fmt.Sprint("n", i), fmt.Sprint("key", i%4), alert.Fired, "chat"))
			time.Sleep(time.Second)
		}
		time.Sleep(17 * time.Second)
		o.notify(notice("x", "key0", alert.Resolved, "chat")) // at 47.5 s, 15.5 s after the last message
		time.Sleep(time.Minute)
		wantSent(t, chat,
			"0s first:firing", "2s n0:firing n1:firing",
			"17s n14:firing×4 n15:firing×4 n16:firing×4 n13:firing×3",
			"32s n29:firing×4 n26:firing×3 n27:firing×3 n28:firing×3",
			"47.5s x:resolved",
		)
	})
}

// A receiver of single alerts gets each at once, in order.
func TestSingle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pager := &desk{opened: time.Now()}
		o := opens(t, Lane{Name: "pager", Receiver: pager, Single: true, PerSecond: 0.5, Burst: 2})
		defer o.closes()
		o.notify(
			notice("a1", "a", alert.Fired, "pager"), notice("b1", "b", alert.Fired, "pager"),
			notice("c1", "c", alert.Fired, "pager"), notice("b2", "b", alert.Resolved, "pager"),
		)
		time.Sleep(3 * time.Second)
		o.notify(notice("a2", "a", alert.Resolved, "pager"))
		time.Sleep(time.Minute)
		wantSent(t, pager, "0s a1:firing", "0s b2:resolved×2 coalesced", "2s c1:firing", "4s a2:resolved")
	})
}

// After 20 messages in 10 minutes there is a digest each 2 minutes, until it is calm.
func TestStorm(t *testing.T) {
	for _, single := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			chat := &desk{opened: time.Now()}
			o := opens(t, Lane{Name: "chat", Receiver: chat, Single: single})
			defer o.closes()
			for i := range 36 { // one in 21 s, each at once, for 12 minutes
				o.notify(notice(fmt.Sprint("n", i), fmt.Sprint("key", i%3), alert.Fired, "chat"))
				time.Sleep(21 * time.Second)
			}
			time.Sleep(time.Hour)
			var times []int // seconds
			for _, s := range chat.all()[19:] {
				times = append(times, int(s.at.Seconds()))
			}
			// The twentieth, at 399 s, makes the storm. After the digest at 519 s the oldest of
			// twenty messages is that of 21 s, so that it is calm at 621 s; then that of 42 s.
			want := []int{399, 519, 621, 642, 663, 684, 705, 726, 747}
			if single {
				want = []int{399, 519, 519, 519, 639, 639, 639, 726, 726, 726, 789}
			}
			if !slices.Equal(times, want) {
				t.Errorf("single %t: got %v, want %v", single, times, want)
			}
		})
	}
}

// Ten thousand alerts at once are one message for people, and a hundred for programs.
func TestTenThousandAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chat, monitor := &desk{opened: time.Now()}, &desk{opened: time.Now()}
		o := opens(t, Lane{Name: "chat", Receiver: chat}, Lane{Name: "monitor", Receiver: monitor, Refresh: time.Hour})
		var all []alert.Notice
		for i := range 10_000 {
			all = append(all, notice(fmt.Sprint("n", i), fmt.Sprint("key", i), alert.Fired, "chat", "monitor"))
		}
		o.notify(all...)
		if left := drain(t, o, time.Minute); left != 0 {
			t.Errorf("got %d undelivered", left)
		}
		if m := chat.all()[0].m; len(chat.all()) != 1 || len(m.Alerts) != 10 || m.More != 9990 {
			t.Errorf("got %d messages, the first of %d and %d more", len(chat.all()), len(m.Alerts), m.More)
		}
		if len(monitor.all()) != 100 {
			t.Errorf("got %d messages, want 100", len(monitor.all()))
		}
	})
}

// However the clock goes, nobody waits longer than a digest takes, and there are never
// more messages than a storm has.
func TestPaceIsBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := pace{eager: rapid.Bool().Draw(t, "eager")}
		now := time.Unix(1e9, 0)
		for range rapid.IntRange(1, 80).Draw(t, "messages") {
			since := now
			now = now.Add(time.Duration(rapid.IntRange(-20, 100).Draw(t, "later")) * time.Second)
			if rapid.IntRange(0, 20).Draw(t, "step") == 0 {
				now = now.Add(-time.Hour)
			}
			due := p.due(now, since, 1)
			if due.Sub(now) > stormDigest {
				t.Fatalf("due in %v", due.Sub(now))
			}
			now = later(now, due)
			if again := p.due(now, since, 1); again.After(now) {
				t.Fatalf("due at %v, and then only at %v", due, again)
			}
			p.begin(since, 1)
			p.sent(now)
			if p.round != 0 {
				t.Fatalf("got %d left of one", p.round)
			}
		}
	})
}

// What came with a message that was due goes after it without waiting again.
func TestPaceOfRounds(t *testing.T) {
	var p pace
	now := time.Unix(1e9, 0)
	for left := 3; left > 0; left-- {
		if due := p.due(now, now, left); due != now {
			t.Errorf("%d left: due %v later", left, due.Sub(now))
		}
		p.begin(now, 1)
		p.sent(now)
	}
	if due := p.due(now, now, 1); due.Sub(now) != groupInterval {
		t.Errorf("due %v later, want %v", due.Sub(now), groupInterval)
	}
}
