package loadgen

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"slices"
	"time"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/targets"
)

// DefaultMaxInFlight is how many arrivals may be under way in a generator that
// sets no other number.
const DefaultMaxInFlight = 5000

// A Sender does one user's exchanges. It fills resp, whose failures are data. It
// returns soon after ctx ends, with the outcome measure.None. If it also has a
// method Close(), that is called when its user ends.
type Sender interface {
	Send(ctx context.Context, req *targets.Request, resp *targets.Response)
}

// A Starter is a Sender whose exchange somebody else may begin, so that nobody
// has to be woken to send a request when it is due: see [targets.Client.Await].
type Starter interface {
	Sender
	Await(ctx context.Context, ready func() bool, resp *targets.Response) bool
	Start(req *targets.Request) bool
}

// A Stage is a named part of a run. A request belongs to the stage in which its
// intended start falls.
type Stage struct {
	Name   string
	End    time.Duration // from the start of the run
	Warmup bool          // recorded, but outside verdict and windows
}

// A Span is the time during which one user of the closed model is there.
type Span struct{ Start, End time.Duration }

// A Generator drives a mix of scenarios at senders and records what happened. It
// is a plain value to fill in; Mix, NewSender and Recorder must be set. It is not
// changed by running, but its recorder holds the counts of one run, and its control changes
// one.
type Generator struct {
	Mix       *targets.Mix
	Success   targets.Success       // what counts as good
	Seed      uint64                // with an arrival's number, decides its scenario and pauses
	NewSender func(user int) Sender // called in the user's own goroutine; users count from 0
	Recorder  *measure.Recorder     // for the series that Series returns
	Stages    []Stage               // in order; none means one without a name
	Start     time.Time             // instant 0 of the run; zero means when it is called

	// Sleep returns at t, or when ctx ends with its error; nil means timers. It is
	// called from many goroutines at once.
	Sleep func(ctx context.Context, t time.Time) error

	// Quantum is how long the pacer of the open model sleeps at least: 0 wakes it for
	// each arrival, more lets it send what has become due together, later and cheaper.
	Quantum time.Duration

	// Pause is Sleep for the pacer alone, one call at a time; nil means Sleep.
	Pause func(ctx context.Context, t time.Time) error

	Control *Control // changes the run while it goes on; nil means that nobody does

	// Panicking is called by a goroutine of the generator that panics, before the process
	// ends: who has changed the terminal can leave it in order. nil does nothing.
	Panicking func()

	MaxInFlight    int           // arrivals waiting or walked at a time; 0 means DefaultMaxInFlight
	MaxConnections int           // users of the open model; 0 means as many as are needed
	Drain          time.Duration // how long to wait for the last requests
}

// Validate returns everything that is wrong with the generator's fields, joined. A
// run of a generator that it complains about may panic.
func (g *Generator) Validate() error {
	var faults []error
	if g.Mix == nil || g.NewSender == nil || g.Recorder == nil {
		faults = append(faults, errors.New("mix, senders and recorder must be set"))
	} else if !slices.Equal(g.Recorder.Series(), Series(g.Mix, g.Stages)) {
		faults = append(faults, errors.New("the recorder's series are not those of the mix and the stages"))
	}
	if g.MaxInFlight < 0 || g.MaxConnections < 0 || g.Drain < 0 {
		faults = append(faults, errors.New("max_in_flight, connections and drain cannot be negative"))
	}
	if !slices.IsSortedFunc(g.Stages, func(a, b Stage) int { return cmp.Compare(a.End, b.End) }) {
		faults = append(faults, errors.New("the stages are not in order"))
	}
	return errors.Join(faults...)
}

// A Result tells how a run went, apart from its samples.
type Result struct {
	Started  time.Time     // instant 0 of all offsets
	Elapsed  time.Duration // from then until everything had ended
	Drained  time.Duration // the part of Elapsed after the last arrival
	Arrivals int64         // scenarios begun, or unsent
	Stopped  bool          // ended before its schedule did
}

// Series returns the table of series that a generator with this mix and these
// stages records into: stage by stage, all requests of the mix in order. Those of
// one scenario that have the same name and method are one series, whatever their
// URLs.
func Series(mix *targets.Mix, stages []Stage) []measure.Series {
	var out []measure.Series
	kinds, _ := kinds(mix)
	for _, stage := range staged(stages) {
		for _, kind := range kinds {
			kind.Stage, kind.Warmup = stage.Name, stage.Warmup
			out = append(out, kind)
		}
	}
	return out
}

// kinds returns what requests of a mix are told apart, as series without a stage, and
// the place of each in that list.
func kinds(mix *targets.Mix) (all []measure.Series, place map[measure.Series]int) {
	place = map[measure.Series]int{}
	for _, scenario := range mix.Scenarios() {
		for _, step := range scenario.Steps {
			if step.Request == nil {
				continue
			}
			kind := kindOf(&scenario, &step)
			if _, known := place[kind]; !known {
				place[kind] = len(all)
				all = append(all, kind)
			}
		}
	}
	return all, place
}

// kindOf returns what kind a request is.
func kindOf(scenario *targets.Scenario, step *targets.Step) measure.Series {
	return measure.Series{Endpoint: step.Name, Scenario: scenario.Name, Method: step.Request.Method()}
}

// staged returns the stages, or the one that a run without stages has.
func staged(stages []Stage) []Stage {
	if len(stages) == 0 {
		return make([]Stage, 1)
	}
	return stages
}

// RunOpen begins an arrival at each of the given offsets from Start, which must
// not decrease: positions in the plan, whose clock a Control may stop. When stop is closed no further arrival begins, and what is under
// way is drained; when ctx ends everything ends at once. It returns when all it
// started has ended. What was cancelled stays counted as in flight.
func (g *Generator) RunOpen(ctx context.Context, stop <-chan struct{}, arrivals iter.Seq[time.Duration]) Result {
	r := newRun(ctx, g)
	defer r.close()
	r.watch(stop)
	pool := newPool(r)
	pool.pace(arrivals)
	return r.drain(pool.finish)
}

// RunClosed lets a user loop over scenarios during each span; spans come ordered
// by Start. A user begins no iteration once its span has ended or, unless the
// limit is 0, the users together have begun that many; the iteration under way is
// finished, but a pause that reaches the span's end ends it. Stop and ctx are as
// in RunOpen, stop being the end of all spans.
func (g *Generator) RunClosed(ctx context.Context, stop <-chan struct{}, users iter.Seq[Span], iterations int64) Result {
	r := newRun(ctx, g)
	defer r.close()
	r.watch(stop)
	crowd := newCrowd(r, iterations)
	crowd.gather(users)
	return r.drain(crowd.finish)
}
