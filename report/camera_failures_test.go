package report_test

import (
	"testing"
	"time"

	"github.com/floodmark/floodmark/alert"
	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/report"
)

// After a last beat that is too short, all numbers of the last second are of the same
// second: its errors, too.
func TestFailuresOfTheLatestSecond(t *testing.T) {
	s := newScene("GET /")
	c := report.NewCamera(s.run, nil)
	s.requests(0, 4, 0)
	s.shoot(c, second)
	s.requests(0, 5, second, failing(measure.Status5xx, 503, "busy"))
	s.shoot(c, 2*second)
	s.shoot(c, 2*second+2*time.Millisecond)
	got := c.Snapshot(clock())
	if n := got.Numbers.Second; len(got.Failures) != 1 || n.Failed == 0 || got.Failures[0].Count.Second != n.Failed {
		t.Errorf("got %+v of %+v", got.Failures, n)
	}
}

// Each endpoint tells how it fails itself, however common that is elsewhere.
func TestFailuresOfEndpoints(t *testing.T) {
	s := newScene("GET /", "POST /cart", "GET /fine")
	c := report.NewCamera(s.run, nil)
	s.requests(0, 9, 0, failing(measure.Status5xx, 503, "busy"))
	s.requests(1, 5, 0, failing(measure.Status5xx, 503, "cart is full"))
	s.requests(2, 5, 0)
	s.shoot(c, second)
	got := map[string]string{}
	for _, e := range c.Snapshot(clock()).Endpoints {
		got[e.Name] = e.Failure + " " + e.Sample
	}
	for name, want := range map[string]string{"GET /": "HTTP 503 busy", "POST /cart": "HTTP 503 cart is full", "GET /fine": " "} {
		if got[name] != want {
			t.Errorf("%s: got %q, want %q", name, got[name], want)
		}
	}
}

// An alert and the event of its firing have the same instant, so that who shows both
// knows them to be the same.
func TestAlertsAndEventsAgreeOnInstants(t *testing.T) {
	c := report.NewCamera(newScene("GET /").run, nil)
	change, _, _ := news(0)
	change.State, change.At, change.Began = alert.Firing, 33.0000123456, 30.0000004
	c.AddChange(change)
	s := c.Snapshot(clock())
	if s.Alerts[0].At != s.Events[0].At || s.Alerts[0].At != 33.000012 || s.Alerts[0].Began != 30 {
		t.Errorf("got %+v and %+v", s.Alerts, s.Events)
	}
}
