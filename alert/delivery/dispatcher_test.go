package delivery

import (
	"context"
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
