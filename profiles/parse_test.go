package profiles

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/floodmark/floodmark/profiles/document"
)

func ExampleParse() {
	text := []byte(`version: 1
target: { base_url: "http://127.0.0.1:8080" }
scenarios:
  home: { steps: [ { get: / } ] }
load:
  executor: constant-arrival-rate
  rate: 500/s
  duratoin: 30s
`)
	_, err := Parse("home.yaml", text, Options{})
	fmt.Println(err)
	// Output:
	// home.yaml:8:3: unknown key "duratoin"
	//     8 |   duratoin: 30s
	//       |   ^ did you mean "duration"?
}

// rich uses every key, some variables and all kinds of secrets.
const rich = `version: 1
name: ${NAME:-rich}
seed: 18446744073709551615
target:
  base_url: http://user:hunter2@127.0.0.1:${PORT}/v1
  allow_hosts: [127.0.0.1, "localhost"]
  protocol: h1
  timeout: ${TIMEOUT}
  connections: { max: 9, reuse: false }
  headers:
    X-Tenant: acme
    Authorization: Bearer ${API_TOKEN}
  redirects: 3
success: { status: [2xx, 304, 400-404], max_latency: 1.5s }
scenarios:
  one two:
    weight: 0.5
    steps:
      - get: /a?token=querysecret
        headers: &shared { X-A: "1", Cookie: "session=abcdef" }
      - think: 500ms..2s
      - think: 1s
      - post: http://localhost:9/x/y?q=1
        headers: { <<: *shared, X-A: two }
        json:
          b: [1, 2.50, "3", null, true, 0x10]
          a:
            password: "pw\"d"
            n: "${N}"
            m: ${N}
          "": ~
      - put: /p
        name: put $$5
        headers: { content-type: text/plain }
        json: 1
      - patch: /p
        body: |
          line one
            line two
      - delete: /p
      - head: /p
  off:
    weight: 0
    steps: [ { get: /off } ]
load:
  executor: ramping-arrival-rate
  arrivals: poisson
  pacing: economical
  start: 10/s
  max_in_flight: 7
  requests: 1000
  drain: 1m
  stages:
    - { duration: 10s, target: 1.2k/s, warmup: true }
    - { duration: 0s, target: 6000/m, name: jump }
    - { duration: 1h30m, target: 100/s, name: hold }
slos:
  - objective: success >= ${MIN:-95%}
  - name: fast
    objective: p99 < 500ms
    also: [ "under(300ms) >= 95%" ]
    select: { scenario: one two, endpoint: POST /x/y, method: POST, stage: hold }
    verdict: point
generator: { lag: max<50ms, cpu: "< ${CPU:-92.5}%", sent_rate: off }
`

func richEnv() func(string) (string, bool) {
	return env(map[string]string{"PORT": "8080", "TIMEOUT": "2s", "API_TOKEN": "t0p: secret", "N": "12", "NAME": ""})
}

func TestParseRich(t *testing.T) {
	got, err := Parse("rich.yaml", []byte(rich), Options{Lookup: richEnv()})
	if err != nil {
		t.Fatal(err)
	}
	want := wantRich()
	got.Secrets = nil
	clearPositions(got)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func wantRich() *Profile {
	cookie := Header{"Cookie", "session=abcdef"}
	return &Profile{
		Version: 1, Name: "rich", Seed: 18446744073709551615,
		Target: Target{
			BaseURL: "http://user:hunter2@127.0.0.1:8080/v1", AllowHosts: []string{"127.0.0.1", "localhost"},
			Protocol: "h1", Client: "auto", Timeout: 2 * time.Second, Redirects: 3,
			Connections: Connections{Max: 9, PerUser: true, NoDelay: true, DNS: DNS{TTL: 30 * time.Second, Family: "any"}},
			TLS:         TLS{Verify: true, MinVersion: "1.2", Resumption: true},
			Headers:     []Header{{"X-Tenant", "acme"}, {"Authorization", "Bearer t0p: secret"}},
		},
		Success: Success{[]StatusRange{{200, 299}, {304, 304}, {400, 404}}, 1500 * time.Millisecond},
		Scenarios: []Scenario{
			{"one two", 0.5, []Step{
				{Name: "GET /a", Method: "GET", URL: "/a?token=querysecret", Headers: []Header{{"X-A", "1"}, cookie}},
				{Think: Think{500 * time.Millisecond, 2 * time.Second}},
				{Think: Think{time.Second, time.Second}},
				{
					Name: "POST /x/y", Method: "POST", URL: "http://localhost:9/x/y?q=1",
					Headers: []Header{{"X-A", "two"}, cookie, {"Content-Type", "application/json"}},
					Body:    []byte(`{"b":[1,2.50,"3",null,true,16],"a":{"password":"pw\"d","n":"12","m":12},"":null}`),
				},
				{Name: "put $5", Method: "PUT", URL: "/p", Headers: []Header{{"content-type", "text/plain"}}, Body: []byte("1")},
				{Name: "PATCH /p", Method: "PATCH", URL: "/p", Body: []byte("line one\n  line two\n")},
				{Name: "DELETE /p", Method: "DELETE", URL: "/p"},
				{Name: "HEAD /p", Method: "HEAD", URL: "/p"},
			}},
			{"off", 0, []Step{{Name: "GET /off", Method: "GET", URL: "/off"}}},
		},
		Load: Load{
			Executor: RampingArrivalRate, Arrivals: Poisson, Pacing: Economical, Start: 10, MaxInFlight: 7, Requests: 1000, Drain: time.Minute,
			Stages: []Stage{
				{"", 10 * time.Second, 1200, true},
				{"jump", 0, 100, false},
				{"hold", 90 * time.Minute, 100, false},
			},
		},
		SLOs: []SLO{
			{Name: "success >= 95%", Objective: Expression{Text: "success >= 95%"}, Verdict: "confidence"},
			{
				Name: "fast", Objective: Expression{Text: "p99 < 500ms"}, Also: []Expression{{Text: "under(300ms) >= 95%"}}, Verdict: "point",
				Select: map[string]string{"scenario": "one two", "endpoint": "POST /x/y", "method": "POST", "stage": "hold"},
			},
		},
		Generator: Generator{Lag: LagRule{1, 50 * time.Millisecond}, CPU: 0.925},
	}
}

// clearPositions makes profiles comparable that stood differently in their files, and took secrets from elsewhere.
func clearPositions(p *Profile) {
	for i := range p.SLOs {
		p.SLOs[i].Objective.Position = Position{}
		for j := range p.SLOs[i].Also {
			p.SLOs[i].Also[j].Position = Position{}
		}
		for j := range p.SLOs[i].Alerts {
			p.SLOs[i].Alerts[j].When.Position, p.SLOs[i].Alerts[j].Resolve.Position = Position{}, Position{}
		}
	}
	for i := range p.Notify {
		for _, secret := range p.Notify[i].Secrets() {
			secret.Value, secret.Raw = "", ""
		}
	}
}

func TestDefaults(t *testing.T) {
	p := mustParse(t, "version: 1\ntarget: { base_url: 'http://h:1' }\nscenarios: { s: { steps: [ get: / ] } }\n"+
		"load: { executor: constant-vus, vus: 2, duration: 1s }\n")
	want := defaultProfile()
	want.Name, want.Target.BaseURL, want.Target.AllowHosts = "test", "http://h:1", []string{"h"}
	want.Scenarios = []Scenario{{"s", 1, []Step{{Name: "GET /", Method: "GET", URL: "/"}}}}
	want.Load.Executor, want.Load.VUs, want.Load.Duration = ConstantVUs, 2, time.Second
	want.Secrets = p.Secrets
	if !reflect.DeepEqual(p, want) {
		t.Errorf("got  %+v\nwant %+v", p, want)
	}
}

func TestForURL(t *testing.T) {
	p := ForURL("https://example.com:8443/a/b?c=d")
	if err := p.Validate(); err != nil {
		t.Fatal(err)
	}
	step := p.Scenarios[0].Steps[0]
	if p.Target.BaseURL != "https://example.com:8443" || step.URL != "/a/b?c=d" || step.Name != "GET /a/b" {
		t.Errorf("got %q, %q, %q", p.Target.BaseURL, step.URL, step.Name)
	}
	if got := p.Load.Schedule(p.Seed).Count(); got != 500 {
		t.Errorf("arrivals: got %d, want 500", got)
	}
	for _, bad := range []string{"", "localhost:8080", "ftp://h/", "://", "http://", "/path"} {
		if err := ForURL(bad).Validate(); err == nil {
			t.Errorf("%q: want an error", bad)
		}
	}
}

func TestValidateJoinsAllProblems(t *testing.T) {
	p := ForURL("http://h/")
	p.Load.Rate, p.Load.VUs, p.Target.Timeout = -1, 3, 0
	err := p.Validate()
	if err == nil {
		t.Fatal("want an error")
	}
	want := []string{
		"target.timeout: timeout must be more than 0s",
		`load.vus: constant-arrival-rate has no use for "vus" (it counts arrivals: write rate)`,
		"load.rate: the rate is negative (a rate is 0/s or more)",
	}
	if got := strings.Split(err.Error(), "\n"); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

type expressionError struct{ offset int }

func (e expressionError) Error() string { return "expected a limit" }
func (e expressionError) Offset() int   { return e.offset }
func (e expressionError) Hint() string  { return "write p99 < 250ms" }

func TestExpressionFaultsHaveTheirPlace(t *testing.T) {
	base := designExample[:strings.Index(designExample, "    objective:")]
	check := func(text string) error {
		return expressionError{strings.Index(text, "250")}
	}
	for line, column := range map[string]int{
		"    objective: p99 < 250":                 22,
		`    objective: "p99 < 250"`:               23,
		`    objective: ' p99 < 250'`:              24,
		"    objective: été < 250":                 22,
		"    objective: ${X:-p99 < 250}":           16, // what it expands to is not in the file
		"    objective: >-\n      p99\n      <250": 16,
	} {
		_, err := Parse("e.yaml", []byte(base+line+"\n"), Options{CheckExpression: check})
		var fault Fault
		if !errors.As(err, &fault) {
			t.Fatalf("%s: got %v", line, err)
		}
		if fault.Column != column || fault.Hint != "write p99 < 250ms" || fault.Message != "expected a limit" {
			t.Errorf("%s: got column %d, hint %q, %q; want %d", line, fault.Column, fault.Hint, fault.Message, column)
		}
	}
}

func TestFaultsUnwrap(t *testing.T) {
	_, err := Parse("two.yaml", []byte("a: 1\nb: 2\n"), Options{})
	var faults Faults
	if !errors.As(err, &faults) {
		t.Fatalf("got %T", err)
	}
	if got := faults.Unwrap(); len(got) != len(faults) || !errors.Is(err, faults[0]) {
		t.Errorf("got %d errors, want %d", len(got), len(faults))
	}
}

func TestUnits(t *testing.T) {
	rates := map[string]float64{"500/s": 500, "30000/m": 500, "3600/h": 1, "1.2k/s": 1200, "2M/s": 2e6, "0/s": 0, "0.5/s": 0.5}
	for text, want := range rates {
		if got, err := ParseRate(text); err != nil || got != want {
			t.Errorf("%s: got %v, %v; want %v", text, got, err, want)
		}
	}
	for text, hint := range map[string]string{
		"500": "write 500/s", "500rps": "write 500/s", "2m/s": "a million is M: 2M/s", "-5/s": "a rate is 0/s or more",
		"5/d": "write it like 500/s, 30000/m or 1.2k/s", "1e3/s": "write it like 500/s, 30000/m or 1.2k/s",
		strings.Repeat("9", 400) + "/s": "at most 10M/s", "": "write it like 500/s, 30000/m or 1.2k/s",
	} {
		_, err := ParseRate(text)
		var hinted interface{ Hint() string }
		if !errors.As(err, &hinted) || hinted.Hint() != hint {
			t.Errorf("%q: got %v, want the hint %q", text, err, hint)
		}
	}
	for text, want := range map[string]time.Duration{"250us": 250 * time.Microsecond, "1h30m": 90 * time.Minute, "0s": 0, "1.5s": 1500 * time.Millisecond} {
		if got, err := document.ParseDuration(text); err != nil || got != want {
			t.Errorf("%s: got %v, %v; want %v", text, got, err, want)
		}
		if again, err := document.ParseDuration(FormatDuration(want)); err != nil || again != want {
			t.Errorf("%s: written as %s", text, FormatDuration(want))
		}
	}
	for _, text := range []string{"30", "0", "1d", "-5s", "+5s", "", "s", "5 s", "1y"} {
		if got, err := document.ParseDuration(text); err == nil {
			t.Errorf("%q: got %v, want an error", text, got)
		}
	}
	if got, err := ParseStage("30s:500/s"); err != nil || got != (Stage{Duration: 30 * time.Second, Target: 500}) {
		t.Errorf("stage: got %v, %v", got, err)
	}
	for _, text := range []string{"30s", "30:500/s", "30s:500", ":", ""} {
		if _, err := ParseStage(text); err == nil {
			t.Errorf("stage %q: want an error", text)
		}
	}
}
