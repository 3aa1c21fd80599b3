package receivers

import (
	"testing"
	"time"

	"github.com/floodmark/floodmark/alert"
)

// routingKey and signingSecret have the form of real ones.
const (
	routingKey    = "0123456789abcdef0123456789abcdef"
	signingSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
)

// specs returns a valid spec of every type.
func specs() map[string]Spec {
	return map[string]Spec{
		"webhook":      {URL: "https://bridge.example/hook/abcdefgh", SigningSecret: signingSecret, Headers: [][2]string{{"Authorization", "Bearer letmein42"}}},
		"slack":        {URL: "https://hooks.slack.example/services/T0000/B0000/XXXXXXXXXXXX"},
		"discord":      {URL: "https://discord.example/api/webhooks/123456789/tokentoken?thread_id=42"},
		"msteams":      {URL: "https://flow.example/workflows/abcdefgh/triggers/manual/paths/invoke?sig=signature"},
		"mattermost":   {URL: "https://chat.example/hooks/abcdefgh123", Channel: "load", Username: "flood"},
		"googlechat":   {URL: "https://chat.googleapis.example/v1/spaces/AAAABBBB/messages?key=keykey&token=tokentoken"},
		"pagerduty":    {Key: routingKey},
		"opsgenie":     {Key: "11111111-2222-3333-4444-555555555555"},
		"alertmanager": {URL: "http://127.0.0.1:9093"},
		"exec":         {Command: []string{"./on-alert.sh", "--verbose"}},
		"file":         {Path: "alerts.ndjson"},
	}
}

// specOf returns the valid spec of a type.
func specOf(kind string) Spec {
	s := specs()[kind]
	s.Name, s.Type = "my-"+kind, kind
	return s
}

// make makes a receiver, or fails.
func newReceiver(t *testing.T, s Spec) *Receiver {
	t.Helper()
	r, err := New(s, Policy{})
	if err != nil {
		t.Fatalf("%v: %v", s, err)
	}
	return r
}

// noon is when the messages of the tests are sent.
func noon() time.Time { return time.Date(2026, time.November, 22, 12, 2, 0, 0, time.UTC) }

// firing is an alert that has just fired.
func firing() alert.Told {
	return alert.Told{Changes: 1, Notice: alert.Notice{
		ID: "n-1", Key: "floodmark-key-1", Kind: alert.Fired, SLO: "checkout", Rule: "dip", Severity: "page",
		Objective: "success >= 95%", When: "success < 80% over 30s", Resolve: "success >= 90% over 30s", Metric: "success", Window: "30s",
		Unit: "ratio", Value: 0.713, Limit: 0.8, Worst: 0.652, Events: 1504, Bad: 432, Budget: 2.12, Why: alert.Breached,
		Began: 60 * time.Second, At: 65 * time.Second, StartsAt: noon().Add(-55 * time.Second), Sample: "POST /pay: HTTP 503 `upstream` <b>timeout</b>",
	}}
}

// resolved is the same alert when it is over.
func resolved() alert.Told {
	t := firing()
	t.ID, t.Kind, t.Why, t.Value, t.Sample = "n-2", alert.Resolved, alert.Cleared, 0.97, ""
	t.Bad, t.At, t.EndsAt = 312, t.Began+41*time.Second, t.StartsAt.Add(41*time.Second)
	return t
}

// latency is an alert of another rule, with labels.
func latency() alert.Told {
	t := firing()
	t.ID, t.Key, t.Kind, t.Rule, t.Severity = "n-3", "floodmark-key-3", alert.StillFiring, "slow", "ticket"
	t.Labels = []alert.Label{{Name: "endpoint", Value: "POST /pay"}}
	t.Objective, t.When, t.Resolve, t.Metric = "p99 < 250ms", "p99 > 800ms over 1m", "p99 <= 400ms over 1m", "p99"
	t.Window, t.Unit, t.Value, t.Limit, t.Worst, t.Least = "1m", "seconds", 4.2, 0.8, 4.2, true
	t.Bad, t.Budget, t.Sample, t.At = -1, -1, "", t.Began+12*time.Minute
	return t
}

// message is a message of some alerts.
func message(alerts ...alert.Told) alert.Message {
	return alert.Message{
		ID: "msg_1", Receiver: "chat", Alerts: alerts, Run: alert.Run{
			ID: "r-7f3", Name: "nightly", Target: "https://shop.example", URL: "https://ci.example/run/1", Revision: "abc1234",
			Started: noon().Add(-2 * time.Minute),
		},
	}
}

// scenes are the messages that the golden files show.
func scenes() []struct {
	name    string
	message alert.Message
} {
	coalesced := resolved()
	coalesced.Coalesced, coalesced.Changes = true, 2
	several := message(firing(), latency(), resolved())
	several.More = 4
	delayed := message(coalesced)
	delayed.Delayed = true
	flapping := firing()
	flapping.Kind, flapping.Flaps = alert.Flapping, 4
	return []struct {
		name    string
		message alert.Message
	}{
		{"firing", message(firing())},
		{"resolved", message(resolved())},
		{"coalesced", message(coalesced)},
		{"delayed", delayed},
		{"several", several},
		{"flapping", message(flapping)},
		{"test", Sample("chat", noon(), alert.Run{ID: "r-7f3"})},
	}
}
