package profiles

import (
	"bytes"
	"maps"
	"slices"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

func TestBuiltins(t *testing.T) {
	for _, name := range BuiltinNames() {
		t.Run(name, func(t *testing.T) {
			text, ok := Builtin(name)
			if !ok {
				t.Fatal("not found")
			}
			p, err := Parse(name+".yaml", text, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if p.Name != name {
				t.Errorf("name: got %q, want %q", p.Name, name)
			}
			if got, want := p.Target.BaseURL, "http://127.0.0.1:8080"; got != want {
				t.Errorf("base URL: got %q, want %q", got, want)
			}
			again, err := Parse("again.yaml", text, Options{Lookup: env(map[string]string{"BASE_URL": "http://localhost:9"})})
			if err != nil {
				t.Fatal(err)
			}
			if got, want := again.Target.AllowHosts, []string{"localhost"}; !slices.Equal(got, want) {
				t.Errorf("hosts: got %q, want %q", got, want)
			}
		})
	}
	if text, ok := Builtin("../builtin/demo"); ok {
		t.Errorf("a path got %q", text)
	}
}

// TestDemoMix holds the numbers that the demo's story is built on: every arrival is one request, 40% of them orders.
func TestDemoMix(t *testing.T) {
	text, _ := Builtin("demo")
	p, err := Parse("demo.yaml", text, Options{})
	if err != nil {
		t.Fatal(err)
	}
	total, orders := 0.0, 0.0
	for _, s := range p.Scenarios {
		if len(s.Steps) != 1 {
			t.Errorf("scenario %s: got %d steps, want 1", s.Name, len(s.Steps))
		}
		total += s.Weight
		if s.Steps[0].Name == "checkout" {
			orders += s.Weight
		}
	}
	if got := orders / total; got != 0.4 {
		t.Errorf("share of orders: got %v, want 0.4", got)
	}
	if got := p.Load.Schedule(p.Seed).Count(); got != 6000 {
		t.Errorf("arrivals: got %d, want 6000", got)
	}
}

const designExample = `
version: 1
name: checkout
seed: 42
target:
  base_url: ${BASE_URL:-http://127.0.0.1:8080}
  allow_hosts: ["127.0.0.1", "localhost"]
  protocol: auto
  timeout: 5s
  connections: { max: 512, reuse: true }
  headers: { X-Tenant: acme }
success: { status: [2xx, 304], max_latency: 2s }
scenarios:
  browse:
    weight: 8
    steps:
      - get: /api/products?page=1
        name: list products
      - think: 500ms..2s
      - get: /api/products/7
        name: show product
  checkout:
    weight: 2
    steps:
      - post: /api/orders
        headers: { Authorization: "Bearer demo", Idempotency-Key: "abc" }
        json: { product: 7 }
load:
  executor: ramping-arrival-rate
  arrivals: poisson
  max_in_flight: 5000
  stages:
    - { duration: 30s, target: 200/s, warmup: true }
    - { duration: 2m, target: 1000/s, name: steady }
    - { duration: 30s, target: 3000/s, name: spike }
  drain: 10s
slos:
  - name: availability
    objective: success >= 95%
    also: [ under(300ms) >= 95%, p99 < 800ms ]
    select: { scenario: checkout }
    alerts:
      - name: dip
        when: success < 80% over 30s
        resolve: success >= 90% over 30s
        for: 5s
        keep_firing_for: 10s
        min_events: 50
        no_data: keep
        severity: page
        during: stage(steady)
        by: [endpoint]
        mute: [spike]
        notify: [chat]
        action: none
      - { name: budget, burn_rate: auto }
notify:
  chat: { type: slack, url: "${SLACK_WEBHOOK_URL:-https://hooks.slack.com/services/T0/B0/x}" }
  own: { type: webhook, url_file: hook.url, headers: { Authorization: "${HOOK_TOKEN:-secret}", X-Team: a } }
`

func TestSchemaAcceptsProfiles(t *testing.T) {
	compiled := compileSchema(t)
	texts := map[string][]byte{"design": []byte(designExample), "canonical": mustParse(t, designExample).YAML()}
	for _, name := range BuiltinNames() {
		texts[name], _ = Builtin(name)
	}
	for name, text := range texts {
		if err := compiled.Validate(decodeYAML(t, text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, text := range []string{"a: 1", "version: 2", designExample + "data: {}\n"} {
		if err := compiled.Validate(decodeYAML(t, []byte(text))); err == nil {
			t.Errorf("the schema accepts %q", text)
		}
	}
}

// TestSchemaHasTheParsersKeys keeps the two lists of keys the same.
func TestSchemaHasTheParsersKeys(t *testing.T) {
	var root map[string]any
	if err := yaml.Unmarshal(Schema(), &root); err != nil {
		t.Fatal(err)
	}
	sections := map[string]any{"profile": root}
	maps.Copy(sections, root["definitions"].(map[string]any))
	for name, section := range sections {
		properties := section.(map[string]any)["properties"].(map[string]any)
		got, want := slices.Sorted(maps.Keys(properties)), slices.Sorted(slices.Values(knownKeys(name)))
		if !slices.Equal(got, want) {
			t.Errorf("section %s: schema has %q, parser %q", name, got, want)
		}
		for key, property := range properties {
			p := property.(map[string]any)
			if p["description"] == nil && p["$ref"] == nil {
				t.Errorf("section %s: key %s has no description", name, key)
			}
		}
	}
	for _, name := range []string{"target", "connections", "dns", "tls", "success", "scenario", "step", "load", "stage", "slo", "alert", "select", "receiver", "generator"} {
		if sections[name] == nil {
			t.Errorf("the schema has no section %s", name)
		}
	}
}

func compileSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("profile.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("profile.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

func decodeYAML(t *testing.T, text []byte) any {
	t.Helper()
	var value map[string]any
	if err := yaml.Unmarshal(text, &value); err != nil {
		t.Fatal(err)
	}
	return value
}

func env(values map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, ok := values[name]
		return value, ok
	}
}

func mustParse(t *testing.T, text string) *Profile {
	t.Helper()
	p, err := Parse("test.yaml", []byte(text), Options{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}
