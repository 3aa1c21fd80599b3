package profiles

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestValidate changes a good profile, as flags do, and expects exactly one problem.
func TestValidate(t *testing.T) {
	stages := func(p *Profile, executor Executor, stages ...Stage) {
		p.Load.Executor, p.Load.Rate, p.Load.Duration, p.Load.Stages = executor, 0, 0, stages
	}
	tests := []struct {
		want   string
		change func(p *Profile)
	}{
		{"name: the name is empty", func(p *Profile) { p.Name = " " }},
		{"name: the name is longer than 80 characters", func(p *Profile) { p.Name = strings.Repeat("n", 81) }},
		{`missing "version"`, func(p *Profile) { p.Version = 0 }},
		{"target.base_url: the base URL holds a space", func(p *Profile) { p.Target.BaseURL = "http://h/a b" }},
		{`target.allow_hosts[0]: "http://h" is not a host`, func(p *Profile) { p.Target.AllowHosts = []string{"http://h", "h"} }},
		{`target.base_url: the host "h" is not in allow_hosts`, func(p *Profile) { p.Target.AllowHosts = []string{"i"} }},
		{"target.timeout: timeout is negative", func(p *Profile) { p.Target.Timeout = -1 }},
		{"target.timeout: timeout is longer than 1h", func(p *Profile) { p.Target.Timeout = 2 * time.Hour }},
		{"target.connections.max: the number of connections is negative", func(p *Profile) { p.Target.Connections.Max = -1 }},
		{"target.connections.max_requests_per_connection: the number of requests is negative", func(p *Profile) { p.Target.Connections.MaxRequests = -1 }},
		{"target.connections.idle_timeout: idle_timeout is negative", func(p *Profile) { p.Target.Connections.IdleTimeout = -1 }},
		{"target.connections.keep_alive: keep_alive is negative", func(p *Profile) { p.Target.Connections.KeepAlive = -1 }},
		{"target.connections.dns.ttl: ttl is negative", func(p *Profile) { p.Target.Connections.DNS.TTL = -2 }},
		{"target.connections.dns.family: unknown family", func(p *Profile) { p.Target.Connections.DNS.Family = "4" }},
		{"target.connections.proxy: proxy has no effect with unix", func(p *Profile) { p.Target.Connections.Unix, p.Target.Connections.Proxy = "/s", "http://p" }},
		{"target.connections.connect_to: connect_to does not hold behind a proxy", func(p *Profile) {
			p.Target.Connections.ConnectTo, p.Target.Connections.Proxy = []string{":::1"}, "http://p"
		}},
		{"target.protocol: protocol h3 is not supported yet", func(p *Profile) { p.Target.Protocol = "h3" }},
		{"target.protocol: h2 is agreed on within TLS", func(p *Profile) { p.Target.Protocol = "h2" }},
		{"target.client: unknown client", func(p *Profile) { p.Target.Client = "curl" }},
		{"target.tls.key: there is a key without a certificate", func(p *Profile) { p.Target.TLS.Key = "own.key" }},
		{`target.tls.min_version: "1.4" is not a version of TLS`, func(p *Profile) { p.Target.TLS.MinVersion = "1.4" }},
		{"target.tls.max_version: max_version 1.1 is below min_version 1.2", func(p *Profile) { p.Target.TLS.MaxVersion = "1.1" }},
		{`target.tls.server_name: "a b" is not the name of a host`, func(p *Profile) { p.Target.TLS.ServerName = "a b" }},
		{"target.redirects: redirects must be from 0 to 20", func(p *Profile) { p.Target.Redirects = 21 }},
		{"success.status: no status counts as a success", func(p *Profile) { p.Success.Status = nil }},
		{"success.status[0]: 300-200 is not a range", func(p *Profile) { p.Success.Status = []StatusRange{{300, 200}} }},
		{"success.max_latency: max_latency is negative", func(p *Profile) { p.Success.MaxLatency = -1 }},
		{"scenarios.default: two scenarios are named", func(p *Profile) { p.Scenarios = append(p.Scenarios, p.Scenarios[0]) }},
		{"scenarios.default.weight: the weight must be", func(p *Profile) { p.Scenarios[0].Weight = math.NaN() }},
		{"scenarios.default.steps[0].name: a request's name", func(p *Profile) { p.Scenarios[0].Steps[0].Name = "" }},
		{"scenarios.default.steps[0].get: the host", func(p *Profile) { p.Scenarios[0].Steps[0].URL = "http://other/" }},
		{"scenarios.default.steps[1].think: the pause is negative", func(p *Profile) { p.Scenarios[0].Steps = append(p.Scenarios[0].Steps, Step{Think: Think{Min: -1}}) }},
		{"scenarios.default.steps[1].think: the pause is longer", func(p *Profile) {
			p.Scenarios[0].Steps = append(p.Scenarios[0].Steps, Step{Think: Think{Max: 2 * time.Hour}})
		}},
		{"load.rate: the rate is negative", func(p *Profile) { p.Load.Rate = math.NaN() }},
		{"load.rate: the rate is larger", func(p *Profile) { p.Load.Rate = math.Inf(1) }},
		{"load.rate: at this rate nothing", func(p *Profile) { p.Load.Rate, p.Load.Arrivals = 0.01, Poisson }},
		{"load.warmup: the warm-up must be", func(p *Profile) { p.Load.Warmup = -1 }},
		{"load.requests: requests must be", func(p *Profile) { p.Load.Requests = -1 }},
		{"load.vus: there are too many users", func(p *Profile) { p.Load.Executor, p.Load.Rate, p.Load.VUs = ConstantVUs, 0, maxUsers+1 }},
		{"load.vus: the number of users is negative", func(p *Profile) { p.Load.Executor, p.Load.Rate, p.Load.VUs = ConstantVUs, 0, -1 }},
		{"load.stages[0].duration: a stage lasts", func(p *Profile) { stages(p, RampingVUs, Stage{Duration: -1, Target: 1}) }},
		{"load.stages: there are more than 1000", func(p *Profile) { stages(p, RampingVUs, make([]Stage, 1001)...) }},
		{"load.stages: the stages together last longer", func(p *Profile) {
			stages(p, RampingVUs, Stage{Duration: maxDuration, Target: 1}, Stage{Duration: 1, Target: 1})
		}},
		{"load.stages: the stages never ask", func(p *Profile) { stages(p, RampingVUs, Stage{Duration: 1}) }},
		{"slos[0].also[0]: the objective is empty", func(p *Profile) {
			p.SLOs = []SLO{{Name: "a", Objective: Expression{Text: "x"}, Also: []Expression{{}}, Verdict: "point"}}
		}},
		{"slos[0].select.colour: unknown label", func(p *Profile) {
			p.SLOs = []SLO{{Name: "a", Objective: Expression{Text: "x"}, Verdict: "point", Select: map[string]string{"colour": "red"}}}
		}},
	}
	for _, tt := range tests {
		p := ForURL("http://h/")
		tt.change(p)
		err := p.Validate()
		if err == nil {
			t.Errorf("want %q, got nothing", tt.want)
			continue
		}
		if got := strings.Split(err.Error(), "\n"); len(got) != 1 || !strings.HasPrefix(got[0], tt.want) {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

func TestHostsWithAndWithoutPorts(t *testing.T) {
	for _, tt := range []struct {
		url  string
		host []string
		ok   bool
	}{
		{"http://h:80/", []string{"h"}, true},
		{"http://h:80/", []string{"H:80"}, true},
		{"http://h:80/", []string{"h:81"}, false},
		{"http://[::1]:80/", []string{"::1"}, true},
		{"http://[::1]:80/", []string{"[::1]:80"}, true},
		{"http://h.evil/", []string{"h"}, false},
		{"http://h@evil/", []string{"h"}, false},
	} {
		p := ForURL(tt.url)
		p.Target.AllowHosts = tt.host
		if err := p.Validate(); (err == nil) != tt.ok {
			t.Errorf("%s with %q: got %v", tt.url, tt.host, err)
		}
	}
}

// TestScheduleOfNonsense asks that no load, valid or not, ends the program.
func TestScheduleOfNonsense(t *testing.T) {
	for _, level := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), -1} {
		l := ramp(level, Stage{Duration: -time.Hour, Target: level}, Stage{Duration: time.Millisecond, Target: level}, Stage{Duration: math.MaxInt64, Target: 0})
		s := l.Schedule(1)
		if got := s.Count(); got < 0 {
			t.Errorf("%v: got %d arrivals", level, got)
		}
		for at := range s.Arrivals() {
			if at < -time.Hour {
				t.Errorf("%v: got an arrival at %v", level, at)
			}
			break
		}
	}
}

func TestKeysNeedNotBeText(t *testing.T) {
	p := mustParse(t, designExample[:strings.Index(designExample, "scenarios:")]+
		"scenarios: { 1: { steps: [ get: / ] }, true: { steps: [ get: / ] }, 2.50: { steps: [ get: / ] } }\n"+
		"load: { executor: constant-vus, vus: 1, duration: 1s }\n")
	var got []string
	for _, s := range p.Scenarios {
		got = append(got, s.Name)
	}
	if want := []string{"1", "true", "2.50"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
