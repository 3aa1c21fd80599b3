//go:build integration

package main

import (
	"math"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// A freezer is a target that answers at once, except that it answers nobody from
// begin until end, counted from its first request.
type freezer struct {
	begin, end time.Duration
	once       sync.Once
	first      time.Time
}

// ServeHTTP implements http.Handler.
func (f *freezer) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	f.once.Do(func() { f.first = time.Now() })
	if now := time.Since(f.first); now < f.begin || now >= f.end {
		return
	}
	thaw := time.NewTimer(time.Until(f.first.Add(f.end)))
	defer thaw.Stop()
	select {
	case <-thaw.C:
	case <-r.Context().Done():
	}
}

// A target that freezes for 6 s in a run of 30 s at 100/s makes 600 of the 3000
// requests wait, spread evenly over 0 to 6 s, and the others hardly. So the 90th
// percentile of all responses is that of rank 300 among the 600, 3 s, the 99th that
// of rank 570, 5.7 s, and the longest almost 6 s. That must show whether users have
// as many connections as they need, or a single one on which all but the first of
// the 600 are not even sent during the freeze. A tool that measured from the send
// would then find one slow request in 3000, and a p99 of a millisecond.
//
// Tolerances: each response is a difference of instants that this machine may see
// late when it is busy; a third of a second is a lot for that, and a tenth of what
// is at stake. The freeze itself begins with the first request, a little after the
// start of the run, which moves all percentiles less than that.
func TestStall(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		args  []string
		queue bool // the wait is before the send
	}{
		{"connections as needed", nil, false},
		{"one connection", []string{"-c", "1"}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			target := httptest.NewServer(&freezer{begin: 10 * time.Second, end: 16 * time.Second})
			defer target.Close()
			args := append([]string{"run", target.URL, "-r", "100/s", "-d", "30s", "--timeout", "20s", "--no-preflight", "--json"}, test.args...)
			got := floodmark(t, t.TempDir(), args...).result(t)

			if want := (accounted{Planned: 3000, Succeeded: 3000}); got.Counts != want {
				t.Errorf("counts: got %+v, want %+v", got.Counts, want)
			}
			stalled(t, "response", got.Response)
			if !test.queue {
				stalled(t, "service", got.Service)
				near(t, "lag p99", got.Lag.P99, 0)
				return
			}
			stalled(t, "lag", got.Lag)
			near(t, "service p99", got.Service.P99, 0)
			near(t, "service p99.9", got.Service.P999, 0) // all but the three slowest
			near(t, "service max", got.Service.Max, 6)
		})
	}
}

// stalled wants the quantiles that the freeze makes.
func stalled(t *testing.T, clock string, q quantiles) {
	t.Helper()
	near(t, clock+" p50", q.P50, 0)
	near(t, clock+" p90", q.P90, 3)
	near(t, clock+" p99", q.P99, 5.7)
	near(t, clock+" max", q.Max, 6)
	if q.Max < 5.9 {
		t.Errorf("%s max: got %.3f s, want at least 5.9", clock, q.Max)
	}
}

// near wants a value in seconds within the tolerance that TestStall explains.
func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	const tolerance = 0.3
	if math.Abs(got-want) > tolerance {
		t.Errorf("%s: got %.3f s, want %.3f s, give or take %.1f", what, got, want, tolerance)
	}
}
