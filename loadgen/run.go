package loadgen

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/targets"
)

// A run is a generator at work: what its goroutines share.
type run struct {
	*Generator
	start  time.Time
	stages []Stage
	first  []int // by scenario: the number of its first request in the mix
	kinds  []int // by number of a request: its series in the first stage
	each   int   // series of a stage

	// Two contexts: going ends when no more should begin, hard when everything
	// should end. The first is a child of the second.
	going, hard         context.Context
	stopGoing, stopHard context.CancelFunc

	leg      atomic.Pointer[leg] // the present one
	watchers sync.WaitGroup
	arrivals int64
	stopped  bool
}

// newRun prepares a run. It must be closed.
func newRun(ctx context.Context, g *Generator) *run {
	r := &run{Generator: g, start: g.Start, stages: staged(g.Stages)}
	if r.start.IsZero() {
		r.start = time.Now()
	}
	kinds, place := kinds(g.Mix)
	r.each = len(kinds)
	for _, scenario := range g.Mix.Scenarios() {
		r.first = append(r.first, len(r.kinds))
		for _, step := range scenario.Steps {
			if step.Request != nil {
				r.kinds = append(r.kinds, place[kindOf(&scenario, &step)])
			}
		}
	}
	r.hard, r.stopHard = context.WithCancel(ctx)
	r.going, r.stopGoing = context.WithCancel(r.hard)
	r.attach()
	return r
}

// watch ends going when stop is closed.
func (r *run) watch(stop <-chan struct{}) {
	if stop == nil {
		return
	}
	r.watchers.Go(func() {
		select {
		case <-stop:
			r.stopGoing()
		case <-r.going.Done():
		}
	})
}

// panics, deferred, lets somebody act before the process ends of a panic.
func (r *run) panics() {
	if r.Panicking == nil {
		return
	}
	if p := recover(); p != nil {
		r.Panicking()
		panic(p)
	}
}

// over reports whether no more should begin. It asks the parent too: a request that
// was cancelled with it comes back before the child has heard of it.
func (r *run) over() bool { return r.hard.Err() != nil || r.going.Err() != nil }

// close ends what the run still has going on and waits for it.
func (r *run) close() {
	r.stopHard()
	r.watchers.Wait()
}

// drain waits with finish for what is under way, and cancels what is left of it
// after Drain.
func (r *run) drain(finish func()) Result {
	r.detach()
	last := r.now()
	timer := time.AfterFunc(r.Drain, r.stopHard)
	finish()
	if !timer.Stop() {
		<-r.hard.Done() // it is being cancelled right now
	}
	end := r.now()
	return Result{Started: r.start, Elapsed: end, Drained: end - last, Arrivals: r.arrivals, Stopped: r.stopped}
}

// now returns the time since the start of the run.
func (r *run) now() time.Duration { return time.Since(r.start) }

// until returns nil at the given offset from the start, or an error when ctx
// ends first.
func (r *run) until(ctx context.Context, offset time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	t := r.start.Add(offset)
	wait := time.Until(t)
	if wait <= 0 {
		return nil
	}
	if r.Sleep != nil {
		return r.Sleep(ctx, t)
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// series returns the number under which a request is recorded whose intended
// start is at the given position in the plan.
func (r *run) series(request int, position time.Duration) int {
	return r.stage(position)*r.each + r.kinds[request]
}

// stage returns the number of the stage in which a position lies; the last one has
// no end.
func (r *run) stage(position time.Duration) int {
	stage := 0
	for stage < len(r.stages)-1 && position >= r.stages[stage].End {
		stage++
	}
	return stage
}

// planEnd returns where the plan ends, 0 if that is not known.
func (r *run) planEnd() time.Duration { return r.stages[len(r.stages)-1].End }

// scenario returns the steps that an arrival walks.
func (r *run) scenario(a *arrival) []targets.Step {
	return r.Mix.Scenarios()[a.scenario].Steps
}

// An arrival is one walk through a scenario, planned or begun.
type arrival struct {
	k        uint64        // its number in the run
	scenario int           // follows from k
	at       time.Duration // its intended start
	seat     *seat         // its user's; nil in the open model
	planned  bool          // its first request was counted as planned already
	series   int           // of which kind; meaningless unless planned
}

// due returns the intended start of the arrival's first request, after the pauses
// before it, and notes that request's series. position is the arrival's in the plan.
func (r *run) due(a *arrival, position time.Duration) time.Duration {
	var pauses time.Duration
	steps := r.scenario(a)
	for i := range steps {
		if steps[i].Request != nil {
			break
		}
		pauses += steps[i].Think(r.Seed, a.k, i)
	}
	a.series = r.series(r.first[a.scenario], position+pauses)
	return a.at + pauses
}

// lane returns where the pacer, or a user, records.
func (r *run) lane(n int) *measure.Lane { return r.Recorder.Lane(n) }
