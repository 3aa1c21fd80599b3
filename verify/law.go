package verify

import (
	"math"
	"strconv"
	"time"
)

// The law of every check: lognormal, as service times often are, cut into strata
// that are equally likely. The delays run from 0.24 ms to 16.8 ms.
const (
	lawClasses = 128
	lawMedian  = 2 * time.Millisecond
	lawSigma   = 0.8 // of the delay's logarithm
)

// A Law gives each class of requests the delay that the server adds to it. Since a
// request carries its class, and its arrival's number decides the class, the delay of
// every request is known before it is sent.
type Law []time.Duration

// lognormalLaw returns the delays in the middle of n equally likely strata of the
// law's distribution, shortest first.
func lognormalLaw(n int) Law {
	law := make(Law, n)
	for i := range law {
		share := (float64(i) + 0.5) / float64(n)
		z := math.Sqrt2 * math.Erfinv(2*share-1)
		law[i] = time.Duration(float64(lawMedian) * math.Exp(lawSigma*z))
	}
	return law
}

// mean returns the mean delay of classes that are equally likely.
func (l Law) mean() time.Duration {
	var sum time.Duration
	for _, delay := range l {
		sum += delay
	}
	return sum / time.Duration(max(len(l), 1))
}

// path returns the path of requests of a class, and classOf the class of a path.
func path(class int) string { return "/" + strconv.Itoa(class) }

// classOf returns the class that a path names, if the law has it.
func (l Law) classOf(path string) (class int, ok bool) {
	if len(path) < 2 || path[0] != '/' {
		return 0, false
	}
	class, err := strconv.Atoi(path[1:])
	return class, err == nil && class >= 0 && class < len(l)
}
