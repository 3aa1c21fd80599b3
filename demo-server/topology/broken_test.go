package topology

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/floodmark/floodmark/profiles/document"
)

// broken are topologies with something wrong, after "version: 1" where that is not said.
var broken = []struct{ name, text string }{
	{"no version", "name: x\n"},
	{"another version", "version: 2\n"},
	{"an unknown key", "web: {replica: 4}\n"},
	{"an unknown part", "loadbalancer: {}\n"},
	{"a duplicate key", "web: {replicas: 1}\nweb: {replicas: 2}\n"},
	{"what is not there yet", "data_centers: {}\ngeo_dns: {}\ndiscovery: {}\nqueue: {}\nruntime: external\n" +
		"orchestrator: {autoscale: {}, rolling_update: {}}\ndatabase: {engine: postgres, replicas: 2, replication: {}, failover: {}, sharding: {}}\n" +
		"cache: {engine: nats}\nweb: {endpoints: {GET /q: {calls: [queue]}}}\nfaults: [{at: 1s, data_center: eu, do: cut}]\n"},
	{"a word that is none", "load_balancer: {algorithm: least_conections}\nclock: exact\nweb: {state: stateles}\n"},
	{"a unit that is missing", "web: {cpu: 10}\n"},
	{"a law without its mean", "web: {cpu: {distribution: exponential}}\n"},
	{"a law that takes less", "web: {cpu: {distribution: exponential, mean: 10ms, p99: 20ms}}\n"},
	{"a law that needs more", "web: {cpu: {distribution: lognormal, mean: 10ms}}\n"},
	{"a law that cannot be", "web: {cpu: {distribution: lognormal, mean: 10ms, p99: 5ms}}\ndatabase: {read: 0s}\n"},
	{"an unknown law", "web: {cpu: {distribution: exponentail, mean: 10ms}}\n"},
	{"an unknown machine", "machines: {app: {}}\nweb: {machine: ap}\n"},
	{"a machine that nobody uses", "machines: {web: {}, db: {}}\n"},
	{"machines out of range", "machines: {web: {cores: 0, queue: -1, speed: 0, contention: {sigma: 2, kappa: -1}}}\n"},
	{"a machine's name", "machines: {Web 1: {}}\nweb: {machine: Web 1}\n"},
	{"a machine named as a node", "machines: {cache: {}}\nweb: {machine: cache}\ndatabase:\ncache: {nodes: 1}\n"},
	{"replicas alone", "web: {replicas: 4}\n"},
	{"too many replicas", "web: {replicas: 65}\nload_balancer: {}\n"},
	{"an override of nobody", "web: {overrides: {web-2: {speed: 0.5, weight: 300}}}\n"},
	{"no endpoint", "web: {endpoints: {api/x: {}, \"get /x\": {}}}\n"},
	{"endpoints for the same", "web: {endpoints: {\"GET /api/products/{name}\": {}}}\n"},
	{"calls of nothing", "web: {endpoints: {GET /a: {calls: [cache, database.reed, payment, weather]}}}\n"},
	{"calls of the shop's own", "web: {endpoints: {GET /api/products: {calls: [database.read]}}}\ndatabase:\n"},
	{"layer 4", "load_balancer: {layer: 4, retries: 1, sticky_sessions: {}, algorithm: resource_based}\n"},
	{"layer 5", "load_balancer: {layer: 5}\n"},
	{"a balancer out of range", "load_balancer: {retries: 4, retry_budget: 20, slow_start: 2h}\n"},
	{"a health check", "load_balancer: {health_check: {path: healthz, interval: 100ms, timeout: 1s, unhealthy_after: 0, passive: 0}}\n"},
	{"a cookie", "load_balancer: {sticky_sessions: {cookie: \"a b\"}}\n"},
	{"a secret too short", "gateway: {auth: {jwt: {secret: \"${SHORT_SECRET}\"}}}\n"},
	{"a secret of RS256", "gateway: {auth: {jwt: {algorithm: RS256, secret: \"${SHORT_SECRET}\"}}}\n"},
	{"the same key twice", "gateway: {auth: {api_keys: [demo, demo]}}\n"},
	{"public without auth", "gateway: {public: [GET /]}\n"},
	{"scopes without tokens", "gateway: {auth: {api_keys: [demo]}, scopes: {GET /a: read}}\n"},
	{"routes", "gateway: {cache: {POST /a: 1s, /b: 1s, GET /c: 0s}}\n"},
	{"headers", "gateway: {transform: {set_headers: {\"X A\": b}, remove_headers: [\"a:b\"], remove_fields: [\"\"]}}\n"},
	{"no rate", "rate_limit: {per: global}\n"},
	{"a rate without a time", "rate_limit: {rate: 100}\n"},
	{"a limit of users nobody knows", "rate_limit: {rate: 100/s, per: user}\n"},
	{"a limit of users without auth", "gateway:\nrate_limit: {rate: 100/s, per: user}\n"},
	{"a bucket without tokens", "rate_limit: {rate: 100/s, per: ip, burst: -1, redis: localhost}\n"},
	{"a breaker of nothing", "circuit_breakers: {payment: {}}\n"},
	{"a fallback of another", "third_parties: {payment: {}}\ncircuit_breakers: {payment: {fallback: stale, failure_threshold: 0}}\n"},
	{"a cache of nothing", "cache: {}\n"},
	{"a cache nowhere", "database:\ncache: {capacity: 0, machine: web, ttl: 0s}\n"},
	{"a cache's engine", "database:\ncache: {engine: redis, nodes: 2}\n"},
	{"addresses of nobody", "database:\ncache: {addresses: [redis]}\n"},
	{"addresses without quotes", "database:\ncache: {engine: redis, addresses: [127.0.0.1:6379]}\n"},
	{"a pool", "database: {pool: {max: 0, max_wait: 2h}}\n"},
	{"no edges", "cdn: {ttl: 1s}\n"},
	{"edges", "cdn: {edges: {US: {}, eu: {clients: 127.0.0.0/24}, ap: {clients: 127.0.0.1/24}, af: {clients: x}}}\n"},
	{"shares", "third_parties: {payment: {declines: 12.5}, weather: {quota: 60}}\n"},
	{"a page", "observability: {metrics: 9464, logs: text}\n"},
	{"a backoff", "orchestrator: {restart: {backoff: 0s}}\n"},
	{"a fault of nothing", "faults: [{at: 1s, part: web}]\n"},
	{"a fault nowhere", "faults: [{at: 1s, errors: 5%}]\n"},
	{"a fault of an unknown part", "faults: [{at: 1s, part: wbe, errors: 5%}]\n"},
	{"a fault of an unknown link", "database:\nfaults: [{at: 1s, link: web-databse, latency: 5ms}]\n"},
	{"an unknown fault", "faults: [{at: 1s, part: web, do: kil}]\n"},
	{"a fault's share", "faults: [{at: 1s, part: web, errors: 5}]\n"},
	{"a fault's time", "faults: [{at: 48h, part: web, errors: 5%}, {at: 5, part: web, errors: 5%}]\n"},
	{"a list", "web: [a]\nfaults: {at: 1s}\n"},
	{"a variable", "name: ${NOBODY}\nweb: {replicas: \"${WORD}\"}\n"},
	{"a tab", "web:\n\treplicas: 1\n"},
	{"nothing", "version:\n"},
	{"two documents", "name: a\n---\nname: b\n"},
}

func brokenEnv(name string) string {
	return map[string]string{"SHORT_SECRET": "hunter2-hunter2", "WORD": "many"}[name]
}

// TestFaults shows what is said of each: a golden file for eyes.
func TestFaults(t *testing.T) {
	var all strings.Builder
	for _, tt := range broken {
		text := tt.text
		if !strings.Contains(text, "version:") && tt.name != "no version" {
			text = "version: 1\n" + text
		}
		_, err := Parse("shop.yaml", []byte(text), Options{Env: brokenEnv})
		if err == nil {
			t.Errorf("%s: no fault", tt.name)
			continue
		}
		fmt.Fprintf(&all, "== %s\n%v\n", tt.name, err)
	}
	golden(t, "faults.golden", all.String())
	if strings.Contains(all.String(), "hunter2") {
		t.Error("a secret is shown")
	}
}

func TestFaultsOfSet(t *testing.T) {
	text, _ := Preset("04")
	var all strings.Builder
	for _, set := range []string{
		"web.replica=8", "web.replicas=many", "web.replicas", "web.replicas=", "=8", "web.replicas.x=8", "machines.wbe.cores=4",
		"load_balancer=null", "web.cpu={distribution: exponential", "faults=[{at: 1s, part: wbe, do: kill}]",
		"gateway.auth.jwt.secret=hunter2", "gateway={auth: {jwt: {secret: hunter2-hunter2}}}", "web..x=1", "version=2",
	} {
		_, err := Parse("04.yaml", text, Options{Set: []string{set}})
		if _, ok := errors.AsType[document.Faults](err); !ok {
			t.Errorf("--set %s: got %v", set, err)
			continue
		}
		fmt.Fprintf(&all, "== %s\n%v\n", strings.ReplaceAll(set, "hunter2", "(secret)"), err)
	}
	golden(t, "set.golden", all.String())
	if strings.Contains(all.String(), "hunter2") {
		t.Error("a secret is shown")
	}
	_, err := Parse("04.yaml", text, Options{Set: []string{"web.replica=8"}})
	if want := `--set web.replica=8: unknown key "replica" (did you mean "replicas"?)`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
