package pick_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/floodmark/floodmark/demo-server/balance/pick"
	"github.com/floodmark/floodmark/demo-server/capacity"
)

// A fleet is some modelled machines of one slot each behind a picker. What a machine is
// slower by is its factor.
type fleet struct {
	candidates []*pick.Candidate
	queues     []*capacity.Queue
	factors    []float64
	leaving    [][]time.Duration // when those under way leave, in order
}

func newFleet(weights, factors []float64) *fleet {
	f := &fleet{candidates: candidates(weights...), factors: factors, leaving: make([][]time.Duration, len(factors))}
	for range factors {
		f.queues = append(f.queues, capacity.NewQueue(1, 100_000))
	}
	return f
}

// run sends jobs through the picker and returns how long each took.
func (f *fleet) run(p pick.Picker, arrivals, services []time.Duration) []time.Duration {
	var responses []time.Duration
	for i, now := range arrivals {
		for k, c := range f.candidates {
			for len(f.leaving[k]) > 0 && f.leaving[k][0] <= now {
				f.leaving[k] = f.leaving[k][1:]
			}
			c.InFlight = len(f.leaving[k])
			c.Utilisation = min(float64(c.InFlight)/4, 1) // how long the queue is, from 0 to 1
		}
		k := slices.Index(f.candidates, p(f.candidates, ""))
		service := time.Duration(float64(services[i]) * f.factors[k])
		_, leave, ok := f.queues[k].Admit(now, service)
		if !ok {
			panic("the queue is full")
		}
		f.leaving[k] = append(f.leaving[k], leave)
		responses = append(responses, leave-now)
	}
	return responses
}

// poisson draws jobs at a rate per second with exponential service times of a mean.
func poisson(rate float64, mean time.Duration, jobs int) (arrivals, services []time.Duration) {
	rng := rand.New(rand.NewPCG(11, 12))
	at := 0.0
	for range jobs {
		at += rng.ExpFloat64() / rate
		arrivals = append(arrivals, time.Duration(at*float64(time.Second)))
		services = append(services, time.Duration(rng.ExpFloat64()*float64(mean)))
	}
	return arrivals, services
}

func mean(all []time.Duration) time.Duration {
	sum := time.Duration(0)
	for _, d := range all {
		sum += d
	}
	return sum / time.Duration(len(all))
}

func p99(all []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)*99/100]
}

// The same jobs at 80% of four equal machines: the more a picker knows, the shorter the
// mean. Between the worst, which theory puts at 100ms, and one shared queue, which is the
// best there can be, lie all of them.
func TestPickersDifferAtEqualLoad(t *testing.T) {
	arrivals, services := poisson(160, 20*time.Millisecond, 50_000)
	equal := []float64{1, 1, 1, 1}
	last := time.Hour
	for _, a := range []pick.Algorithm{pick.Random, pick.RoundRobin, pick.TwoChoices, pick.LeastConnections} {
		got := mean(newFleet(equal, equal).run(picker(t, a, 3), arrivals, services))
		t.Logf("%s: mean %v", a, got.Round(10*time.Microsecond))
		if got >= last {
			t.Errorf("%s: mean %v, want less than %v", a, got, last)
		}
		last = got
		if a == pick.Random && (got < 90*time.Millisecond || got > 110*time.Millisecond) {
			t.Errorf("random: mean %v, want about 100ms", got)
		}
	}
	if shared := mean(capacity.Replay(arrivals, services, 4, 100_000)); last <= shared {
		t.Errorf("least connections: mean %v, want more than the %v of one shared queue", last, shared)
	}
}

// One of four machines is three times as slow, at 120 a second for 20 seconds: it gets more
// than it can do from whoever does not look.
func TestOneSlowMachine(t *testing.T) {
	arrivals, services := poisson(120, 20*time.Millisecond, 2400)
	factors := []float64{1, 1, 1, 3}
	tail := func(a pick.Algorithm, weights ...float64) time.Duration {
		got := p99(newFleet(weights, factors).run(picker(t, a, 3), arrivals, services))
		t.Logf("%s: p99 %v", a, got.Round(time.Millisecond))
		return got
	}
	worst := tail(pick.RoundRobin, 1, 1, 1, 1)
	for _, got := range []time.Duration{
		tail(pick.LeastConnections, 1, 1, 1, 1),
		tail(pick.WeightedRoundRobin, 3, 3, 3, 1),
		tail(pick.WeightedLeastConnections, 3, 3, 3, 1),
		tail(pick.TwoChoices, 1, 1, 1, 1),
		tail(pick.ResourceBased, 1, 1, 1, 1),
	} {
		if worst < 5*got {
			t.Errorf("round robin: p99 %v, want at least five times %v", worst, got)
		}
	}
}

func BenchmarkPick(b *testing.B) {
	for _, a := range pick.Algorithms() {
		b.Run(string(a), func(b *testing.B) {
			p := picker(b, a, 1)
			all := candidates(1, 2, 3, 4)
			b.ReportAllocs()
			for b.Loop() {
				p(all, "127.0.100.7")
			}
		})
	}
}
