package balance

import (
	"context"
	"net/http"
	"time"

	"github.com/floodmark/floodmark/demo-server/balance/pick"
	"github.com/floodmark/floodmark/demo-server/latency"
)

// leastRamp is the part of its share with which a backend starts slowly: with none it
// would get nothing to warm up by.
const leastRamp = 0.1

// reportLife is for how many intervals a report of utilisation counts.
const reportLife = 3

// A member is a backend in the pool. What follows its four first fields belongs to the pool's lock.
type member struct {
	backend   Backend
	transport *http.Transport
	end       context.CancelFunc // ends its checks
	gone      chan struct{}      // closed when it was removed and nothing is under way

	candidate  pick.Candidate
	checking   bool // waits for its first check
	unhealthy  bool // by checks
	inARow     int  // checks that contradict the state, without one that agrees between them
	checkError string
	failures   int       // of requests, in a row
	ejected    time.Time // until then
	draining   bool
	came       time.Time // since when it starts slowly; zero: it does not
	report     float64   // of its utilisation
	reported   time.Time // when; zero: never

	counts    Counts
	latencies latency.Histogram
}

// state returns the member's state.
func (m *member) state(now time.Time) State {
	switch {
	case m.draining:
		return Draining
	case m.checking:
		return Checking
	case m.unhealthy:
		return Unhealthy
	case now.Before(m.ejected):
		return Ejected
	}
	return Healthy
}

// ramp returns the part of its share that a member gets, which grows in a straight line
// from when it came, or came back. An ejection that ends by itself leaves no trace in came.
func (m *member) ramp(now time.Time, slowStart time.Duration) float64 {
	since := m.came
	if m.ejected.After(since) {
		since = m.ejected
	}
	if since.IsZero() || slowStart <= 0 {
		return 1
	}
	return min(max(now.Sub(since).Seconds()/slowStart.Seconds(), leastRamp), 1)
}

// utilisation returns what the member reported, or -1 if that is too long ago.
func (m *member) utilisation(now time.Time, interval time.Duration) float64 {
	if m.reported.IsZero() || now.Sub(m.reported) > reportLife*interval {
		return -1
	}
	return m.report
}

// checked takes note of a check and returns whether the member's state changed with it.
func (m *member) checked(err error, c Check, now time.Time) bool {
	m.counts.Checks++
	m.checkError = ""
	if err != nil {
		m.counts.FailedChecks++
		m.checkError = err.Error()
	}
	if m.checking { // one good answer is enough to begin with
		m.checking = err != nil
		m.came = now
		return err == nil
	}
	if m.unhealthy == (err != nil) {
		m.inARow = 0
		return false
	}
	m.inARow++
	if m.unhealthy && m.inARow < c.HealthyAfter || !m.unhealthy && m.inARow < c.UnhealthyAfter {
		return false
	}
	m.unhealthy, m.inARow, m.failures = !m.unhealthy, 0, 0
	m.ejected = time.Time{} // checks know better than a guess
	m.came = now
	return true
}
