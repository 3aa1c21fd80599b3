package delivery

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/floodmark/floodmark/alert"
	"github.com/floodmark/floodmark/alert/outbox"
)

// An hour of fake time is more than any test needs.
func drain(tb testing.TB, o *office, bound time.Duration) int {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(tb.Context()), bound)
	defer cancel()
	left := o.Drain(ctx)
	o.closes()
	return left
}

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

// A failure is tried again under the same ID, after a while that grows but is never
// longer than 30 s, and after 10 minutes always as long as that.
func TestRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chat := &desk{opened: time.Now(), answer: func() alert.Answer { return alert.Answer{Outcome: alert.Later, Unsure: true, Detail: "timeout"} }}
		o := opens(t, Lane{Name: "chat", Receiver: chat})
		o.notify(notice("n1", "a", alert.Fired, "chat"))
		time.Sleep(20 * time.Minute)
		o.closes()
		for i, s := range chat.all() {
			d := o.told[i]
			bound := 30 * time.Second
			if i < 5 {
				bound = time.Second << i
			}
			if s.m.ID != chat.all()[0].m.ID || d.Message != s.m.ID || d.Attempt != i+1 || d.Next > bound || d.Next <= 0 {
				t.Fatalf("attempt %d: got %+v, told %+v", i+1, s.m, d)
			}
			if s.at > 10*time.Minute && d.Next != 30*time.Second {
				t.Errorf("after %v: next in %v, want 30 s", s.at, d.Next)
			}
			if i > 0 && s.at-chat.all()[i-1].at != o.told[i-1].Next {
				t.Errorf("attempt %d: after %v, want %v as told", i+1, s.at-chat.all()[i-1].at, o.told[i-1].Next)
			}
			if want := s.at > time.Minute; s.m.Delayed != want {
				t.Errorf("after %v: delayed %t, want %t", s.at, s.m.Delayed, want)
			}
		}
		if n := len(chat.all()); n < 40 || n > 1000 {
			t.Errorf("got %d attempts in 20 minutes", n)
		}
		// Nothing is given up: the next process goes on with it.
		first := chat.all()[0].m.ID
		chat.answer, chat.sents = nil, nil
		if left := drain(t, reopens(t, o.path, Lane{Name: "chat", Receiver: chat}), time.Minute); left != 0 || len(chat.all()) != 1 {
			t.Fatalf("got %d undelivered and %d messages", left, len(chat.all()))
		}
		if m := chat.all()[0].m; m.ID != first || !m.Delayed || m.Run != testRun {
			t.Errorf("got %+v, want the message %s", m, first)
		}
	})
}

// Who asks to be left alone is, for all messages, for however long.
func TestAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		busy := alert.Answer{Outcome: alert.Later, Status: 429, After: 15 * time.Minute}
		chat := &desk{opened: time.Now(), answer: in(busy)}
		pager := &desk{opened: time.Now()}
		o := opens(t, Lane{Name: "chat", Receiver: chat}, Lane{Name: "pager", Receiver: pager})
		defer o.closes()
		o.notify(notice("n1", "a", alert.Fired, "chat", "pager"))
		time.Sleep(time.Minute)
		o.notify(notice("n2", "b", alert.Fired, "chat", "pager"))
		time.Sleep(time.Hour)
		wantSent(t, chat, "0s n1:firing → retry", "15m0s n1:firing delayed", "15m2s n2:firing delayed")
		wantSent(t, pager, "0s n1:firing", "1m0s n2:firing")
		if a, b := chat.all()[0].m.ID, chat.all()[1].m.ID; a != b {
			t.Errorf("got %s and %s, want the same message", a, b)
		}
	})
}

// Fired and resolved while the receiver certainly heard nothing is one message; if it
// may have heard, it gets what it may have got, and then the news.
func TestCoalescing(t *testing.T) {
	for _, single := range []bool{false, true} {
		for _, unsure := range []bool{false, true} {
			t.Run(fmt.Sprintf("single %t, unsure %t", single, unsure), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					failed := alert.Answer{Outcome: alert.Later, After: 20 * time.Second, Unsure: unsure}
					chat := &desk{opened: time.Now(), answer: in(failed)}
					o := opens(t, Lane{Name: "chat", Receiver: chat, Single: single})
					defer o.closes()
					o.notify(notice("n1", "a", alert.Fired, "chat"))
					time.Sleep(10 * time.Second)
					o.notify(notice("n2", "a", alert.Resolved, "chat"))
					time.Sleep(time.Minute)
					same := chat.all()[0].m.ID == chat.all()[1].m.ID
					switch {
					case !unsure:
						wantSent(t, chat, "0s n1:firing → retry", "20s n2:resolved×2 coalesced")
					case single:
						wantSent(t, chat, "0s n1:firing → retry", "20s n1:firing", "20s n2:resolved")
					default:
						wantSent(t, chat, "0s n1:firing → retry", "20s n1:firing", "22s n2:resolved")
					}
					if same != unsure {
						t.Errorf("the same message again: %t, want %t", same, unsure)
					}
				})
			})
		}
	}
}

// The resolve of a fire that was refused says both.
func TestRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chat := &desk{opened: time.Now(), answer: in(alert.Answer{Outcome: alert.Refused, Status: 413, Detail: "too large"})}
		o := opens(t, Lane{Name: "chat", Receiver: chat})
		defer o.closes()
		o.notify(notice("n1", "a", alert.Fired, "chat"))
		time.Sleep(time.Minute)
		o.notify(notice("n2", "a", alert.Resolved, "chat"))
		time.Sleep(time.Minute)
		wantSent(t, chat, "0s n1:firing → refused", "1m0s n2:resolved coalesced")
		if got, want := o.box.Count(), (outbox.Count{Sent: 1, Dead: 1}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		if d := o.told[0]; d.Outcome != alert.Refused || d.Status != 413 || d.Detail != "too large" || d.Next != 0 || d.Alerts != 1 {
			t.Errorf("told %+v", d)
		}
	})
}

// A receiver that is gone is left alone, and the others are not.
func TestGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chat := &desk{opened: time.Now(), takes: time.Second, answer: in(alert.Answer{Outcome: alert.Gone, Status: 410, Detail: "moved"})}
		pager := &desk{opened: time.Now()}
		o := opens(t, Lane{Name: "chat", Receiver: chat}, Lane{Name: "pager", Receiver: pager})
		o.notify(notice("n1", "a", alert.Fired, "chat"))
		synctest.Wait()
		o.notify(notice("n2", "b", alert.Fired, "chat", "pager"))
		time.Sleep(time.Minute)
		o.notify(notice("n3", "c", alert.Fired, "chat"))
		if left := drain(t, o, time.Minute); left != 0 {
			t.Errorf("got %d undelivered, want none to wait for", left)
		}
		wantSent(t, chat, "0s n1:firing → gone")
		wantSent(t, pager, "0s n2:firing")
		if got, want := o.box.Count(), (outbox.Count{Sent: 1, Dead: 3}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		for _, d := range o.told {
			if d.Receiver == "chat" && d.Outcome != alert.Gone {
				t.Errorf("told %+v", d)
			}
		}
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

// What is a day old is no news. What is yet to come, for a clock that went back, is.
func TestTooOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chat := &desk{opened: time.Now()}
		o := opens(t, Lane{Name: "chat", Receiver: chat})
		old := notice("n1", "a", alert.Fired, "chat")
		old.StartsAt = old.StartsAt.Add(-24*time.Hour - time.Second)
		young := notice("n2", "b", alert.Fired, "chat")
		young.StartsAt = young.StartsAt.Add(-25 * time.Hour)
		young.At = 2 * time.Hour // it has breached for long, and fired only then
		future := notice("n3", "c", alert.Fired, "chat")
		future.StartsAt = future.StartsAt.Add(time.Hour)
		o.notify(old, young, future)
		time.Sleep(time.Minute)
		o.notify(notice("n4", "a", alert.Resolved, "chat"))
		time.Sleep(time.Minute)
		o.closes()
		wantSent(t, chat, "0s n2:firing n3:firing delayed", "1m0s n4:resolved coalesced")
		if d := o.told[0]; d.Attempt != 0 || d.Outcome != alert.Refused || !slices.Equal(d.Notices, []string{"n1"}) {
			t.Errorf("told %+v", d)
		}
	})
}

// A letter that waited for a day is no news either.
func TestTooOldLetter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chat := &desk{opened: time.Now(), answer: in(alert.Answer{Outcome: alert.Later, Unsure: true, After: 25 * time.Hour})}
		o := opens(t, Lane{Name: "chat", Receiver: chat})
		o.notify(notice("n1", "a", alert.Fired, "chat"))
		time.Sleep(26 * time.Hour)
		o.closes()
		wantSent(t, chat, "0s n1:firing → retry")
		if got, want := o.box.Count(), (outbox.Count{Dead: 1}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	})
}

// At the end nobody waits for company, the time is bounded, and what is left stays.
func TestDrain(t *testing.T) {
	for _, tt := range []struct {
		name   string
		desk   *desk
		left   int
		within time.Duration
		want   []string
	}{
		{"all is well", &desk{}, 0, 0, []string{"0s n1:firing", "1s n2:firing"}},
		{"slow", &desk{takes: 8 * time.Second}, 1, 9 * time.Second, []string{"0s n1:firing", "8s n2:firing → retry"}}, // until 11 s
		{"down", &desk{answer: func() alert.Answer { return later503 }}, 2, 10 * time.Second, nil},
		{"wants to be left alone", &desk{answer: in(alert.Answer{Outcome: alert.Later, After: time.Minute})}, 2, 0, []string{"0s n1:firing → retry"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				chat := tt.desk
				chat.opened = time.Now()
				o := opens(t, Lane{Name: "chat", Receiver: chat})
				o.notify(notice("n1", "a", alert.Fired, "chat"))
				time.Sleep(time.Second)
				o.notify(notice("n2", "b", alert.Fired, "chat"))
				before := time.Now()
				left := drain(t, o, 10*time.Second)
				if took := time.Since(before); left != tt.left || took > max(tt.within, 10*time.Second) || tt.within == 0 && took > 0 {
					t.Errorf("got %d left after %v, want %d within %v", left, took, tt.left, tt.within)
				}
				if tt.want != nil {
					wantSent(t, chat, tt.want...)
				}
				if l, err := outbox.Read(o.path); err != nil || pending(l) != tt.left {
					t.Errorf("got %d on disk, %v, want %d", pending(l), err, tt.left)
				}
			})
		})
	}
}

// pending counts what is pending.
func pending(l *outbox.Listing) (n int) {
	for _, it := range l.Items {
		if it.State == outbox.Pending {
			n++
		}
	}
	return n
}

// A disk that fails is told of, and delays nothing.
func TestNotDurable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chat := &desk{opened: time.Now()}
		o := opens(t, Lane{Name: "chat", Receiver: chat})
		if err := o.box.Close(); err != nil { // what is written from here on fails
			t.Fatal(err)
		}
		if err := o.Notify(notice("n1", "a", alert.Fired, "chat")); err == nil {
			t.Error("no error, want what the disk said")
		}
		time.Sleep(time.Minute)
		o.stop()
		<-o.ended
		wantSent(t, chat, "0s n1:firing")
		if len(o.told) != 1 || o.told[0].Disk == nil || o.told[0].Outcome != alert.Delivered {
			t.Errorf("told %+v", o.told)
		}
	})
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
