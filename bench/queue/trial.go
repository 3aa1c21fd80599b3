package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"github.com/floodmark/floodmark/demo-server/capacity"
	"github.com/floodmark/floodmark/loadgen"
	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/sleeper"
	"github.com/floodmark/floodmark/targets"
)

// A trial is one queue with one seed, and what came of it.
type trial struct {
	queue    queue
	seed     uint64
	duration time.Duration

	requests         int
	replay, measured statistics
	modelLag         time.Duration // p99: how late the machine's answers were against its model
	generatorLag     time.Duration // p99: how late requests were sent
}

// places are the machine's waiting places: none of the queues is ever that long.
const places = 50_000

// measure makes the trial.
func (t *trial) measure(ctx context.Context) error {
	arrivals := t.queue.arrivals(t.seed, t.duration)
	times, err := services(t.seed, len(arrivals))
	if err != nil {
		return err
	}
	if len(arrivals) == 0 {
		return errors.New("not a single arrival in so short a time")
	}
	t.requests = len(arrivals)
	t.replay = statisticsOf(capacity.Replay(arrivals, times, t.queue.slots, places))
	server, err := startServer(ctx, t.queue.slots)
	if err != nil {
		return err
	}
	err = t.load(ctx, server, arrivals, times)
	if err == nil {
		t.modelLag, err = server.modelLag(ctx)
	}
	return errors.Join(err, server.stop())
}

// load sends the requests to the server and takes down how long they took.
func (t *trial) load(ctx context.Context, server *server, arrivals, times []time.Duration) error {
	target := targets.Target{BaseURL: &url.URL{Scheme: "http", Host: server.Addr}, Timeout: time.Minute, Reuse: true}
	work, err := newWork(target, times)
	if err != nil {
		return err
	}
	mix, err := targets.NewMix([]targets.Scenario{{
		Name: "work", Weight: 1, Steps: []targets.Step{{Name: "work", Request: work.requests[0]}},
	}})
	if err != nil {
		return err
	}
	wake, err := sleeper.New()
	if err != nil {
		return err
	}
	recorder := measure.NewRecorder(loadgen.Series(mix, nil), nil, runtime.GOMAXPROCS(0))
	generator := &loadgen.Generator{
		Mix: mix, Success: targets.Success{Status: []targets.StatusRange{{Low: 200, High: 200}}},
		NewSender: func(int) loadgen.Sender { return &sender{target.NewClient(), work} },
		Recorder:  recorder, Sleep: wake.Until, MaxInFlight: places, Drain: time.Minute,
	}
	result := generator.RunOpen(ctx, nil, slices.Values(arrivals))
	totals := measure.NewTotals(recorder.Series(), nil)
	interval := recorder.Cut(result.Elapsed)
	totals.Add(&interval)
	return errors.Join(t.take(totals.Select(nil)), ctx.Err(), wake.Close())
}

// take takes down what was measured. All requests must have been answered, or the
// replay would be of another run.
func (t *trial) take(all *measure.Tally) error {
	if all.Succeeded != int64(t.requests) {
		return fmt.Errorf("%d requests: %d succeeded, %d failed, %d unsent, %d in flight",
			t.requests, all.Succeeded, all.Failed, all.Unsent, all.InFlight)
	}
	t.measured = statisticsIn(&all.Response)
	t.generatorLag = all.Lag.Quantile(0.99)
	return nil
}

// verdict returns an error when what was measured is not what the replay says. It
// names the lags: where they are milliseconds, the host was busy with other things
// and what was measured is the host.
func (t *trial) verdict() error {
	if agrees(t.replay.mean, t.measured.mean) && agrees(t.replay.p99, t.measured.p99) {
		return nil
	}
	return fmt.Errorf("%s, seed %d: off by more than %v and %.0f %% (p99 of the model's lag %v, of the generator's %v)",
		t.queue.name(), t.seed, tolerance, 100*toleranceShare, t.modelLag, t.generatorLag)
}

// A work is the requests of a trial, each with its service time, and how many of
// them were sent. Any number of senders may share it.
type work struct {
	requests []*targets.Request
	begun    atomic.Int64
}

// newWork compiles a request for each service time.
func newWork(target targets.Target, times []time.Duration) (*work, error) {
	w := &work{}
	for _, service := range times {
		header := targets.Header{Name: serviceHeader, Value: service.String()}
		request, err := target.Compile("GET", "/api/products/7", []targets.Header{header}, nil)
		if err != nil {
			return nil, err
		}
		w.requests = append(w.requests, request)
	}
	return w, nil
}

// A sender sends the trial's next request in place of the mix's only one. The n-th
// exchange to begin so has the n-th service time, as the n-th job of the replay
// has. Two arrivals that fall due within some ten microseconds may be begun in the
// other order: then their intended starts are exchanged, which shifts nothing else
// and leaves the mean as it is.
//
// It is no [loadgen.Starter], as a client is: the pacer would send the mix's request.
type sender struct {
	client *targets.Client
	work   *work
}

// Send implements loadgen.Sender.
func (s *sender) Send(ctx context.Context, _ *targets.Request, resp *targets.Response) {
	next := s.work.begun.Add(1) - 1
	s.client.Send(ctx, s.work.requests[next], resp)
}

// Close closes the sender's connections.
func (s *sender) Close() { s.client.Close() }
