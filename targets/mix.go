package targets

import (
	"errors"
	"fmt"
	"math"
	"sort"
	"time"
)

// A Scenario is a sequence of steps that one user walks.
type Scenario struct {
	Name   string
	Weight float64 // its share of arrivals is Weight over the sum of all weights
	Steps  []Step
}

// A Step is a request, or a pause between requests.
type Step struct {
	Name               string        // the endpoint in all outputs
	Request            *Request      // nil for a pause
	ThinkMin, ThinkMax time.Duration // limits of the pause, both included
}

// Think returns the length of the pause that the step, the given one of its
// scenario, makes in arrival k: uniform between the limits, and the same
// whenever and by whomever it is asked.
func (s *Step) Think(seed, k uint64, step int) time.Duration {
	span := s.ThinkMax - s.ThinkMin
	if span <= 0 {
		return s.ThinkMin
	}
	u := unit(draw(draw(seed, k), uint64(step)+1))
	return s.ThinkMin + time.Duration(u*float64(span+1))
}

// A Mix is the scenarios of a run and how often each is walked. Make it with
// [NewMix]. It never changes and may be used from any goroutine.
type Mix struct {
	scenarios []Scenario
	upTo      []float64 // share of the arrivals that fall to a scenario or one before it
}

// NewMix returns the mix of the given scenarios, which the caller must not change
// afterwards. A weight of 0 turns a scenario off.
func NewMix(scenarios []Scenario) (*Mix, error) {
	total := 0.0
	for _, s := range scenarios {
		if err := s.validate(); err != nil {
			return nil, fmt.Errorf("scenario %s: %w", s.Name, err)
		}
		total += s.Weight
	}
	if !(total > 0) || math.IsInf(total, 0) {
		return nil, errors.New("no scenario has a weight above 0")
	}
	m := &Mix{scenarios: scenarios}
	sum := 0.0
	for _, s := range scenarios {
		sum += s.Weight
		m.upTo = append(m.upTo, sum/total)
	}
	return m, nil
}

// validate says what is wrong with the scenario.
func (s *Scenario) validate() error {
	if !(s.Weight >= 0) || math.IsInf(s.Weight, 0) {
		return fmt.Errorf("weight %v is not a number from 0 on", s.Weight)
	}
	requests := 0
	for i, step := range s.Steps {
		if step.ThinkMin < 0 || step.ThinkMax < step.ThinkMin {
			return fmt.Errorf("step %d: a pause of %v to %v cannot be", i+1, step.ThinkMin, step.ThinkMax)
		}
		if step.Request != nil {
			requests++
		}
	}
	if requests == 0 {
		return errors.New("it has no request")
	}
	return nil
}

// Scenarios returns the scenarios, in order. The caller must not change them.
func (m *Mix) Scenarios() []Scenario { return m.scenarios }

// Pick returns the number of the scenario that arrival k walks. It follows from
// seed and k alone, so that whoever starts the arrival agrees, and the shares of
// the scenarios approach their weights.
func (m *Mix) Pick(seed, k uint64) int {
	u := unit(draw(seed, k))
	return sort.Search(len(m.upTo)-1, func(i int) bool { return u < m.upTo[i] })
}

// draw returns the k-th number of the random sequence that seed begins, without
// the ones before: SplitMix64 (Steele, Lea and Flood, "Fast splittable
// pseudorandom number generators", 2014), whose state is a mere counter. The seed
// is mixed first, or seeds a multiple of the increment apart would share numbers.
func draw(seed, k uint64) uint64 {
	const increment = 0x9e3779b97f4a7c15
	return scramble(scramble(seed) + (k+1)*increment)
}

// scramble is SplitMix64's output function, a bijection of the 64-bit numbers.
func scramble(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// unit returns a number in [0, 1) from the upper 53 bits of z.
func unit(z uint64) float64 { return float64(z>>11) / (1 << 53) }
