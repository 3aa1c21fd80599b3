package balance

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/floodmark/floodmark/demo-server/balance/pick"
	"github.com/floodmark/floodmark/demo-server/latency"
)

// A model drives a pool by hand: requests begin, end and are retried in any order, while
// backends come, go, fall ill and recover.
type model struct {
	pool  *pool
	under []*passage // with an attempt under way
	names int
}

// add adds a backend of a new name.
func (m *model) add(t *rapid.T) {
	m.names++
	member := &member{
		backend:   Backend{Name: fmt.Sprint("web-", m.names), Weight: rapid.IntRange(1, 5).Draw(t, "weight")},
		transport: &http.Transport{},
		gone:      make(chan struct{}),
	}
	if err := m.pool.add(member); err != nil {
		t.Fatal(err)
	}
}

// begin starts an attempt of a request. When there is none to be had, the request ends.
func (m *model) begin(t *rapid.T, p *passage) {
	tried := slices.Clone(p.tried)
	member, err := m.pool.begin(p)
	if err != nil {
		m.pool.leave(p)
		return
	}
	if state := member.state(time.Now()); state != Healthy || slices.Contains(tried, member) {
		t.Fatalf("picked %s, which is %s, after %d others", member.backend.Name, state, len(tried))
	}
	m.under = append(m.under, p)
}

// end ends an attempt. One that has failed may be retried.
func (m *model) end(t *rapid.T) {
	if len(m.under) == 0 {
		return
	}
	i := rapid.IntRange(0, len(m.under)-1).Draw(t, "which")
	p := m.under[i]
	m.under = slices.Delete(m.under, i, i+1)
	o := rapid.SampledFrom([]outcome{answered, answered, failed, failed, broken, cancelled}).Draw(t, "outcome")
	m.pool.end(p, o, rapid.SampledFrom([]int{200, 500, 503}).Draw(t, "status"))
	if o == failed && rapid.Bool().Draw(t, "retry") {
		m.begin(t, p)
		return
	}
	m.pool.leave(p)
}

// anybody returns the name of a backend that is there, or of one that never was.
func (m *model) anybody(t *rapid.T) string {
	return fmt.Sprint("web-", rapid.IntRange(1, m.names+1).Draw(t, "backend"))
}

// check compares the pool with what must always hold.
func (m *model) check(t *rapid.T) {
	s := m.pool.snapshot()
	if got := s.Answered + s.Broken + s.Failed + s.Unavailable + s.Cancelled + uint64(s.InFlight); got != s.Requests || s.InFlight != len(m.under) {
		t.Fatalf("%d requests in all places, %d under way: %+v", got, len(m.under), s)
	}
	all, inFlight := s.Gone, 0
	for _, b := range s.Backends {
		all.add(b.Counts)
		inFlight += b.InFlight
		if b.Ramp < leastRamp || b.Ramp > 1 {
			t.Fatalf("a ramp of %v", b.Ramp)
		}
	}
	if all.Attempts != s.Requests-s.Unavailable+s.Retries || all.RetriedFrom != s.Retries || all.RetriedTo != s.Retries {
		t.Fatalf("attempts %+v of %+v", all, s)
	}
	if got := all.Answered + all.Broken + all.Failed + all.Cancelled + uint64(inFlight); got != all.Attempts || inFlight != len(m.under) {
		t.Fatalf("%d attempts in all places, want %d", got, all.Attempts)
	}
	for _, leaving := range m.pool.leaving {
		if leaving.candidate.InFlight == 0 {
			t.Fatalf("%s is idle and not gone", leaving.backend.Name)
		}
	}
}

func TestPoolCountsEverythingOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// A bubble has no deadline, which rapid would ask a *testing.T for.
		rapid.Check(struct{ testing.TB }{t}, func(t *rapid.T) {
			config := Config{
				SlowStart: 5 * time.Second,
				Check:     Check{Interval: time.Second},
				Ejection:  Ejection{Failures: rapid.IntRange(0, 3).Draw(t, "failures"), ServerErrors: true},
				Sticky:    Sticky{Cookie: "replica"},
				Budget:    Budget{PerSecond: 0.3},
			}.WithDefaults()
			algorithm := rapid.SampledFrom(pick.Algorithms()).Draw(t, "algorithm")
			picker, err := pick.New(algorithm, 1)
			if err != nil {
				t.Fatal(err)
			}
			m := &model{pool: &pool{config: config, picker: picker, budget: budget{
				share: config.Budget.Share, perSecond: config.Budget.PerSecond, epoch: time.Now(),
			}}}
			t.Repeat(map[string]func(*rapid.T){
				"":      m.check,
				"add":   m.add,
				"begin": func(t *rapid.T) { m.begin(t, m.pool.enter("10.0.0.1", m.anybody(t))) },
				"end":   m.end,
				"remove": func(t *rapid.T) {
					_, _ = m.pool.remove(m.anybody(t)) // it may not be there
				},
				"check a backend": func(t *rapid.T) {
					err := rapid.SampledFrom([]error{nil, errors.New("ill")}).Draw(t, "answer")
					_ = m.pool.change(m.anybody(t), func(member *member) { member.checked(err, config.Check, time.Now()) })
				},
				"wait": func(t *rapid.T) { time.Sleep(time.Duration(rapid.IntRange(1, 4000).Draw(t, "ms")) * time.Millisecond) },
			})
		})
	})
}

// Whenever a retry is allowed, those of the last ten seconds are within the share of their
// requests and what is always allowed; and when one is denied, they have reached it.
func TestBudgetHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		epoch := time.Now()
		b := budget{share: rapid.Float64Range(0, 1).Draw(t, "share"), perSecond: rapid.Float64Range(0, 2).Draw(t, "per second"), epoch: epoch}
		const seconds = 40
		var requests, retries [seconds]int
		for second := range seconds {
			requests[second] = rapid.IntRange(0, 20).Draw(t, "requests")
			for range requests[second] {
				now := epoch.Add(time.Duration(second) * time.Second)
				b.deposit(now)
				if b.withdraw(now) {
					retries[second]++
				}
			}
			asked, made := 0, 0
			for i := max(0, second-window+1); i <= second; i++ {
				asked += requests[i]
				made += retries[i]
			}
			limit := b.share*float64(asked) + b.perSecond*window
			if retries[second] > 0 && float64(made) > limit {
				t.Fatalf("second %d: %d retries of %d requests, want at most %v", second, made, asked, limit)
			}
			if retries[second] == 0 && requests[second] > 0 && float64(made+1) <= limit {
				t.Fatalf("second %d: no retry was allowed after %d of %d requests, want up to %v", second, made, asked, limit)
			}
		}
	})
}

func TestLatency(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Int64Range(0, int64(time.Hour)), 1, 300).Draw(t, "times")
		var l latency.Histogram
		for _, v := range values {
			l.Observe(time.Duration(v))
		}
		slices.Sort(values)
		got := summarize(&l)
		for percent, q := range map[int]time.Duration{50: got.P50, 95: got.P95, 99: got.P99} {
			rank := len(values) - len(values)*(100-percent)/100
			want := time.Duration(values[rank-1])
			if q < want || q > want+want/16 {
				t.Fatalf("p%d: got %v, want %v and at most a sixteenth more", percent, q, want)
			}
		}
		if got.Max != time.Duration(values[len(values)-1]) || got.Count != uint64(len(values)) {
			t.Fatalf("got %+v", got)
		}
	})
}
