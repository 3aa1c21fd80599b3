//go:build integration

package main

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// everyHop is a backend with a hop of every kind between clients and the database.
const everyHop = `
version: 1
name: every hop
machines: {web: {cores: 4}, db: {cores: 4}}
web: {machine: web, replicas: 3, cpu: 200us}
load_balancer: {algorithm: least_connections, health_check: {interval: 50ms, unhealthy_after: 1000}}
gateway:
  replicas: 2
  auth: {jwt: {algorithm: HS256}, api_keys: [demo-key-1]}
  public: ["GET /healthz"]
  scopes: {"POST /api/orders": [orders]}
rate_limit: {algorithm: token_bucket, per: user, rate: 400/h, burst: 400, store: redis}
database: {machine: db, read: 200us, write: 200us}
cdn: {edges: {us: {round_trip: 0s, origin_round_trip: 0s}, eu: {round_trip: 0s, origin_round_trip: 0s}}, ttl: 1s}
third_parties: {payment: {latency: 1ms, declines: 12.5%}}
`

// What floodmark has sent is what the door has counted, and every hop behind it, by
// classes of answers, too; and what the gateway refuses goes no further.
func TestCountsAgreeHopByHop(t *testing.T) {
	dir := t.TempDir()
	b := serveTopology(t, dir, everyHop)
	hops := []string{"router", "edge", "gateway", "balancer", "web"}
	refusing := []string{"router", "edge", "gateway"}
	type seen struct {
		total   uint64
		classes map[string]uint64
	}
	count := func() map[string]seen {
		all := map[string]seen{}
		for _, part := range append(hops, "payment", "database") {
			total, classes := b.counts(t, part)
			all[part] = seen{total, classes}
		}
		return all
	}
	order := []string{b.door + "/api/orders", "-X", "POST", "--body", `{"product":7}`, "-r", "200/s"}
	token := strings.TrimSpace(floodmark(t, dir, "demo", "token", "--user", "ann", "--admin", b.admin).stdout)
	scoped := strings.TrimSpace(floodmark(t, dir, "demo", "token", "--user", "bob", "--scope", "orders", "--admin", b.admin).stdout)
	for _, test := range []struct {
		name     string
		header   string
		requests string
		want     string // what answers are, if all are the same
		reach    []string
	}{
		{"no credentials", "X-Nothing: 1", "40", "401", refusing},
		{"no scope", "Authorization: Bearer " + token, "40", "403", refusing},
		{"orders", "Authorization: Bearer " + scoped, "400", "", hops},
		{"too many", "Authorization: Bearer " + scoped, "40", "429", refusing},
	} {
		before := count()
		result := loaded(t, dir, append(order, "-n", test.requests, "-H", test.header)...)
		after := count()
		sent := result.Counts.Planned
		if sent == 0 || result.Counts.Unsent > 0 || (test.want != "" && result.Statuses[test.want] != sent) {
			t.Fatalf("%s: got %+v and %v, want all sent, and answers of %s", test.name, result.Counts, result.Statuses, test.want)
		}
		for _, part := range append(hops, "payment", "database") {
			got := after[part].total - before[part].total
			classes := map[string]uint64{}
			for class, n := range after[part].classes {
				if more := n - before[part].classes[class]; more > 0 {
					classes[class] = more
				}
			}
			reached := slices.Contains(test.reach, part)
			switch {
			case reached && (got != sent || !maps.Equal(classes, answered(result.Outcomes))):
				t.Errorf("%s: %s has counted %d requests, %v; floodmark %d, %v", test.name, part, got, classes, sent, result.Outcomes)
			case !reached && len(test.reach) < len(hops) && got > 0:
				t.Errorf("%s: %d requests have reached %s", test.name, got, part)
			case part == "payment" && test.want == "" && got != sent:
				t.Errorf("%s: payment has counted %d requests, want %d", test.name, got, sent)
			}
		}
	}
	if payments := count()["database"].total; payments == 0 {
		t.Error("nothing has reached the database")
	}
}

// answered returns the outcomes that there were.
func answered(outcomes map[string]uint64) map[string]uint64 {
	classes := map[string]uint64{}
	for outcome, n := range outcomes {
		if n > 0 {
			classes[outcome] = n
		}
	}
	return classes
}

// The faults of a topology, and what becomes of hosts, are marks of the run that measures
// them, in order.
func TestScheduleBecomesMarks(t *testing.T) {
	dir := t.TempDir()
	b := serveTopology(t, dir, `
version: 1
name: marks
machines: {web: {cores: 2}}
web: {machine: web, replicas: 2, cpu: 1ms}
load_balancer: {algorithm: round_robin, retries: 1}
faults:
  - {at: 2s, part: web, errors: 100%, for: 1s}
  - {at: 3500ms, part: web-1, kill: true}
`)
	result := loaded(t, dir, b.door+"/api/products/1", "-r", "50/s", "-d", "5s", "--annotations", b.admin)
	var marks []string
	for _, mark := range result.Marks {
		marks = append(marks, mark.Text)
	}
	want := regexp.MustCompile(`(?s)fault begins: errors=100%.*fault ends: errors=100%.*web-1: it was killed.*web-1: it has started`)
	if !want.MatchString(strings.Join(marks, "\n")) {
		t.Errorf("got the marks %q, want those of a fault, a kill and a restart", marks)
	}
	if result.Counts.Failed == 0 || result.Counts.Succeeded == 0 {
		t.Errorf("got %+v, want some of either", result.Counts)
	}
}
