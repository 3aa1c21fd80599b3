package receivers

import (
	"testing"
	"time"

	"github.com/floodmark/floodmark/alert"
)

func TestHeadline(t *testing.T) {
	with := func(base alert.Told, change func(*alert.Told)) alert.Told { change(&base); return base }
	for _, tt := range []struct {
		told alert.Told
		want string
	}{
		{firing(), "FIRING checkout / dip: success 71.3% < 80% (30s)"},
		{with(firing(), func(n *alert.Told) { n.Value = 0.79983 }), "FIRING checkout / dip: success 79.98% < 80% (30s)"},
		{with(firing(), func(n *alert.Told) { n.Why = alert.Silent }), "FIRING checkout / dip: no data over 30s"},
		{with(firing(), func(n *alert.Told) { n.When = "?" }), "FIRING checkout / dip: success 71.3% (30s)"},
		{resolved(), "RESOLVED checkout / dip after 41s: worst 65.2%, 312 requests failed"},
		{with(resolved(), func(n *alert.Told) { n.Bad = 1 }), "RESOLVED checkout / dip after 41s: worst 65.2%, 1 request failed"},
		{with(resolved(), func(n *alert.Told) { n.Bad = -1 }), "RESOLVED checkout / dip after 41s: worst 65.2%"},
		{with(resolved(), func(n *alert.Told) { n.Bad, n.Why = -1, alert.RunEnded }), "RESOLVED checkout / dip after 41s, as the run ended: worst 65.2%"},
		{with(resolved(), func(n *alert.Told) { n.Bad, n.Why = -1, alert.StageEnded }), "RESOLVED checkout / dip after 41s, as the stage ended: worst 65.2%"},
		{with(resolved(), func(n *alert.Told) { n.Coalesced = true }), "RESOLVED checkout / dip: fired 12:01:05, resolved 12:01:46 UTC while this channel could not be reached"},
		{latency(), "STILL FIRING checkout / slow {endpoint=POST /pay} for 12m00s: p99 4.20s or more > 800ms (1m)"},
		{with(firing(), func(n *alert.Told) { n.Kind, n.Flaps = alert.Flapping, 4 }), "FLAPPING checkout / dip: came back 4 times; success 71.3% < 80% (30s)"},
		{
			with(firing(), func(n *alert.Told) { n.When = `{scenario="success < 1"}success < 80% over 30s and 5m` }),
			"FIRING checkout / dip: success 71.3% < 80% (30s)",
		},
	} {
		if got := headline(&tt.told, false); got != tt.want {
			t.Errorf("got  %q\nwant %q", got, tt.want)
		}
	}
}

func TestLasted(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 400 * time.Millisecond: "400ms", time.Second: "1s", 41400 * time.Millisecond: "41s", 59600 * time.Millisecond: "1m00s",
		83 * time.Second: "1m23s", 3720 * time.Second: "1h02m",
	} {
		if got := lasted(d); got != want {
			t.Errorf("%v: got %s, want %s", d, got, want)
		}
	}
}

func TestTitle(t *testing.T) {
	two := message(firing(), resolved())
	one := message(firing())
	one.More = 3
	unnamed := message(latency(), latency())
	unnamed.Run.Name, unnamed.Test = "", true
	for want, m := range map[string]alert.Message{
		"1 firing, 1 resolved: run nightly": two, "1 firing, +3 more: run nightly": one, "TEST 2 firing: run r-7f3": unnamed,
	} {
		if got := title(&m); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// A warning is amber, and what is worse beside it is red.
func TestMood(t *testing.T) {
	page, ticket := firing(), latency()
	for want, m := range map[mood]alert.Message{
		bad: message(ticket, page), doubtful: message(ticket, resolved()), good: message(resolved(), resolved()),
	} {
		if got := moodOf(&m); got != want {
			t.Errorf("got %v, want %v", got, want)
		}
	}
}

func TestGravity(t *testing.T) {
	for severity, want := range map[string]string{
		"page": "critical", "Critical": "critical", "error": "error", "warning": "warning", "ticket": "warning", "info": "info", "": "error", "sev1": "error",
	} {
		if got := gravity(severity); got != want {
			t.Errorf("%s: got %s, want %s", severity, got, want)
		}
	}
}
