package journey

import (
	"context"
	"time"
)

// A Stage is one step of the road, and how it is seen. It is plain data but for its
// functions.
type Stage struct {
	Name    string // 04a: the number of the step, and a letter where it has several lessons; 01-02: two steps
	Title   string
	Changes string // what is changed
	Lesson  string // what it is to show

	Cases []Case
	// Together measures all cases at the same time, each with a backend and a load of its
	// own: of modelled machines a computer has room for several, and the more time each is
	// measured for, the less is chance.
	Together bool

	// Theory reckons what to expect, before anything is started; nil: nothing is.
	Theory func() Theory
	Read   func(seen []*Observation, theory Theory) Reading
}

// A Theory is what was reckoned, by a name of the stage's own.
type Theory map[string]float64

// A Reading is what a stage reads from its cases.
type Reading struct {
	Rows         []Row
	Expectations []Expectation
	Sentence     string
}

// A Case is one backend and what is done with it.
type Case struct {
	Name     string
	Changes  string // against the other cases
	Topology Topology
	Loads    []Load  // one after the other
	Search   *Search // what rate it holds; after the loads
	// Watch is how often the backend's counters are read while it is loaded; 0: before and
	// after only.
	Watch time.Duration
	// Local is done in place of all that: for what needs no server.
	Local func(ctx context.Context) ([]Figure, error)
	Takes time.Duration // of Local, at most

	visitors *visitors // who come while it is loaded
}

// A Load is one run of floodmark.
type Load struct {
	Name    string
	Profile string            // YAML with ${BASE_URL}, and perhaps ${RATE}, ${WARMUP}, ${DURATION} and ${DRAIN}
	Rate    float64           // ${RATE} per second; 0: the profile says it itself
	Vars    map[string]string // further ones
	Warmup  time.Duration     // ${WARMUP}; not measured
	Lasts   time.Duration     // ${DURATION}, or what the profile's stages take
	Drain   time.Duration     // ${DRAIN}, that the last answers may take beyond that
	Fixed   bool              // never shorter: something happens at a time
	Acts    []Act             // in the order of their time
	// Aligned begins the load so long after a full second of the computer's clock; negative:
	// at once. The zero value is at once, too, since who needs it needs it not at 0.
	Aligned time.Duration
}

// An Act is something that is done to a backend while it is loaded.
type Act struct {
	At   time.Duration // from the start of the load
	Name string
	Do   func(ctx context.Context, b Backend) error
}

// A Search looks for the highest rate at which the p99 stays within a limit and fewer than
// one request in a thousand fails, by bisection of the distance between two rates. Its
// answer is a rate that was held, and the next one that was tried was not: it is exact to
// the distance divided by two to the power of Probes, as far as so short runs can tell.
type Search struct {
	Profile   string // with ${RATE}, ${WARMUP} and ${DURATION}
	Low, High float64
	Probes    int
	Limit     time.Duration
	Warmup    time.Duration // of each probe
	Lasts     time.Duration
	Drain     time.Duration // that the last answers of a probe may take
}

// Overheads of starting things, which budgets have room for.
const (
	startBackend = 700 * time.Millisecond
	startRun     = 300 * time.Millisecond
	theoryTakes  = 2 * time.Second
)

// Lasts returns how long a stage takes, at most.
func (s Stage) Lasts(quick bool) time.Duration {
	var sum, longest time.Duration
	for _, c := range s.Cases {
		sum += c.lasts(quick)
		longest = max(longest, c.lasts(quick))
	}
	if s.Together {
		sum = longest
	}
	if s.Theory != nil {
		sum += theoryTakes
	}
	return sum
}

func (c Case) lasts(quick bool) time.Duration {
	if c.Local != nil {
		return c.Takes
	}
	sum := startBackend
	for _, l := range c.Loads {
		warmup, lasts := l.times(quick)
		sum += startRun + warmup + lasts + l.Drain
		if l.Aligned > 0 {
			sum += time.Second
		}
	}
	if s := c.Search; s != nil {
		warmup, lasts := shorter(s.Warmup, quick), shorter(s.Lasts, quick)
		sum += time.Duration(s.Probes) * (startRun + warmup + lasts + s.Drain)
	}
	return sum
}

// times returns how long a load warms up and lasts.
func (l Load) times(quick bool) (warmup, lasts time.Duration) {
	return shorter(l.Warmup, quick && !l.Fixed), shorter(l.Lasts, quick && !l.Fixed)
}

// shorter returns a third of a time, if things are to be quick: half a second or more.
func shorter(d time.Duration, quick bool) time.Duration {
	if !quick || d == 0 {
		return d
	}
	return max((d / 3).Round(100*time.Millisecond), 500*time.Millisecond)
}
