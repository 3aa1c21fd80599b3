package loadgen

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/targets"
)

// An instant sender answers before it is asked: what is left is the generator.
type instant struct{}

func (instant) Send(_ context.Context, _ *targets.Request, resp *targets.Response) {
	now := time.Now()
	*resp = targets.Response{Sent: now, FirstByte: now, Done: now, Status: 200, Outcome: measure.Status2xx}
}

// engine returns a generator with instant senders.
func engine(b *testing.B) *Generator {
	b.Helper()
	g := setUp(b, &fakeTarget{}, mixOf(b, get(b, "a")))
	g.NewSender = func(int) Sender { return instant{} }
	return g
}

// BenchmarkOpenDispatch is one arrival through pacer, user and recorder, when all
// arrivals are due at once. Two clock readings of it are the sender's.
func BenchmarkOpenDispatch(b *testing.B) {
	g := engine(b)
	g.MaxInFlight, g.MaxConnections = math.MaxInt, 64 // nothing is unsent, or it would come too cheap
	b.ReportAllocs()
	result := g.RunOpen(b.Context(), nil, func(yield func(time.Duration) bool) {
		for b.Loop() {
			if !yield(0) {
				return
			}
		}
	})
	if got := total(g); got.Unsent > 0 || got.Finished() != result.Arrivals {
		b.Errorf("%+v of %d arrivals", got.Counts, result.Arrivals)
	}
	b.ReportMetric(float64(result.Arrivals)/result.Elapsed.Seconds(), "arrivals/s")
}

// BenchmarkClosedLoop is one iteration of a lone user, who does the looping himself.
func BenchmarkClosedLoop(b *testing.B) {
	g := engine(b)
	b.ReportAllocs()
	result := g.RunClosed(b.Context(), nil, crowdOf(1, Span{0, math.MaxInt64 / 2}), int64(b.N))
	b.ReportMetric(float64(result.Arrivals)/result.Elapsed.Seconds(), "iterations/s")
}
