package alert

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/floodmark/floodmark/quantity"
	"github.com/floodmark/floodmark/slo"
)

// Circumstances are what a rule's defaults follow from.
type Circumstances struct {
	Aims     []slo.Expression // the SLO's objective, and what else it wants
	Measured time.Duration    // planned length of the measured run; 0 unknown
	Rate     float64          // requests a second that the rule sees on average; 0 unknown
	Peak     float64          // and at most
}

// Lengths of runs at which the defaults change.
const (
	shortRun = 2 * time.Minute
	soak     = time.Hour
)

// Complete fills in what the rule leaves open: the windows of its condition, how many
// requests these need, and when it is over. It returns what is odd about the result, for
// people, each with the arithmetic.
func (r *Rule) Complete(c Circumstances) (warnings []string) {
	if r.MinEvents == 0 {
		r.MinEvents = r.When.Enough(c.Aims, r.Target)
	}
	if len(r.When.Over) == 0 {
		r.When.Over = r.windows(c)
	}
	given := r.Resolve.Metric != ""
	if !given {
		r.Resolve.Expression = r.When.Recovered(c.Aims)
	}
	if len(r.Resolve.Over) == 0 {
		r.Resolve.Over = r.recovery()
	}
	for _, w := range r.When.Over {
		if c.Measured > 0 && w.Length > c.Measured {
			warnings = append(warnings, fmt.Sprintf("alert %s looks at %s, which is longer than the run: it sees all of it", r.ID(), w))
		}
		warnings = append(warnings, r.tooFew(c, w)...)
	}
	if given {
		warnings = append(warnings, r.noisy(c)...)
	}
	if r.When.WithinAim(c.Aims) {
		warnings = append(warnings, fmt.Sprintf("alert %s fires when %s, which is so while the SLO is met", r.ID(), r.When.Expression))
	}
	return warnings
}

// windows returns the windows of a condition that says none. Short runs have one; in
// longer ones, what only makes a ticket must have lasted for longer as well.
func (r *Rule) windows(c Circumstances) []slo.Window {
	const fast, slow, least = 30 * time.Second, 2 * time.Minute, 10 * time.Second
	need := c.timeFor(r.MinEvents)
	switch {
	case c.Measured <= shortRun:
		return []slo.Window{{Length: max(least, need)}}
	case slices.Contains([]string{"ticket", "warning", "info"}, r.Severity):
		return []slo.Window{{Length: max(slow, need)}, {Length: max(fast, need)}}
	}
	return []slo.Window{{Length: max(fast, need)}}
}

// timeFor returns how long so many requests take, in whole seconds; 0 if the rate is not
// known.
func (c Circumstances) timeFor(events int64) time.Duration {
	const most = 24 * 60 * 60
	if c.Rate <= 0 {
		return 0
	}
	return time.Duration(min(math.Ceil(float64(events)/c.Rate), most)) * time.Second
}

// recovery returns the window in which it must be clear: the shortest, which forgets the
// trouble first.
func (r *Rule) recovery() []slo.Window {
	shortest := r.When.Over[0]
	for _, w := range r.When.Over {
		if w.Length > 0 && (shortest.Length == 0 || w.Length < shortest.Length) {
			shortest = w
		}
	}
	return []slo.Window{shortest}
}

// tooFew tells of a window in which the rule can never see enough requests.
func (r *Rule) tooFew(c Circumstances, w slo.Window) []string {
	length := w.Length
	if length == 0 || c.Measured > 0 && length > c.Measured {
		length = c.Measured
	}
	if c.Rate <= 0 || length == 0 {
		return nil
	}
	n := max(c.Peak, c.Rate) * length.Seconds()
	if n >= float64(r.MinEvents) {
		return nil
	}
	text := fmt.Sprintf("alert %s needs %s in a window, and %s at %.4g/s has %s", r.ID(),
		quantity.Plural(r.MinEvents, "request", "requests"), w, max(c.Peak, c.Rate), quantity.Count(int64(n)))
	if need := c.timeFor(r.MinEvents); need <= c.Measured || c.Measured == 0 {
		return []string{text + fmt.Sprintf(": it can never fire; make the window %s", slo.Window{Length: need})}
	}
	return []string{text + ": it can never fire in this run"}
}

// noisy tells of a resolve level at which a healthy service is not clear all the time.
func (r *Rule) noisy(c Circumstances) []string {
	const often = 0.05
	n := c.Rate * r.Resolve.Over[0].Length.Seconds()
	if n == 0 {
		n = float64(r.MinEvents)
	}
	share := r.Resolve.Noisy(c.Aims, n)
	if share < often {
		return nil
	}
	return []string{fmt.Sprintf("alert %s resolves when %s, and a service that just meets its objective is not there in %s of all windows: it stays on for long; the default would be %s",
		r.ID(), r.Resolve.Expression, quantity.Percent(share, 0), r.When.Recovered(c.Aims))}
}
