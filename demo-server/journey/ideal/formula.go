package ideal

import (
	"math"
	"time"
)

// A Markov is the queue M/M/c: Poisson arrivals, exponential service times, some cores,
// and room for all who wait. Of it, theory knows everything.
type Markov struct {
	Cores int
	Mean  time.Duration // of a service
	Rate  float64       // arrivals per second, below Cores ÷ Mean
}

// Waits returns the share of requests that find all cores busy: Erlang's C formula.
func (q Markov) Waits() float64 {
	load := q.load()
	b := 1.0 // Erlang's B formula, by its recursion
	for k := range q.Cores {
		b = load * b / (float64(k+1) + load*b)
	}
	return b / (1 - load/float64(q.Cores)*(1-b))
}

// Response returns the mean time from arrival to answer.
func (q Markov) Response() time.Duration {
	spare := float64(q.Cores) - q.load()
	return q.Mean + time.Duration(q.Waits()*float64(q.Mean)/spare)
}

// Quantile returns the time within which a share of the requests is answered. The
// response exceeds t with probability
//
//	e^(−μt) · (1 + C·(1 − e^(−μt·(c−1−a))) / (c−1−a))
//
// with a busy cores of c (Gross and Harris, Fundamentals of Queueing Theory).
func (q Markov) Quantile(share float64) time.Duration {
	spare, waits := float64(q.Cores)-1-q.load(), q.Waits()
	exceeds := func(x float64) float64 { // x service times
		if math.Abs(spare) < 1e-9 {
			return math.Exp(-x) * (1 + waits*x)
		}
		return math.Exp(-x) * (1 - waits*math.Expm1(-x*spare)/spare)
	}
	low, high := 0.0, 1.0
	for exceeds(high) > 1-share {
		high *= 2
	}
	for range 60 {
		if middle := (low + high) / 2; exceeds(middle) > 1-share {
			low = middle
		} else {
			high = middle
		}
	}
	return time.Duration(high * float64(q.Mean))
}

// load returns how many cores are busy in the mean.
func (q Markov) load() float64 { return q.Rate * q.Mean.Seconds() }

// Scale returns how much more so many cores do than one, by the Universal Scalability Law
// (N. Gunther): sigma is the share of work that cores wait for each other with, kappa the
// cost of keeping each pair of them coherent.
func Scale(cores int, sigma, kappa float64) float64 {
	n := float64(cores)
	return n / (1 + sigma*(n-1) + kappa*n*(n-1))
}
