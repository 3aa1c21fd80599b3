package journey

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"
)

// An Observation is what was seen of a case.
type Observation struct {
	Case    Case
	Runs    []Run
	Probes  []Probe
	Figures []Figure // of Local
	Last    Stats    // of the backend, before it was stopped
	Quick   bool
	Err     error // why there is no more
}

// A Run is what was seen of one load.
type Run struct {
	Load          Load
	Quick         bool
	Begun         time.Time
	Result        Result
	Before, After Stats
	Acts          []Done
	Samples       []Sample
}

// A Done is an act that was done.
type Done struct {
	Name string
	At   float64 // seconds from the start of the load
}

// A Sample is the state of the backend at some time of a load.
type Sample struct {
	At    float64 // seconds from the start of the load
	Stats Stats
}

// A Probe is what was seen at one rate of a search.
type Probe struct {
	Rate   float64
	Held   bool
	Result Result
}

// stopLimit bounds how long a backend has to end.
const stopLimit = 5 * time.Second

// observe measures one case.
func (j *Journey) observe(ctx context.Context, c Case) *Observation {
	o := &Observation{Case: c, Quick: j.Quick}
	if c.Local != nil {
		o.Figures, o.Err = c.Local(ctx)
		return o
	}
	o.Err = j.measure(ctx, o)
	return o
}

// measure starts the backend of a case, loads it, and stops it whatever came of it.
func (j *Journey) measure(ctx context.Context, o *Observation) (err error) {
	backend, err := j.Bench.Serve(ctx, o.Case.Topology)
	if err != nil {
		return fmt.Errorf("the backend: %w", err)
	}
	defer func() {
		stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopLimit)
		defer cancel()
		err = errors.Join(err, backend.Stop(stopping))
	}()
	for _, load := range o.Case.Loads {
		run, err := j.load(ctx, o.Case, backend, load)
		o.Runs = append(o.Runs, run)
		if err != nil {
			return fmt.Errorf("load %s: %w", load.Name, err)
		}
	}
	if o.Case.Search != nil {
		if o.Probes, err = j.search(ctx, *o.Case.Search, backend); err != nil {
			return fmt.Errorf("the search: %w", err)
		}
	}
	o.Last, err = backend.Stats(ctx)
	return err
}

// load loads a backend once.
func (j *Journey) load(ctx context.Context, c Case, backend Backend, load Load) (Run, error) {
	run := Run{Load: load, Quick: j.Quick}
	var err error
	if run.Before, err = backend.Stats(ctx); err != nil {
		return run, err
	}
	warmup, lasts := load.times(j.Quick)
	vars := map[string]string{
		"BASE_URL": backend.Door(), "RATE": rate(load.Rate),
		"WARMUP": length(warmup), "DURATION": length(lasts), "DRAIN": length(max(load.Drain, minDrain)),
	}
	maps.Copy(vars, load.Vars)
	if err := align(ctx, load.Aligned); err != nil {
		return run, err
	}
	beside, stop := context.WithCancel(ctx)
	var helping sync.WaitGroup
	run.Begun = time.Now()
	var failed error
	helping.Go(func() { run.Acts, failed = act(beside, run.Begun, load.Acts, backend) })
	if c.Watch > 0 {
		helping.Go(func() { run.Samples = watch(beside, run.Begun, c.Watch, backend) })
	}
	run.Result, err = j.Bench.Run(ctx, load.Profile, vars)
	stop()
	helping.Wait()
	if err = errors.Join(err, failed); err != nil {
		return run, err
	}
	run.shift()
	run.After, err = backend.Stats(ctx)
	return run, err
}

// shift counts the times of a run from when floodmark began to load.
func (r *Run) shift() {
	if r.Result.Started.IsZero() {
		return
	}
	late := r.Result.Started.Sub(r.Begun).Seconds()
	for i := range r.Acts {
		r.Acts[i].At -= late
	}
	for i := range r.Samples {
		r.Samples[i].At -= late
	}
}

// act does all acts at their time.
func act(ctx context.Context, begun time.Time, acts []Act, backend Backend) ([]Done, error) {
	var done []Done
	for _, a := range acts {
		if !pause(ctx, time.Until(begun.Add(a.At))) {
			return done, fmt.Errorf("the load ended before %s", a.Name)
		}
		at := time.Since(begun).Seconds()
		if err := a.Do(ctx, backend); err != nil {
			return done, fmt.Errorf("%s: %w", a.Name, err)
		}
		done = append(done, Done{Name: a.Name, At: at})
	}
	return done, nil
}

// watch reads the backend's counters from time to time, until the context ends. What
// cannot be read is left out: a backend in trouble may not answer.
func watch(ctx context.Context, begun time.Time, every time.Duration, backend Backend) []Sample {
	var samples []Sample
	for pause(ctx, every) {
		stats, err := backend.Stats(ctx)
		if err == nil {
			samples = append(samples, Sample{At: time.Since(begun).Seconds(), Stats: stats})
		}
	}
	return samples
}

// align waits until so long after a full second.
func align(ctx context.Context, after time.Duration) error {
	if after <= 0 {
		return nil
	}
	now := time.Now()
	at := now.Truncate(time.Second).Add(after)
	if at.Before(now) {
		at = at.Add(time.Second)
	}
	if !pause(ctx, time.Until(at)) {
		return ctx.Err()
	}
	return nil
}

// pause waits, and reports false if the context ends before that.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// minDrain is the least time that the last answers have.
const minDrain = time.Second

// length writes a duration as profiles read it.
func length(d time.Duration) string { return fmt.Sprintf("%dms", d.Milliseconds()) }

// rate writes a rate as profiles read it.
func rate(perSecond float64) string { return fmt.Sprintf("%.6g/s", perSecond) }

// search looks for the highest rate that a backend holds.
func (j *Journey) search(ctx context.Context, s Search, backend Backend) ([]Probe, error) {
	var probes []Probe
	low, high := s.Low, s.High
	for range s.Probes {
		at := (low + high) / 2
		result, err := j.Bench.Run(ctx, s.Profile, map[string]string{
			"BASE_URL": backend.Door(), "RATE": rate(at), "DRAIN": length(s.Drain),
			"WARMUP": length(shorter(s.Warmup, j.Quick)), "DURATION": length(shorter(s.Lasts, j.Quick)),
		})
		if err != nil {
			return probes, err
		}
		held := result.holds(s.Limit)
		probes = append(probes, Probe{Rate: at, Held: held, Result: result})
		if held {
			low = at
		} else {
			high = at
		}
	}
	return probes, nil
}
