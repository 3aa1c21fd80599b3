package main

import (
	"math"
	"time"
)

// theory returns what queueing theory says of the response time in an endless run
// of the queue: its mean and the quantiles at the given shares.
//
// With a = λ/μ busy slots of c and C the probability of having to wait (Erlang's C
// formula), the mean is 1/μ + C/(cμ−λ), and the response exceeds t with
// probability
//
//	e^(−μt) · (1 + C·(1 − e^(−μt·(c−1−a))) / (c−1−a))
//
// (Gross and Harris, Fundamentals of Queueing Theory, chapter on M/M/c).
func theory(q queue) statistics {
	service := meanService.Seconds()
	c := float64(q.slots)
	a := c * q.utilisation
	wait := erlangC(q.slots, a)
	mean := service + wait*service/(c-a)
	exceeds := func(t float64) float64 {
		x, d := t/service, c-1-a
		if math.Abs(d) < 1e-9 {
			return math.Exp(-x) * (1 + wait*x)
		}
		return math.Exp(-x) * (1 - wait*math.Expm1(-x*d)/d)
	}
	return statistics{
		mean: seconds(mean),
		p95:  seconds(solve(exceeds, 0.05, mean)),
		p99:  seconds(solve(exceeds, 0.01, mean)),
	}
}

// erlangC returns the probability that an arrival finds all of the slots busy, by
// the recursion of Erlang's B formula.
func erlangC(slots int, a float64) float64 {
	b := 1.0
	for k := range slots {
		b = a * b / (float64(k+1) + a*b)
	}
	busy := a / float64(slots)
	return b / (1 - busy*(1-b))
}

// solve returns where a falling function reaches the level, by bisection from a
// first bound that is doubled until it is far enough.
func solve(falling func(float64) float64, level, high float64) float64 {
	for falling(high) > level {
		high *= 2
	}
	low := 0.0
	for range 100 {
		middle := (low + high) / 2
		if falling(middle) > level {
			low = middle
		} else {
			high = middle
		}
	}
	return high
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
