package topology

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
)

// sections are all mappings whose keys are known.
var sections = []string{
	"topology", "machine", "contention", "law", "web", "endpoint", "override", "load_balancer", "health_check",
	"sticky_sessions", "gateway", "auth", "jwt", "transform", "rate_limit", "circuit_breakers", "breaker", "database",
	"pool", "cache", "cdn", "edge", "third_parties", "payment", "weather", "orchestrator", "restart", "observability",
	"traces", "fault",
}

func secretEnv(name string) string {
	return map[string]string{"JWT_SECRET": "a secret that is long enough for it", "API_KEY": "demo-key-2"}[name]
}

// TestFull asks that every key of the format is read, and into what.
func TestFull(t *testing.T) {
	text, err := os.ReadFile("testdata/full.yaml")
	if err != nil {
		t.Fatal(err)
	}
	plan, err := Parse("full.yaml", text, Options{Env: secretEnv})
	if err != nil {
		t.Fatal(err)
	}
	roundTrip(t, plan)
	written, err := json.MarshalIndent(plan, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "full.json", string(written)+"\n")
	for _, section := range sections {
		known, later := keys(section)
		if len(known) == 0 {
			t.Errorf("the section %s has no keys", section)
		}
		for _, key := range known {
			if key != "addresses" && !strings.Contains(string(text), key+":") {
				t.Errorf("%s.%s does not occur in full.yaml", section, key)
			}
			if slices.Contains(later, key) {
				t.Errorf("%s.%s is both known and not supported yet", section, key)
			}
		}
	}
	addresses := mustParse(t, "a.yaml", "version: 1\ndatabase:\ncache: {engine: redis, addresses: [\"127.0.0.1:6379\", \"redis:6380\"]}\n")
	if got := addresses.Cache.Addresses; !slices.Equal(got, []string{"127.0.0.1:6379", "redis:6380"}) {
		t.Errorf("addresses: got %q", got)
	}
}

// TestDefaults asks what a file gets that says next to nothing.
func TestDefaults(t *testing.T) {
	plan := mustParse(t, "shop.yaml", `version: 1
web: {replicas: 2}
load_balancer: {health_check: {}, sticky_sessions: {}}
gateway: {auth: {jwt: {}}}
rate_limit: {rate: 100/s}
circuit_breakers: {payment: {}, weather: {}}
database: {}
cache: {}
cdn: {edges: [us, eu]}
third_parties: {payment: {}, weather: {}}
observability: {traces: {}}
`)
	written, err := json.MarshalIndent(plan, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "defaults.json", string(written)+"\n")
}

func TestSet(t *testing.T) {
	set := []string{
		"web.replicas=8", "machines.web.cores=4", "load_balancer.algorithm=random", "seed=9",
		"web.cpu={distribution: exponential, mean: 5ms}", `web.endpoints."GET /a.b".cpu=7ms`, "gateway.access_log=true",
		"third_parties.payment.declines=12.5%", "faults=[{at: 5s, part: web-2, do: kill}]", "faults.0.at=6s",
	}
	plan := preset(t, "04-load-balancer", set...)
	switch {
	case plan.Web.Replicas != 8, plan.Machines[0].Cores != 4, plan.LoadBalancer.Algorithm != "random", plan.Seed != 9,
		plan.Web.CPU != law("exponential:5ms"), plan.Web.Endpoints[0].Pattern != "GET /a.b",
		plan.Web.Endpoints[0].CPU != law("fixed:7ms"), !plan.Gateway.AccessLog, plan.Payment.Declines != 125_000,
		len(plan.Faults) != 1, plan.Faults[0].At.Seconds() != 6, plan.Faults[0].Spec.Part != "web-2":
		t.Errorf("got %+v", plan)
	}
	if plan := preset(t, "05-gateway", "gateway=null"); plan.Gateway != nil || plan.Door() != BalancerPart {
		t.Errorf("the gateway is still there: the door is %s", plan.Door())
	}
	// The machine that a change leaves without a part goes with it.
	if plan := preset(t, "02-separate-database", "database.machine=web"); len(plan.Machines) != 1 || len(plan.Hosts()) != 1 {
		t.Errorf("got machines %+v", plan.Machines)
	}
}
