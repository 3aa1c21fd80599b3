package profiles

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestGeneratorRules(t *testing.T) {
	for _, tt := range []struct {
		text string
		want Generator
	}{
		{"lag p99.9 < 250us", Generator{Lag: LagRule{0.999, 250 * time.Microsecond}}},
		{"lag max<1s", Generator{Lag: LagRule{1, time.Second}}},
		{"lag off", Generator{}},
		{"lag: p99 < 1us", Generator{Lag: LagRule{0.99, time.Microsecond}}},
		{"lag:p99<1us", Generator{Lag: LagRule{0.99, time.Microsecond}}},
		{"lag : off", Generator{}},
		{`cpu: "< 85%"`, Generator{CPU: 0.85}},
		{"sent_rate: '>= 99%'", Generator{SentRate: 0.99}},
		{"cpu < 85%", Generator{CPU: 0.85}},
		{"  cpu   <99.125% ", Generator{CPU: 0.99125}},
		{"cpu auto", Generator{CPU: AutoCPU}},
		{"cpu off", Generator{}},
		{"sent_rate >= 100%", Generator{SentRate: 1}},
		{"sent_rate off", Generator{}},
	} {
		var got Generator
		if err := got.Set(tt.text); err != nil || got != tt.want {
			t.Errorf("%q: got %+v, %v, want %+v", tt.text, got, err, tt.want)
		}
	}
}

// A rule that cannot be read changes nothing, and its error says how to write it.
func TestGeneratorRulesThatAreNone(t *testing.T) {
	for _, tt := range []struct{ text, hint string }{
		{"", "known here: lag, cpu, sent_rate"},
		{"lags p99 < 5ms", `did you mean "lag"?`},
		{"lag", "write p99 < 5ms, or off"},
		{"lag:", "write p99 < 5ms, or off"},
		{"lag: : off", "write p99 < 5ms, or off"},
		{"lags: off", `did you mean "lag"?`},
		{`cpu: "< 85%'`, `write "< 85%", auto or off`},
		{"lag < 5ms", "write p99 < 5ms, or off"},
		{"lag p100 < 5ms", "write p99 < 5ms, or off"},
		{"lag p99 <= 5ms", "write p99 < 5ms, or off"},
		{"lag p99 < 5", "write 5s or 5ms"},
		{"lag p99 < 0s", "write p99 < 5ms, or off"},
		{"lag p99 < 2h", "write p99 < 5ms, or off"},
		{"lag p99.1234 < 5ms", "write p99 < 5ms, or off"},
		{"cpu < 0%", `write "< 85%", auto or off`},
		{"cpu < 101%", `write "< 85%", auto or off`},
		{"cpu < 0.85", `write "< 85%", auto or off`},
		{"cpu > 85%", `write "< 85%", auto or off`},
		{"sent_rate auto", `write ">= 99%", or off`},
		{"sent_rate >= NaN%", `write ">= 99%", or off`},
	} {
		got := defaultGenerator()
		err := got.Set(tt.text)
		hinted, ok := err.(interface{ Hint() string })
		if !ok || hinted.Hint() != tt.hint || got != defaultGenerator() {
			t.Errorf("%q: got %v with %+v, want the hint %q", tt.text, err, got, tt.hint)
		}
	}
}

// Users of the closed model go as fast as they can, so that a busy CPU is no fault
// there unless somebody says so.
func TestCPULimitFollowsTheModel(t *testing.T) {
	for _, tt := range []struct {
		cpu      float64
		executor Executor
		want     float64
	}{
		{AutoCPU, ConstantArrivalRate, 0.85},
		{AutoCPU, RampingArrivalRate, 0.85},
		{AutoCPU, ConstantVUs, 0},
		{0.5, ConstantVUs, 0.5},
		{0, ConstantArrivalRate, 0},
	} {
		if got := (Generator{CPU: tt.cpu}).CPULimit(tt.executor); got != tt.want {
			t.Errorf("%v with %s: got %v, want %v", tt.cpu, tt.executor, got, tt.want)
		}
	}
}

// What is written parses to the same rules.
func TestGeneratorIsWritten(t *testing.T) {
	const head = "version: 1\ntarget: { base_url: 'http://h:1' }\nscenarios: { s: { steps: [ get: / ] } }\n" +
		"load: { executor: constant-vus, vus: 2, duration: 1s }\n"
	for _, rules := range []string{
		"{}", "{ lag: off, cpu: off, sent_rate: off }", `{ lag: p99.999 < 1.5ms, cpu: "< 33.3%", sent_rate: ">= 99.95%" }`,
		`{ lag: max < 1m, cpu: auto, sent_rate: ">= 100%" }`, `{ cpu: "< 0.001%" }`,
	} {
		first := mustParse(t, head+"generator: "+rules+"\n")
		again := mustParse(t, string(first.YAML()))
		if again.Generator != first.Generator {
			t.Errorf("%s: got %+v, want %+v, from\n%s", rules, again.Generator, first.Generator, first.YAML())
		}
		if err := compileSchema(t).Validate(decodeYAML(t, first.YAML())); err != nil {
			t.Errorf("%s: %v", rules, err)
		}
	}
}

func TestGeneratorOfNonsense(t *testing.T) {
	for _, g := range []Generator{
		{Lag: LagRule{0, time.Second}},
		{Lag: LagRule{math.NaN(), time.Second}},
		{Lag: LagRule{0.99, -1}},
		{CPU: -2},
		{CPU: math.NaN()},
		{SentRate: 1.5},
		{SentRate: math.Inf(1)},
	} {
		p := ForURL("http://h/")
		p.Generator = g
		if err := p.Validate(); err == nil || !strings.HasPrefix(err.Error(), "generator.") {
			t.Errorf("%+v: got %v", g, err)
		}
	}
}
