package verify

import (
	"fmt"
	"strings"
	"time"

	"github.com/floodmark/floodmark/quantity"
)

// A Verdict is what the check comes to.
type Verdict string

// The verdicts.
const (
	Pass    Verdict = "pass"    // every percentile is within its bound
	Fail    Verdict = "fail"    // one is not, and the machine kept time: the numbers are wrong
	Invalid Verdict = "invalid" // the machine was too busy to tell
)

// ExitCode returns the exit code that the command ends with.
func (v Verdict) ExitCode() int {
	switch v {
	case Pass:
		return 0
	case Fail:
		return 1
	case Invalid:
	}
	return 5
}

// A Standing says how a percentile stands to its bound.
type Standing string

// The standings.
const (
	Within  Standing = "within"
	Off     Standing = "off"     // beyond the bound, while the machine kept time
	Machine Standing = "machine" // beyond the bound, and so was the machine
	Shown   Standing = "shown"   // not judged: too few requests lie beyond it
)

// wakeups is how often somebody must be woken for a request, where the pacer is woken
// once: the server for the request and for its delay, and the user for the answer. A
// machine that disturbs one wake-up in a hundred disturbs so many requests in a hundred.
const wakeups = 4

// stand judges a percentile. pacing gives how late the pacer was at a quantile: a
// machine that was as late in a quarter of the cases has disturbed the percentile, and
// not the tool.
func (p *Percentile) stand(pacing func(q float64) time.Duration, bound time.Duration) Standing {
	switch {
	case !p.Judged():
		return Shown
	case p.Error().Abs() <= p.Bound:
		return Within
	case pacing(1-(1-p.Quantile)/wakeups) > bound:
		return Machine
	}
	return Off
}

// judge draws the verdict. A machine that cannot keep time while nothing stalls makes
// the whole check invalid. What it did to a percentile beyond p99, a handful of
// requests, is shown and changes nothing.
func (r *Result) judge() {
	var off, machine []string
	judged, disturbed := 0, 0
	r.each(func(s *Scenario, c *Comparison, p *Percentile) {
		name := fmt.Sprintf("%s %s of scenario %q by %s", c.Clock, p.Name, s.Name, signed(p.Error()))
		switch {
		case p.Standing == Off:
			off = append(off, name)
		case p.Standing == Machine && p.Quantile <= 0.99:
			machine = append(machine, name)
		case p.Standing == Machine:
			disturbed++
		}
		if p.Standing != Shown {
			judged++
		}
	})
	bound := quantity.Duration(r.Check.Bound)
	late := r.pacing(0.99)
	switch {
	case late > r.Check.Bound:
		r.Verdict = Invalid
		r.Reason = fmt.Sprintf("this machine is too busy: 1%% of the arrivals were %s late or more, where %s is allowed", quantity.Duration(late), bound)
	case len(off) > 0:
		r.Verdict = Fail
		r.Reason = fmt.Sprintf("%s off: %s", count(len(off), judged), list(off))
	case len(machine) > 0:
		r.Verdict = Invalid
		r.Reason = fmt.Sprintf("this machine is too busy: it was late itself where %s off: %s", count(len(machine), judged), list(machine))
	default:
		r.Verdict = Pass
		r.Reason = fmt.Sprintf("%d of %d percentiles are within %s or %.0f%% of what happened",
			judged-disturbed, judged, bound, 100*r.Check.Share)
		if disturbed > 0 {
			r.Reason += fmt.Sprintf("; for %d beyond p99 the machine was late itself", disturbed)
		}
	}
}

// pacing returns how late the pacer was in the steady scenario, 0 without one.
func (r *Result) pacing(q float64) time.Duration {
	for _, s := range r.Scenarios {
		for _, p := range s.Pacing {
			if s.Stall.Length() == 0 && p.Quantile == q {
				return p.Measured
			}
		}
	}
	return 0
}

// each calls do for every percentile.
func (r *Result) each(do func(*Scenario, *Comparison, *Percentile)) {
	for i := range r.Scenarios {
		s := &r.Scenarios[i]
		for k := range s.Comparisons {
			c := &s.Comparisons[k]
			for n := range c.Percentiles {
				do(s, c, &c.Percentiles[n])
			}
		}
	}
}

// count writes how many of the percentiles are meant.
func count(n, of int) string {
	if n == 1 {
		return fmt.Sprintf("1 of %d percentiles is", of)
	}
	return fmt.Sprintf("%d of %d percentiles are", n, of)
}

// list writes the first of some names and how many more there are.
func list(names []string) string {
	const most = 2
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s, and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
