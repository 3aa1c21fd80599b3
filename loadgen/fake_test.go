package loadgen

import (
	"context"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/targets"
)

// A fakeTarget answers after a delay on the clock of the test's bubble.
type fakeTarget struct {
	start time.Time
	delay func(sent time.Duration) time.Duration // negative: never answers
	fails func(sent time.Duration) bool

	mu     sync.Mutex
	sent   []time.Duration
	users  []int // who sent
	closed atomic.Int64
}

// sender returns a user's way to the target.
func (f *fakeTarget) sender(user int) Sender { return &fakeSender{f, user} }

type fakeSender struct {
	*fakeTarget
	user int
}

func (s *fakeSender) Close() { s.closed.Add(1) }

func (s *fakeSender) Send(ctx context.Context, _ *targets.Request, resp *targets.Response) {
	now := time.Now()
	sent := now.Sub(s.start)
	s.mu.Lock()
	s.sent = append(s.sent, sent)
	s.users = append(s.users, s.user)
	s.mu.Unlock()
	*resp = targets.Response{Sent: now}
	if !s.wait(ctx, sent) {
		return
	}
	resp.Done = time.Now()
	resp.FirstByte = resp.Done
	resp.Status, resp.Outcome = 200, measure.Status2xx
	if s.fails != nil && s.fails(sent) {
		resp.Status, resp.Outcome = 500, measure.Status5xx
	}
}

// wait waits until the answer is there, and reports false if ctx ends first.
func (s *fakeSender) wait(ctx context.Context, sent time.Duration) bool {
	if s.delay == nil {
		return true
	}
	delay := s.delay(sent)
	if delay < 0 {
		<-ctx.Done()
		return false
	}
	if delay == 0 {
		// Not by a timer: in a bubble, selects on timers that are due already race for
		// the bubble's one context of the race detector, and can crash it.
		return ctx.Err() == nil
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// always returns a delay that is always the same.
func always(d time.Duration) func(time.Duration) time.Duration {
	return func(time.Duration) time.Duration { return d }
}

// get returns a step that asks for something.
func get(tb testing.TB, name string) targets.Step {
	tb.Helper()
	target := targets.Target{BaseURL: &url.URL{Scheme: "http", Host: "shop.test"}}
	req, err := target.Compile(http.MethodGet, "/"+name, nil, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return targets.Step{Name: name, Request: req}
}

// think returns a pause.
func think(low, high time.Duration) targets.Step {
	return targets.Step{ThinkMin: low, ThinkMax: high}
}

// mixOf returns a mix of one scenario.
func mixOf(tb testing.TB, steps ...targets.Step) *targets.Mix {
	tb.Helper()
	mix, err := targets.NewMix([]targets.Scenario{{Name: "browse", Weight: 1, Steps: steps}})
	if err != nil {
		tb.Fatal(err)
	}
	return mix
}

// setUp returns a generator that starts now and sends to the target.
func setUp(tb testing.TB, target *fakeTarget, mix *targets.Mix, stages ...Stage) *Generator {
	tb.Helper()
	target.start = time.Now()
	return &Generator{
		Mix: mix, NewSender: target.sender, Stages: stages, Start: target.start,
		Recorder: measure.NewRecorder(Series(mix, stages), nil, 2),
		Drain:    time.Minute,
	}
}

// totals returns what the generator's recorder holds, of all series.
func totals(g *Generator) *measure.Totals {
	out := measure.NewTotals(g.Recorder.Series(), g.Recorder.Under())
	interval := g.Recorder.Cut(time.Since(g.Start))
	out.Add(&interval)
	return out
}

// total returns the sum of all series.
func total(g *Generator) *measure.Tally { return totals(g).Select(nil) }

// every returns n arrivals at even distances, the first at 0.
func every(d time.Duration, n int) func(func(time.Duration) bool) {
	return func(yield func(time.Duration) bool) {
		for i := range n {
			if !yield(time.Duration(i) * d) {
				return
			}
		}
	}
}

// wantCounts compares counts.
func wantCounts(t *testing.T, got, want measure.Counts) {
	t.Helper()
	if got != want {
		t.Errorf("counts = %+v, want %+v", got, want)
	}
}
