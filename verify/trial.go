package verify

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"runtime"
	"slices"
	"time"

	"github.com/floodmark/floodmark/loadgen"
	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/profiles"
	"github.com/floodmark/floodmark/sleeper"
	"github.com/floodmark/floodmark/targets"
)

// seed of every check: arrivals and classes are always the same.
const seed = 1

// head start between planning a trial and its first arrival, for everything to be
// ready.
const headStart = 50 * time.Millisecond

// drain is how long a trial waits for answers after its last arrival. The longest
// delay is milliseconds; what takes longer is lost.
const drain = 10 * time.Second

// A trial is one scenario while it is carried out.
type trial struct {
	scenario scenario
	law      Law
	arrivals []time.Duration
	classes  []int // by arrival
}

// A scenario is what happens during one part of the check.
type scenario struct {
	name string

	stall       Stall
	connections int // at most; 0 means as many as are needed
}

// outcome is what came of a trial.
type outcome struct {
	truth    *truth
	measured *measure.Tally
	pacing   *measure.Histogram
}

// run carries the trial out. The error is that of a trial that says nothing: it was
// interrupted, or requests were lost.
func (t *trial) run(ctx context.Context, c Check) (*outcome, error) {
	t.arrivals = slices.Collect(c.schedule().Arrivals())
	start := time.Now().Add(headStart)
	server, err := startServer(ctx, t.law, t.scenario.stall, start)
	if err != nil {
		return nil, err
	}
	totals, err := t.load(ctx, server.addr(), start)
	visits, stopError := server.stop()
	if err := errors.Join(ctx.Err(), err); err != nil {
		return nil, err
	}
	all := totals.Select(nil)
	if err := complete(all, len(t.arrivals)); err != nil {
		return nil, errors.Join(err, stopError)
	}
	truth, err := tellTruth(t.arrivals, t.classes, visits)
	if err = errors.Join(err, stopError); err != nil {
		return nil, err
	}
	return &outcome{truth: truth, measured: all, pacing: &totals.Pacing}, nil
}

// complete returns an error unless all requests succeeded: the truth would be of
// another run.
func complete(all *measure.Tally, planned int) error {
	if all.Succeeded == int64(planned) {
		return nil
	}
	err := fmt.Errorf("of %d requests %d succeeded, %d failed, %d were unsent and %d never answered",
		planned, all.Succeeded, all.Failed, all.Unsent, all.InFlight)
	if len(all.Exemplars) > 0 {
		err = fmt.Errorf("%w: %s", err, all.Exemplars[0].Detail)
	}
	return err
}

// load drives the server and adds up what was measured, interval by interval as a
// run does.
func (t *trial) load(ctx context.Context, addr string, start time.Time) (*measure.Totals, error) {
	target := targets.Target{BaseURL: &url.URL{Scheme: "http", Host: addr}, Reuse: true}
	mix, err := t.mix(target)
	if err != nil {
		return nil, err
	}
	pacer, err := sleeper.NewSolo()
	if err != nil {
		return nil, err
	}
	pool := target.NewPool()
	defer pool.Close()
	g := t.generator(pool, mix, pacer, start)
	totals := measure.NewTotals(g.Recorder.Series(), nil)
	beat(g.Recorder, totals, start, func() {
		g.RunOpen(ctx, nil, slices.Values(t.arrivals))
	})
	return totals, pacer.Close()
}

// generator returns the generator that every run uses, as precise as it is by
// default. Nobody but its pacer sleeps here.
func (t *trial) generator(pool *targets.Pool, mix *targets.Mix, pacer *sleeper.Solo, start time.Time) *loadgen.Generator {
	return &loadgen.Generator{
		Mix: mix, Success: targets.Success{Status: []targets.StatusRange{{Low: 200, High: 200}}}, Seed: seed,
		NewSender: func(int) loadgen.Sender { return pool.NewClient() },
		Recorder:  measure.NewRecorder(loadgen.Series(mix, nil), nil, runtime.GOMAXPROCS(0)),
		Start:     start, Quantum: profiles.Precise.Quantum(), Pause: pacer.Until,
		MaxInFlight: len(t.arrivals), MaxConnections: t.scenario.connections, Drain: drain,
	}
}

// mix returns one scenario for each class of the law, all with the same weight, and
// notes the class that falls to each arrival.
func (t *trial) mix(target targets.Target) (*targets.Mix, error) {
	var scenarios []targets.Scenario
	for class := range t.law {
		request, err := target.Compile("GET", path(class), nil, nil)
		if err != nil {
			return nil, err
		}
		name := "class " + path(class)[1:]
		scenarios = append(scenarios, targets.Scenario{
			Name: name, Weight: 1, Steps: []targets.Step{{Name: name, Request: request}},
		})
	}
	mix, err := targets.NewMix(scenarios)
	if err != nil {
		return nil, err
	}
	t.classes = make([]int, len(t.arrivals))
	for k := range t.classes {
		t.classes[k] = mix.Pick(seed, uint64(k))
	}
	return mix, nil
}

// delays returns the server's delay of each arrival.
func (t *trial) delays() []time.Duration {
	out := make([]time.Duration, len(t.classes))
	for k, class := range t.classes {
		out[k] = t.law[class]
	}
	return out
}

// beat cuts an interval each second while do runs, and one when it has ended.
func beat(recorder *measure.Recorder, totals *measure.Totals, start time.Time, do func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		do()
	}()
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for running := true; running; {
		select {
		case <-ticker.C:
		case <-done:
			running = false
		}
		interval := recorder.Cut(time.Since(start))
		totals.Add(&interval)
	}
}

// schedule returns the arrivals of every scenario: Poisson, as those of many
// independent users are.
func (c Check) schedule() profiles.Schedule {
	load := profiles.Load{Executor: profiles.ConstantArrivalRate, Arrivals: profiles.Poisson, Rate: c.Rate, Duration: c.Duration}
	return load.Schedule(seed)
}
