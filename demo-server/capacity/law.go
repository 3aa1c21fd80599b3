package capacity

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"
)

// maxMean bounds the mean of a law, so that its longest draw fits a Duration.
const maxMean = time.Minute

// z99 is the 99th percentile of the standard normal distribution.
const z99 = 2.3263478740408408

// A Law is the distribution of service times. The zero value takes no time at all.
type Law struct {
	kind      kind
	mean, p99 time.Duration
	mu, sigma float64 // of the lognormal law, for seconds
}

type kind int

const (
	fixed kind = iota
	exponential
	lognormal
)

func (k kind) String() string {
	switch k {
	case exponential:
		return "exponential"
	case lognormal:
		return "lognormal"
	default:
		return "fixed"
	}
}

// ParseLaw reads a law: "fixed:5ms", "exponential:10ms" with its mean, or
// "lognormal:10ms,p99=60ms" with its mean and its 99th percentile.
func ParseLaw(text string) (Law, error) {
	name, rest, _ := strings.Cut(text, ":")
	first, tail, tailed := strings.Cut(rest, ",")
	k, err := parseKind(name)
	if err != nil {
		return Law{}, fmt.Errorf("law %q: %w", text, err)
	}
	mean, err := parseTime("the mean", first)
	if err != nil {
		return Law{}, fmt.Errorf("law %q: %w", text, err)
	}
	if k != lognormal {
		if tailed {
			return Law{}, fmt.Errorf("law %q: %v takes the mean alone, got %q after it", text, k, tail)
		}
		return Law{kind: k, mean: mean}, nil
	}
	law, err := parseLognormal(mean, tail)
	if err != nil {
		return Law{}, fmt.Errorf("law %q: %w", text, err)
	}
	return law, nil
}

func parseKind(name string) (kind, error) {
	for _, k := range []kind{fixed, exponential, lognormal} {
		if name == k.String() {
			return k, nil
		}
	}
	return fixed, fmt.Errorf("%q is none of fixed, exponential, lognormal (write for example exponential:10ms)", name)
}

func parseTime(what, text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	switch {
	case err != nil:
		return 0, fmt.Errorf("%s is %q, want a time with a unit such as 10ms", what, text)
	case d <= 0 || d > maxMean:
		return 0, fmt.Errorf("%s is %v, want more than 0 and at most %v", what, d, maxMean)
	}
	return d, nil
}

// parseLognormal reads the tail "p99=60ms" and solves for the law's parameters: with
// mean = exp(mu + sigma²/2) and p99 = exp(mu + z99·sigma), ln(p99/mean) is
// z99·sigma - sigma²/2. Of its two roots the smaller is the usual, less extreme, law.
func parseLognormal(mean time.Duration, tail string) (Law, error) {
	value, ok := strings.CutPrefix(tail, "p99=")
	if !ok {
		return Law{}, fmt.Errorf("lognormal needs its 99th percentile as well: lognormal:%v,p99=%v", mean, 6*mean)
	}
	p99, err := time.ParseDuration(value)
	if err != nil {
		return Law{}, fmt.Errorf("p99 is %q, want a time with a unit such as 60ms", value)
	}
	spread := math.Log(p99.Seconds() / mean.Seconds())
	root := z99*z99 - 2*spread
	if p99 <= mean || root < 0 {
		return Law{}, fmt.Errorf("p99 is %v, want more than the mean and at most %.1f times as much",
			p99, math.Exp(z99*z99/2))
	}
	sigma := z99 - math.Sqrt(root)
	mu := math.Log(mean.Seconds()) - sigma*sigma/2
	return Law{kind: lognormal, mean: mean, p99: p99, mu: mu, sigma: sigma}, nil
}

// Mean returns the law's mean.
func (l Law) Mean() time.Duration { return l.mean }

// String returns the law as ParseLaw reads it.
func (l Law) String() string {
	if l.kind == lognormal {
		return fmt.Sprintf("%v:%v,p99=%v", l.kind, l.mean, l.p99)
	}
	return fmt.Sprintf("%v:%v", l.kind, l.mean)
}

// Draw returns one service time, at least zero and at most an hour.
func (l Law) Draw(rng *rand.Rand) time.Duration {
	switch l.kind {
	case exponential:
		return clamp(rng.ExpFloat64() * l.mean.Seconds())
	case lognormal:
		return clamp(math.Exp(l.mu + l.sigma*rng.NormFloat64()))
	default:
		return l.mean
	}
}

func clamp(seconds float64) time.Duration {
	return time.Duration(min(seconds, time.Hour.Seconds()) * float64(time.Second))
}
