package capacity

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// maxMean bounds the mean of a law, so that its longest draw fits a Duration.
const maxMean = time.Minute

// maxSteps bounds k of the Erlang law, each of which is a draw.
const maxSteps = 100

// z99 is the 99th percentile of the standard normal distribution.
const z99 = 2.3263478740408408

// ParseLaw reads a law, which is one of
//
//	fixed:5ms                            always the same; also constant:5ms
//	exponential:10ms                     with this mean
//	lognormal:10ms,p99=60ms              with this mean and this 99th percentile
//	erlang:10ms,k=4                      with this mean, as the sum of k exponential times
//	bimodal:10ms,slow=100ms,share=5%     the first time, or for a share of requests the slow one
func ParseLaw(text string) (Law, error) {
	name, rest, _ := strings.Cut(text, ":")
	first, tail, tailed := strings.Cut(rest, ",")
	law, err := parseLaw(name, first, tail, tailed)
	if err != nil {
		return Law{}, fmt.Errorf("law %q: %w", text, err)
	}
	return law, nil
}

func parseLaw(name, first, tail string, tailed bool) (Law, error) {
	k, err := parseKind(name)
	if err != nil {
		return Law{}, err
	}
	what := "the mean"
	if k == bimodal {
		what = "the usual time"
	}
	mean, err := parseTime(what, first)
	if err != nil {
		return Law{}, err
	}
	switch {
	case k == lognormal:
		return parseLognormal(mean, tail)
	case k == erlang:
		return parseErlang(mean, tail)
	case k == bimodal:
		return parseBimodal(mean, tail)
	case tailed:
		return Law{}, fmt.Errorf("%v takes the mean alone, got %q after it", k, tail)
	}
	return Law{kind: k, mean: mean}, nil
}

func parseKind(name string) (kind, error) {
	if name == "constant" { // as the field's books have it
		return fixed, nil
	}
	for _, k := range []kind{fixed, exponential, lognormal, erlang, bimodal} {
		if name == k.String() {
			return k, nil
		}
	}
	return fixed, fmt.Errorf("%q is none of fixed, exponential, lognormal, erlang, bimodal (write for example exponential:10ms)", name)
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

// parseErlang reads the tail "k=4".
func parseErlang(mean time.Duration, tail string) (Law, error) {
	value, ok := strings.CutPrefix(tail, "k=")
	if !ok {
		return Law{}, fmt.Errorf("erlang needs its number of steps as well: erlang:%v,k=4", mean)
	}
	k, err := strconv.Atoi(value)
	if err != nil || k < 1 || k > maxSteps {
		return Law{}, fmt.Errorf("k is %q, want a whole number from 1 to %d", value, maxSteps)
	}
	return Law{kind: erlang, mean: mean, steps: k}, nil
}

// parseBimodal reads the tail "slow=100ms,share=5%".
func parseBimodal(fast time.Duration, tail string) (Law, error) {
	slowly, often, _ := strings.Cut(tail, ",")
	slowly, isSlow := strings.CutPrefix(slowly, "slow=")
	often, isShare := strings.CutPrefix(often, "share=")
	if !isSlow || !isShare {
		return Law{}, fmt.Errorf("bimodal needs its slow time and how often that is as well: bimodal:%v,slow=%v,share=5%%", fast, 10*fast)
	}
	slow, err := parseTime("slow", slowly)
	switch {
	case err != nil:
		return Law{}, err
	case slow <= fast:
		return Law{}, fmt.Errorf("slow is %v, want more than the usual %v", slow, fast)
	}
	percent, err := parsePercent(often)
	if err != nil {
		return Law{}, err
	}
	return Law{kind: bimodal, mean: fast, slow: slow, percent: percent}, nil
}

// parsePercent reads "5%".
func parsePercent(text string) (float64, error) {
	number, ok := strings.CutSuffix(text, "%")
	percent, err := strconv.ParseFloat(number, 64)
	switch {
	case err != nil || !ok:
		return 0, fmt.Errorf("share is %q, want a share of requests such as 5%%", text)
	case !(percent >= 0.0001 && percent < 100): // also what is not a number
		return 0, errors.New("share: want at least 0.0001% and less than 100%")
	}
	return percent, nil
}
