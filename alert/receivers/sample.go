package receivers

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/floodmark/floodmark/alert"
)

// Sample returns a message that says it is a test, for people who want to see whether a
// receiver works. It is the same for the same receiver, time and run.
func Sample(receiver string, at time.Time, run alert.Run) alert.Message {
	sum := sha256.Sum256([]byte(receiver + "\x00" + run.ID + "\x00" + at.UTC().Format(time.RFC3339Nano)))
	id := "floodmark-test-" + hex.EncodeToString(sum[:8])
	const began, lasted = time.Minute, 5 * time.Second
	return alert.Message{
		ID: id, Receiver: receiver, Run: run, Test: true,
		Alerts: []alert.Told{{Changes: 1, Notice: alert.Notice{
			ID: id, Key: id, Kind: alert.Fired, Receivers: []string{receiver}, SLO: "checkout", Rule: "dip", Severity: "info",
			Objective: "success >= 95%", When: "success < 80% over 30s", Resolve: "success >= 90% over 30s",
			Metric: "success", Window: "30s", Unit: "ratio", Value: 0.713, Limit: 0.8, Worst: 0.713, Events: 1504, Bad: 432, Budget: 0.5,
			Why: alert.Breached, Began: began, At: began + lasted, StartsAt: at.Add(-lasted), Sample: "GET /checkout: HTTP 503 (a sample, nothing has happened)",
		}}},
	}
}

// synthetic returns messages of every shape, for templates to be tried on.
func synthetic() []alert.Message {
	at := time.Date(2026, time.January, 2, 3, 4, 5, 0, time.UTC)
	run := alert.Run{ID: "r-1", Name: "nightly", Target: "https://shop.example", URL: "https://ci.example/1", Revision: "abc", Started: at}
	firing := Sample("receiver", at, run)
	firing.Alerts[0].Labels = []alert.Label{{Name: "endpoint", Value: `GET "/a" <b> & 'c'`}}
	resolved := Sample("receiver", at, alert.Run{ID: "r-1"})
	t := &resolved.Alerts[0]
	t.Kind, t.EndsAt, t.Coalesced, t.Sample, t.Bad, t.Budget = alert.Resolved, at, true, "", -1, -1
	several := firing
	several.Alerts, several.More = append(several.Alerts[:1:1], resolved.Alerts[0]), 2
	return []alert.Message{firing, resolved, several}
}
