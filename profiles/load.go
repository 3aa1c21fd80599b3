package profiles

import "time"

// Executor says what drives the load: arrivals on a timetable (open), or users who loop (closed).
type Executor string

// The executors. Constant ones hold one level, ramping ones follow stages.
const (
	ConstantArrivalRate Executor = "constant-arrival-rate"
	RampingArrivalRate  Executor = "ramping-arrival-rate"
	ConstantVUs         Executor = "constant-vus"
	RampingVUs          Executor = "ramping-vus"
)

// Open reports whether arrivals start on time whatever the target does.
func (e Executor) Open() bool { return e == ConstantArrivalRate || e == RampingArrivalRate }

// Ramping reports whether the load follows stages.
func (e Executor) Ramping() bool { return e == RampingArrivalRate || e == RampingVUs }

// Arrivals says how arrivals spread below the rate curve.
type Arrivals string

// Even arrivals keep equal shares of load between them; Poisson arrivals are independent, as those of many users are.
const (
	Even    Arrivals = "even"
	Poisson Arrivals = "poisson"
)

// Pacing says how the pacer weighs punctuality against CPU time.
type Pacing string

// Precise pacing wakes up for each arrival; economical pacing sleeps at least a quarter of a millisecond at a time, and
// sends what has become due together.
const (
	Precise    Pacing = "precise"
	Economical Pacing = "economical"
)

// Quantum returns how long the pacer sleeps at least. Half of it is the median lag.
func (p Pacing) Quantum() time.Duration {
	if p == Economical {
		return 250 * time.Microsecond
	}
	return 0
}

// Load is how much is asked of the target, and when. Rates count arrivals per second, for the whole run.
type Load struct {
	Executor Executor
	Arrivals Arrivals
	Pacing   Pacing
	Rate     float64 // per second; constant-arrival-rate
	VUs      int     // virtual users; constant-vus
	// Duration is the measured time of a constant executor; Warmup comes before it and is not judged.
	Duration, Warmup time.Duration
	Start            float64 // rate or users before the first stage; ramping executors
	Stages           []Stage
	MaxInFlight      int           // arrivals beyond this many unanswered ones stay unsent
	Requests         int64         // ends the load after so many arrivals or iterations; 0 means no such limit
	Drain            time.Duration // how long the end of the run waits for answers
}

// Stage ramps evenly from the level before it to Target; with no Duration it jumps there.
type Stage struct {
	Name     string // may be empty: "stage 1" and so on
	Duration time.Duration
	Target   float64 // rate per second, or users
	Warmup   bool    // neither judged nor in any window
}
