package delivery

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/floodmark/floodmark/alert"
	"github.com/floodmark/floodmark/alert/outbox"
)

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

// Once a message has arrived, failures count from the first again.
func TestRecovered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asleep := alert.Answer{Outcome: alert.Later, After: 11 * time.Minute}
		chat := &desk{opened: time.Now(), answer: in(asleep, later503, alert.Answer{Outcome: alert.Delivered}, later503)}
		o := opens(t, Lane{Name: "chat", Receiver: chat})
		o.notify(notice("n1", "a", alert.Fired, "chat"))
		time.Sleep(time.Hour)
		o.notify(notice("n2", "b", alert.Fired, "chat"))
		time.Sleep(time.Hour)
		o.closes()
		if len(o.told) != 5 {
			t.Fatalf("got %d attempts, want 5", len(o.told))
		}
		if late, fresh := o.told[1].Next, o.told[3].Next; late != 30*time.Second || fresh > time.Second || fresh <= 0 {
			t.Errorf("got the next in %v after 11 minutes, and in %v after a success", late, fresh)
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
