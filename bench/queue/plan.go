package main

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/floodmark/floodmark/demo-server/capacity"
)

// A queue is a machine and how busy the arrivals keep it.
type queue struct {
	slots       int
	utilisation float64 // share of all slots' time that the work takes
}

// queues returns what is compared.
func queues() []queue {
	return []queue{{1, 0.8}, {4, 0.8}, {4, 0.9}}
}

// meanService is the mean of the exponential service times.
const meanService = 10 * time.Millisecond

// name is Kendall's name of the queue and its utilisation.
func (q queue) name() string { return fmt.Sprintf("M/M/%d at %.0f %%", q.slots, 100*q.utilisation) }

// rate is how many arrivals a second keep the queue that busy.
func (q queue) rate() float64 { return q.utilisation * float64(q.slots) / meanService.Seconds() }

// Streams of one seed, so that arrivals and services are independent.
const (
	arrivalStream = iota + 1
	serviceStream
)

// arrivals draws a Poisson process up to the duration: the gaps are exponential.
func (q queue) arrivals(seed uint64, duration time.Duration) []time.Duration {
	rng := rand.New(rand.NewPCG(seed, arrivalStream))
	var out []time.Duration
	at := 0.0 // seconds
	for {
		at += rng.ExpFloat64() / q.rate()
		if at >= duration.Seconds() {
			return out
		}
		out = append(out, time.Duration(at*float64(time.Second)))
	}
}

// services draws n service times.
func services(seed uint64, n int) ([]time.Duration, error) {
	law, err := capacity.ParseLaw("exponential:" + meanService.String())
	if err != nil {
		return nil, err
	}
	rng := rand.New(rand.NewPCG(seed, serviceStream))
	out := make([]time.Duration, n)
	for k := range out {
		out[k] = law.Draw(rng)
	}
	return out, nil
}
