package capacity

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"time"
)

// A Law is the distribution of service times. The zero value takes no time at all.
type Law struct {
	kind      kind
	mean, p99 time.Duration
	mu, sigma float64       // of the lognormal law, for seconds
	steps     int           // of the Erlang law
	slow      time.Duration // of the bimodal law, whose mean field is the fast time
	percent   float64       // of the bimodal law: how often it is slow
}

type kind int

const (
	fixed kind = iota
	exponential
	lognormal
	erlang
	bimodal
)

func (k kind) String() string {
	switch k {
	case exponential:
		return "exponential"
	case lognormal:
		return "lognormal"
	case erlang:
		return "erlang"
	case bimodal:
		return "bimodal"
	default:
		return "fixed"
	}
}

// Mean returns the law's mean.
func (l Law) Mean() time.Duration {
	if l.kind == bimodal {
		return l.mean + time.Duration(math.Round(float64(l.slow-l.mean)*l.percent/100))
	}
	return l.mean
}

// String returns the law as ParseLaw reads it.
func (l Law) String() string {
	switch l.kind {
	case lognormal:
		return fmt.Sprintf("%v:%v,p99=%v", l.kind, l.mean, l.p99)
	case erlang:
		return fmt.Sprintf("%v:%v,k=%d", l.kind, l.mean, l.steps)
	case bimodal:
		percent := strconv.FormatFloat(l.percent, 'f', -1, 64)
		return fmt.Sprintf("%v:%v,slow=%v,share=%s%%", l.kind, l.mean, l.slow, percent)
	default:
		return fmt.Sprintf("%v:%v", l.kind, l.mean)
	}
}

// MarshalText writes the law as ParseLaw reads it, and the zero value as nothing.
func (l Law) MarshalText() ([]byte, error) {
	if l == (Law{}) {
		return nil, nil
	}
	return []byte(l.String()), nil
}

// UnmarshalText reads what MarshalText writes.
func (l *Law) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*l = Law{}
		return nil
	}
	law, err := ParseLaw(string(text))
	if err != nil {
		return err
	}
	*l = law
	return nil
}

// Draw returns one service time, at least zero and at most an hour.
func (l Law) Draw(rng *rand.Rand) time.Duration {
	switch l.kind {
	case exponential:
		return clamp(rng.ExpFloat64() * l.mean.Seconds())
	case lognormal:
		return clamp(math.Exp(l.mu + l.sigma*rng.NormFloat64()))
	case erlang:
		sum := 0.0
		for range l.steps {
			sum += rng.ExpFloat64()
		}
		return clamp(sum / float64(l.steps) * l.mean.Seconds())
	case bimodal:
		if rng.Float64()*100 < l.percent {
			return l.slow
		}
		return l.mean
	default:
		return l.mean
	}
}

func clamp(seconds float64) time.Duration {
	return time.Duration(min(seconds, time.Hour.Seconds()) * float64(time.Second))
}
