package journey_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/floodmark/floodmark/demo-server/balance/pick"
	"github.com/floodmark/floodmark/demo-server/capacity"
	"github.com/floodmark/floodmark/demo-server/journey"
	"github.com/floodmark/floodmark/demo-server/journey/ideal"
)

// A fakeBench starts nothing: what its runs show is what package ideal reckons. Of all
// that is no queue it knows nothing.
type fakeBench struct {
	mu      sync.Mutex
	backs   map[string]*fakeBackend // by door
	invalid bool                    // the generator's fault
	lag     time.Duration           // model lag of all machines
	refuse  error                   // why no backend starts
	ran     func()                  // called with each run
}

func (b *fakeBench) Serve(_ context.Context, t journey.Topology) (journey.Backend, error) {
	if b.refuse != nil {
		return nil, b.refuse
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.backs == nil {
		b.backs = map[string]*fakeBackend{}
	}
	back := &fakeBackend{door: fmt.Sprintf("http://127.0.0.1:%d", 1000+len(b.backs)), system: systemOf(t), lag: b.lag}
	b.backs[back.door] = back
	return back, nil
}

// systemOf reads from a topology what a queue needs to know.
func systemOf(t journey.Topology) ideal.System {
	number := func(pattern string, none int) int {
		found := regexp.MustCompile(pattern).FindStringSubmatch(t.YAML)
		if found == nil {
			return none
		}
		n, _ := strconv.Atoi(found[1])
		return n
	}
	law := func(key string) capacity.Law {
		if found := regexp.MustCompile(key + `: \{distribution: exponential, mean: (\w+)\}`).FindStringSubmatch(t.YAML); found != nil {
			l, _ := capacity.ParseLaw("exponential:" + found[1])
			return l
		}
		l, _ := capacity.ParseLaw("fixed:1ms")
		return l
	}
	s := ideal.System{
		Replicas: number(`replicas: (\d+)`, 1), Seed: 7,
		Web: ideal.Station{Cores: number(`web: \{cores: (\d+)`, 1), Places: number(`web: \{cores: \d+, queue: (\d+)`, 200), Law: law("cpu")},
	}
	if found := regexp.MustCompile(`algorithm: (\w+)`).FindStringSubmatch(t.YAML); found != nil {
		s.Algorithm = pick.Algorithm(found[1])
	}
	if strings.Contains(t.YAML, "database:") {
		s.Database = &ideal.Station{Cores: 2, Places: 50, Law: law("read")}
		s.OneMachine = strings.Contains(t.YAML, "database:\n  machine: web")
	}
	for _, set := range t.Set {
		if strings.HasPrefix(set, "web.overrides.web-1.speed=") {
			s.Speeds = []float64{1.0 / 3, 1, 1, 1}
		}
		if strings.Contains(set, ".weight=") {
			s.Weights = []float64{1, 3, 3, 3}
		}
	}
	return s
}

func (b *fakeBench) Run(ctx context.Context, _ string, vars map[string]string) (journey.Result, error) {
	b.mu.Lock()
	back := b.backs[vars["BASE_URL"]]
	b.mu.Unlock()
	if b.ran != nil {
		b.ran()
	}
	if ctx.Err() != nil {
		return journey.Result{}, ctx.Err()
	}
	rate, _ := strconv.ParseFloat(strings.TrimSuffix(vars["RATE"], "/s"), 64)
	duration, _ := time.ParseDuration(vars["DURATION"])
	warmup, _ := time.ParseDuration(vars["WARMUP"])
	f := back.system.Run(rate, 50_000)
	r := journey.Result{
		Verdict:   "pass",
		Generator: journey.Generator{Valid: !b.invalid, Pacing: 0.0003},
		Rates:     journey.Rates{Asked: rate, Completed: f.Throughput},
		Response:  journey.Clock{Mean: f.Mean.Seconds(), P50: f.P50.Seconds(), P99: f.P99.Seconds()},
	}
	if b.invalid {
		r.Generator.Reasons = []string{"cpu 97% of the 2 CPUs it may use"}
	}
	r.Counts.Planned = int64(rate * duration.Seconds())
	r.Counts.Failed = int64(f.Refused * float64(r.Counts.Planned))
	r.Counts.Succeeded = r.Counts.Planned - r.Counts.Failed
	for at := 0.0; at < (warmup + duration).Seconds(); at++ {
		r.Seconds = append(r.Seconds, journey.Second{
			Start: at, End: at + 1, Succeeded: int64(f.Throughput + 0.5), P99: f.P99.Seconds() * (0.6 + 0.1*float64(int(at*7)%5)),
		})
	}
	back.mu.Lock()
	back.requests += uint64(r.Counts.Planned)
	back.mu.Unlock()
	return r, nil
}

type fakeBackend struct {
	door   string
	system ideal.System
	lag    time.Duration

	mu       sync.Mutex
	requests uint64
	faults   []string
	scaled   map[string]int
	stopped  bool
}

func (b *fakeBackend) Door() string  { return b.door }
func (b *fakeBackend) Admin() string { return b.door }

func (b *fakeBackend) Stats(context.Context) (journey.Stats, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var s journey.Stats
	text := fmt.Sprintf(`{"name": "fake", "uptime_seconds": 1, "hosts": [
		{"name": "web-1", "state": "up", "machine": {"admitted": %[1]d, "worked_seconds": %[2]g, "model_lag": {"count": %[1]d, "mean_seconds": %[3]g, "p99_seconds": %[3]g}},
		 "nodes": [{"name": "web-1", "part": "web", "requests": {"total": %[1]d}, "detail": {"requests": %[1]d}}]}]}`,
		b.requests, float64(b.requests)*b.system.Web.Law.Mean().Seconds(), b.lag.Seconds())
	err := json.Unmarshal([]byte(text), &s)
	return s, err
}

func (b *fakeBackend) Fault(_ context.Context, words string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.faults = append(b.faults, words)
	return nil
}

func (b *fakeBackend) Scale(_ context.Context, part string, replicas int) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.scaled = maps.Clone(b.scaled)
	if b.scaled == nil {
		b.scaled = map[string]int{}
	}
	b.scaled[part] = replicas
	return nil
}

func (b *fakeBackend) Stop(context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stopped = true
	return nil
}
