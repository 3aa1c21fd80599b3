package delivery

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/floodmark/floodmark/alert"
	"github.com/floodmark/floodmark/alert/outbox"
)

var testRun = alert.Run{ID: "r-1", Name: "checkout"}

// notice returns a notice of something that happens now.
func notice(id, key string, kind alert.Kind, receivers ...string) alert.Notice {
	return alert.Notice{ID: id, Key: key, Kind: kind, Receivers: receivers, Bad: -1, Budget: -1, StartsAt: time.Now()}
}

// A sent is a message that a desk was given.
type sent struct {
	at     time.Duration // since the desk opened
	m      alert.Message
	answer alert.Answer
}

// line writes down when it was sent, and what.
func (s sent) line() string {
	var out strings.Builder
	fmt.Fprintf(&out, "%v", s.at)
	for _, a := range s.m.Alerts {
		fmt.Fprintf(&out, " %s:%s", a.ID, a.Kind)
		if a.Changes > 1 {
			fmt.Fprintf(&out, "×%d", a.Changes)
		}
		if a.Coalesced {
			out.WriteString(" coalesced")
		}
	}
	if s.m.More > 0 {
		fmt.Fprintf(&out, " +%d", s.m.More)
	}
	if s.m.Refresh {
		out.WriteString(" refresh")
	}
	if s.m.Delayed {
		out.WriteString(" delayed")
	}
	if s.answer.Outcome != alert.Delivered {
		fmt.Fprintf(&out, " → %s", s.answer.Outcome)
	}
	return out.String()
}

// A desk is a receiver that answers as it is told to, and notes everything.
type desk struct {
	opened time.Time
	takes  time.Duration       // for an answer
	answer func() alert.Answer // nil is always delivered
	mu     sync.Mutex
	sents  []sent
}

// Send implements Receiver.
func (d *desk) Send(ctx context.Context, m alert.Message) alert.Answer {
	at := time.Since(d.opened)
	a := alert.Answer{Outcome: alert.Delivered, Status: 200}
	if d.answer != nil {
		a = d.answer()
	}
	if d.takes > 0 {
		timer := time.NewTimer(d.takes)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			a = alert.Answer{Outcome: alert.Later, Unsure: true, Detail: "cut off"}
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sents = append(d.sents, sent{at, m, a})
	return a
}

// all returns what it was given so far.
func (d *desk) all() []sent {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.sents)
}

// in answers one after the other, and then always delivered.
func in(order ...alert.Answer) func() alert.Answer {
	return func() alert.Answer {
		if len(order) == 0 {
			return alert.Answer{Outcome: alert.Delivered, Status: 200}
		}
		a := order[0]
		order = order[1:]
		return a
	}
}

// later503 is an answer that means that nothing has arrived.
var later503 = alert.Answer{Outcome: alert.Later, Status: 503, Detail: "busy"}

// An office is a dispatcher at work on a box of its own, for one receiver "chat" or
// several.
type office struct {
	*Dispatcher
	tb     testing.TB
	box    *outbox.Box
	path   string
	stop   context.CancelFunc
	mu     sync.Mutex
	told   []Delivery
	closed bool
}

// opens starts an office in a new directory.
func opens(tb testing.TB, lanes ...Lane) *office {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), outbox.File)
	box, err := outbox.Create(path, testRun)
	if err != nil {
		tb.Fatal(err)
	}
	return staffed(tb, box, path, lanes...)
}

// reopens starts an office on a box that another has left.
func reopens(tb testing.TB, path string, lanes ...Lane) *office {
	tb.Helper()
	box, err := outbox.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	return staffed(tb, box, path, lanes...)
}

func staffed(tb testing.TB, box *outbox.Box, path string, lanes ...Lane) *office {
	tb.Helper()
	o := &office{tb: tb, box: box, path: path}
	o.Dispatcher = New(box, testRun, lanes, func(d Delivery) {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.told = append(o.told, d)
	})
	ctx, stop := context.WithCancel(context.WithoutCancel(tb.Context()))
	o.stop = stop
	go o.Run(ctx)
	return o
}

// closes ends the office as a process does that is interrupted.
func (o *office) closes() {
	if o.closed {
		return
	}
	o.closed = true
	o.stop()
	<-o.ended
	if err := o.box.Close(); err != nil {
		o.tb.Error(err)
	}
}

// notify adds notices, which must be durable.
func (o *office) notify(all ...alert.Notice) {
	o.tb.Helper()
	if err := o.Notify(all...); err != nil {
		o.tb.Fatal(err)
	}
}

// wantSent compares what a desk was given with lines.
func wantSent(tb testing.TB, d *desk, want ...string) {
	tb.Helper()
	var got []string
	for _, s := range d.all() {
		got = append(got, s.line())
	}
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		tb.Errorf("got\n%s\nwant\n%s", g, w)
	}
}
