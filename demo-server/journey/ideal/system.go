// Package ideal reckons what queues do when nothing is in the way: no sockets, no
// processes, no late timers.
//
// It does not know what a measured run is; it says what one should have shown.
//
// The main type is System: replicas on machines, a way to pick one of them, and perhaps a
// database behind them. A request goes through it in these steps, in virtual time: it
// arrives, by chance and at a rate; a replica is picked, by the very code of the load
// balancer; it does its work on the replica's machine, by the arithmetic of
// [capacity.Queue]; then it does its work on the database's; and it has been answered, or
// refused on the way. For the few systems that have a formula there is that, too, in
// formula.go, which the simulation is checked against.
package ideal

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/floodmark/floodmark/demo-server/balance/pick"
	"github.com/floodmark/floodmark/demo-server/capacity"
)

// A Station is a machine and what one request costs on it.
type Station struct {
	Cores  int // fewer than one count as one
	Places int // requests that may wait
	Law    capacity.Law
}

// A System is what requests go through. It is plain data, and its methods may be called
// by any number of goroutines at once.
type System struct {
	Replicas  int            // fewer than one count as one
	Web       Station        // of each replica
	Algorithm pick.Algorithm // empty: round robin
	Speeds    []float64      // of the replicas beside the others; missing or 0: 1
	Weights   []float64      // for the picker; missing or 0: 1
	Database  *Station       // of all replicas; nil: there is none
	// OneMachine puts the database on the machine of the first replica: Database's Law is
	// then done there, and its Cores and Places do not matter.
	OneMachine bool
	Seed       uint64 // the same seed, the same figures
}

// Figures are what a system did.
type Figures struct {
	Mean, P50, P99 time.Duration // of what was answered; 0 if nothing was
	Refused        float64       // share of the requests, 0 to 1
	Throughput     float64       // answered, per second
}

// Run sends so many requests at a rate, by chance (Poisson), and returns what became of
// them, without the first tenth. A few hundred thousand requests are good for about two
// percent of the P99 at 80 % of what the system can do.
func (s System) Run(rate float64, requests int) Figures {
	if rate <= 0 || requests < 1 {
		return Figures{}
	}
	run := s.start(rate, requests)
	for run.next() {
	}
	return run.figures()
}

// Capacity returns the highest rate between two bounds at which the p99 stays within a
// limit and fewer than one request in a thousand is refused, to a hundredth of the bounds'
// distance.
func (s System) Capacity(limit time.Duration, low, high float64, requests int) float64 {
	step := (high - low) / 100
	for high-low > step {
		middle := (low + high) / 2
		if f := s.Run(middle, requests); f.P99 <= limit && f.Refused < 0.001 {
			low = middle
		} else {
			high = middle
		}
	}
	return low
}

// start returns a run before its first event.
func (s System) start(rate float64, requests int) *simulation {
	picker, err := pick.New(s.Algorithm, s.Seed)
	if err != nil {
		picker, _ = pick.New(pick.RoundRobin, s.Seed) // cannot fail
	}
	run := &simulation{
		system: s, picker: picker, rate: rate, left: requests, skip: requests / 10,
		rng: rand.New(rand.NewPCG(s.Seed, 0x1dea1)), //nolint:gosec // chance for a simulation
	}
	for i := range max(s.Replicas, 1) {
		run.machines = append(run.machines, capacity.NewQueue(s.Web.Cores, s.Web.Places))
		run.candidates = append(run.candidates, &pick.Candidate{Name: string(rune('a' + i)), Weight: at(s.Weights, i), Ramp: 1, Utilisation: -1})
	}
	if s.Database != nil && !s.OneMachine {
		run.database = capacity.NewQueue(s.Database.Cores, s.Database.Places)
	}
	run.arrive()
	return run
}

// at returns the i-th factor, 1 if nobody said one.
func at(factors []float64, i int) float64 {
	if i >= len(factors) || factors[i] <= 0 {
		return 1
	}
	return factors[i]
}

// figures sums up.
func (r *simulation) figures() Figures {
	f := Figures{Refused: float64(r.refused) / float64(max(r.refused+len(r.responses), 1))}
	if len(r.responses) == 0 {
		return f
	}
	slices.Sort(r.responses)
	var sum time.Duration
	for _, response := range r.responses {
		sum += response
	}
	f.Mean = sum / time.Duration(len(r.responses))
	f.P50, f.P99 = quantile(r.responses, 0.5), quantile(r.responses, 0.99)
	if length := (r.clock - r.begin).Seconds(); length > 0 {
		f.Throughput = float64(r.done) / length
	}
	return f
}

// quantile returns the value below which a share of the sorted values lies.
func quantile(sorted []time.Duration, share float64) time.Duration {
	return sorted[min(int(share*float64(len(sorted))), len(sorted)-1)]
}
