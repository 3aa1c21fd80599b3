package slo

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/floodmark/floodmark/measure"
)

func TestParse(t *testing.T) {
	checkout := []Matcher{{"scenario", "=", "checkout"}}
	for _, tt := range []struct {
		text      string
		canonical string
		want      Expression
	}{
		{"success >= 95%", "success >= 95%", Expression{Metric: metricSuccess, Compare: ">=", Limit: 0.95}},
		{"success>=0.95", "success >= 95%", Expression{Metric: metricSuccess, Compare: ">=", Limit: 0.95}},
		{"success >= 1.0", "success >= 100%", Expression{Metric: metricSuccess, Compare: ">=", Limit: 1}},
		{" success\t> 99.99%  ", "success > 99.99%", Expression{Metric: metricSuccess, Compare: ">", Limit: 0.9999}},
		{"errors < 0.001%", "errors < 0.001%", Expression{Metric: metricErrors, Compare: "<", Limit: 0.00001}},
		{"errors <= 0%", "errors <= 0%", Expression{Metric: metricErrors, Compare: "<=", Limit: 0}},
		{"errors < .5%", "errors < 0.5%", Expression{Metric: metricErrors, Compare: "<", Limit: 0.005}},
		{
			"under(300ms)>=95%", "under(300ms) >= 95%",
			Expression{Metric: metricUnder, Threshold: 300 * time.Millisecond, Compare: ">=", Limit: 0.95},
		},
		{
			"under( 90s ) >= 50%", "under(1m30s) >= 50%",
			Expression{Metric: metricUnder, Threshold: 90 * time.Second, Compare: ">=", Limit: 0.5},
		},
		{"p99<250ms", "p99 < 250ms", Expression{Metric: metricQuantile, Quantile: 0.99, Compare: "<", Limit: 0.25}},
		{"p(95)<300ms", "p95 < 300ms", Expression{Metric: metricQuantile, Quantile: 0.95, Compare: "<", Limit: 0.3}},
		{"p( 99.9 ) <= 1.5s", "p99.9 <= 1.5s", Expression{Metric: metricQuantile, Quantile: 0.999, Compare: "<=", Limit: 1.5}},
		{"p0.5<500us", "p0.5 < 500µs", Expression{Metric: metricQuantile, Quantile: 0.005, Compare: "<", Limit: 0.0005}},
		{
			"service_p50 < 20ms", "service_p50 < 20ms",
			Expression{Metric: metricQuantile, Clock: measure.Service, Quantile: 0.5, Compare: "<", Limit: 0.02},
		},
		{
			"lag_p(99) < 10ms", "lag_p99 < 10ms",
			Expression{Metric: metricQuantile, Clock: measure.Lag, Quantile: 0.99, Compare: "<", Limit: 0.01},
		},
		{"max < 1h", "max < 1h", Expression{Metric: metricMax, Compare: "<", Limit: 3600}},
		{"mean < 60s", "mean < 1m", Expression{Metric: metricMean, Compare: "<", Limit: 60}},
		{"rps >= 500", "rps >= 500/s", Expression{Metric: metricRate, Compare: ">=", Limit: 500}},
		{"rps>=0.5/s", "rps >= 0.5/s", Expression{Metric: metricRate, Compare: ">=", Limit: 0.5}},
		{"achieved >= 98%", "achieved >= 98%", Expression{Metric: metricAchieved, Compare: ">=", Limit: 0.98}},
		{"count >= 1000", "count >= 1000", Expression{Metric: metricCount, Compare: ">=", Limit: 1000}},
		{"budget_used <= 150%", "budget_used <= 150%", Expression{Metric: metricBudget, Compare: "<=", Limit: 1.5}},
		{"burn <= 14.4", "burn <= 14.4", Expression{Metric: metricBurn, Compare: "<=", Limit: 14.4}},
		{"{} count > 1", "count > 1", Expression{Metric: metricCount, Compare: ">", Limit: 1}},
		{
			"{scenario=checkout} success >= 95%", `{scenario="checkout"} success >= 95%`,
			Expression{Select: checkout, Metric: metricSuccess, Compare: ">=", Limit: 0.95},
		},
		{
			`{ endpoint != "show \"it\"", stage=~a|b ,method!~"\d\\w" }max<1s`,
			`{endpoint!="show \"it\"", stage=~"a|b", method!~"\\d\\w"} max < 1s`,
			Expression{
				Select: []Matcher{{"endpoint", "!=", `show "it"`}, {"stage", "=~", "a|b"}, {"method", "!~", `\d\w`}},
				Metric: metricMax, Compare: "<", Limit: 1,
			},
		},
	} {
		got, err := Parse(tt.text)
		if err != nil {
			t.Errorf("Parse(%q): %v", tt.text, err)
			continue
		}
		if !reflect.DeepEqual(got, tt.want) {
			t.Errorf("Parse(%q)\ngot  %#v\nwant %#v", tt.text, got, tt.want)
		}
		if got.String() != tt.canonical {
			t.Errorf("Parse(%q) is spelled %q, want %q", tt.text, got, tt.canonical)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for _, tt := range []struct{ text, message, hint string }{
		{"", "column 1: an empty expression", "write for example success >= 95%"},
		{"  ", "column 1: an empty expression", "write for example success >= 95%"},
		{"p95 < 300", "column 7: a duration needs a unit, got 300", "did you mean 300ms?"},
		{"mean < 0.3", "column 8: a duration needs a unit, got 0.3", "did you mean 0.3s?"},
		{"under(300) > 95%", "column 7: a duration needs a unit, got 300", "did you mean 300ms?"},
		{"under() > 95%", "column 7: under which duration?", "write for example under(300ms) >= 95%"},
		{"under > 95%", "column 6: under which duration?", "write for example under(300ms) >= 95%"},
		{"under(3s > 95%", "column 6: the parenthesis is not closed", "write for example under(300ms) >= 95%"},
		{"p99 < 300 ms", "column 7: a duration needs a unit, got 300", "did you mean 300ms?"},
		{"p99 < 3x", `column 7: expected a duration, got "3x"`, "write for example 300ms or 1.5s"},
		{"p99 < 95%", `column 7: expected a duration, got "95%"`, "write for example 300ms or 1.5s"},
		{"p99 < 0s", "column 7: a duration must be above 0", "write for example 300ms"},
		{"p99 < 61m", "column 7: 61m is longer than can be measured", "use at most 1h"},
		{"success >= 95", "column 12: success is a ratio, and 95 is above 1", "did you mean 95%?"},
		{"success >= 95 %", "column 12: success is a ratio, and 95 is above 1", "did you mean 95%?"},
		{"success >= 0.95 %", "column 17: a space between a number and its unit", "write success >= 0.95%"},
		{"errors < 1", "column 10: 1 may mean 1% or 100%", "write 1% or 100%"},
		{"success >= 101%", "column 12: a percentage lies between 0 and 100, got 101%", "write for example success >= 95%"},
		{"success >= -5%", "column 12: a limit cannot be negative", "write for example success >= 95%"},
		{"success >= 9.5.1%", `column 12: success is a ratio, got "9.5.1%"`, "write a percentage such as 95%"},
		{"success >= 300ms", `column 12: success is a ratio, got "300ms"`, "write a percentage such as 95%"},
		{"success >= high", `column 12: expected a value, got "high"`, "write for example success >= 95%"},
		{"success >=", "column 11: a value is missing after >=", "write for example success >= 95%"},
		{"errors <", "column 9: a value is missing after <", "write for example errors < 1%"},
		{"budget_used <", "column 14: a value is missing after <", "write for example budget_used <= 100%"},
		{"rps >=", "column 7: a value is missing after >=", "write for example rps >= 500/s"},
		{"count >=", "column 9: a value is missing after >=", "write for example count >= 1000"},
		{"burn <=", "column 8: a value is missing after <=", "write for example burn <= 2"},
		{"lag_p99 <", "column 10: a value is missing after <", "write for example lag_p99 < 10ms"},
		{"burn < 3%", `column 8: burn is a factor, got "3%"`, "write for example burn <= 2"},
		{"rps > 5/m", `column 7: rps is requests per second, got "5/m"`, "write for example 500/s"},
		{"count > 5k", `column 9: count is a number of requests, got "5k"`, "write for example 1000"},
		{"count > 5.5", "column 9: count is a number of requests, got 5.5", "write a whole number"},
		{"p95", "column 4: a comparison is missing after p95", "write for example p95 < 300ms"},
		{"p95 300ms", "column 5: a comparison is missing after p95", "write for example p95 < 300ms"},
		{"p95{scenario:x} < 1s", "column 4: a selector stands before the metric", "write {…} p95, the selector first"},
		{"p95 == 300ms", "column 5: == makes no sense: a measured value is hardly ever equal", "use <, <=, > or >="},
		{"p95 = 300ms", "column 5: = makes no sense: a measured value is hardly ever equal", "use <, <=, > or >="},
		{"p95 != 300ms", "column 5: != makes no sense: a measured value is hardly ever equal", "use <, <=, > or >="},
		{"p95 ≤ 300ms", "column 5: unknown comparison ≤", "write <="},
		{"success => 95%", "column 9: unknown comparison =>", "write >="},
		{"success <> 95%", "column 9: unknown comparison <>", "use <, <=, > or >="},
		{"succss >= 95%", `column 1: unknown metric "succss"`, "did you mean success?"},
		{"succeeds >= 95%", `column 1: unknown metric "succeeds"`, "did you mean success?"},
		{"P95 < 3ms", `column 1: unknown metric "P95"`, "did you mean p95?"},
		{"p95x < 3ms", `column 1: unknown metric "p95x"`, "did you mean p95?"},
		{"avg < 3ms", `column 1: unknown metric "avg"`, "did you mean mean?"},
		{"med < 3ms", `column 1: unknown metric "med"`, "did you mean p50?"},
		{"rate > 0.9", `column 1: unknown metric "rate"`, "did you mean success?"},
		{"http_req_failed < 0.1", `column 1: unknown metric "http_req_failed"`, "did you mean errors?"},
		{"latency < 3ms", `column 1: unknown metric "latency"`, "did you mean p95?"},
		{"qps > 3", `column 1: unknown metric "qps"`, "did you mean rps?"},
		{
			"happiness > 3", `column 1: unknown metric "happiness"`,
			"metrics are success, errors, under(300ms), p99, service_p99, lag_p99, max, mean, rps, achieved, count, budget_used, burn",
		},
		{"> 95%", `column 1: expected a metric, got "> 95%"`, "write for example success >= 95%"},
		{"p < 3ms", "column 2: which percentile?", "write for example p95"},
		{"p(95 < 3ms", "column 6: the percentile is not closed", "write p(95)"},
		{"p100 < 3s", "column 2: percentiles lie between 0 and 100", "use max"},
		{"p0 < 3s", "column 2: percentiles lie between 0 and 100", "write for example p95"},
		{"p999 < 3s", "column 2: percentiles lie between 0 and 100", "did you mean p99.9?"},
		{"p9.9.9 < 3s", `column 2: "9.9.9" is not a number`, "write for example p99.9"},
		{`check("has id") >= 99%`, "column 1: checks are not supported yet", "judge success instead"},
		{"success < 80% over 30s", "column 15: an objective is about the whole run", "windows are for alerts: write it as the when of one, below alerts"},
		{"p99 < 3s and success > 5%", "column 10: an expression has one comparison", "write two objectives"},
		{"p99 < 3s please", `column 10: nothing may follow the value, got "please"`, "write only p99 < 3s"},
		{"{scnario=a} p99 < 1s", `column 2: unknown label "scnario"`, "did you mean scenario?"},
		{"{region=a} p99 < 1s", `column 2: unknown label "region"`, "labels are endpoint, scenario, method, stage"},
		{"{scenario:a} p99 < 1s", `column 10: unknown operator ":"`, "use =, !=, =~ or !~"},
		{"{scenario} p99 < 1s", `column 10: unknown operator ""`, "use =, !=, =~ or !~"},
		{
			"{scenario=} p99 < 1s", "column 11: expected a value in the selector",
			`write for example {scenario=checkout} or {endpoint="show product"}`,
		},
		{"{=a} p99 < 1s", `column 2: expected a label in the selector, got "=a} p99 < 1s"`, "write for example {scenario=checkout}"},
		{`{stage=~"("} p99 < 1s`, `column 9: bad regular expression "(": missing closing )`, "see https://pkg.go.dev/regexp/syntax"},
		{`{stage=~"a)|(b"} p99 < 1s`, `column 9: bad regular expression "a)|(b": unexpected )`, "see https://pkg.go.dev/regexp/syntax"},
		{`{stage="a} p99 < 1s`, "column 8: the quote is not closed", "end the value with a quote"},
		{"{stage=a", "column 1: the selector is not closed", "end the selector with }"},
		{
			"{endpoint=show it} p99 < 1s", `column 16: expected , or } in the selector, got "it} p99 < 1s"`,
			"separate matchers with commas and put values with spaces in quotes",
		},
		{`{endpoint="größe"} p99 < 300`, "column 26: a duration needs a unit, got 300", "did you mean 300ms?"},
	} {
		_, err := Parse(tt.text)
		fault, ok := errors.AsType[*SyntaxError](err)
		if !ok {
			t.Errorf("Parse(%q) gave %v, want a *SyntaxError", tt.text, err)
			continue
		}
		if got := fault.Error(); got != tt.message {
			t.Errorf("Parse(%q)\ngot  %s\nwant %s", tt.text, got, tt.message)
		}
		if got := fault.Hint(); got != tt.hint {
			t.Errorf("Parse(%q) advises\ngot  %s\nwant %s", tt.text, got, tt.hint)
		}
		if fault.Text != tt.text || fault.Offset() < 0 || fault.Offset() > len(tt.text) {
			t.Errorf("Parse(%q) points at %d of %q", tt.text, fault.Offset(), fault.Text)
		}
	}
}

// Advice must be good: what a hint says to write can be read.
func TestExamplesAreValid(t *testing.T) {
	for _, text := range []string{
		"success > 1%", "errors > 1%", "under(1s) > 1%", "p99 > 1s", "service_p99 > 1s", "lag_p99 > 1s", "max > 1s", "mean > 1s",
		"rps > 1", "achieved > 1%", "count > 1", "budget_used > 1%", "burn > 1",
	} {
		e, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		example, err := Parse(e.example())
		if err != nil {
			t.Errorf("example %q: %v", e.example(), err)
		}
		if fault := example.fault(); fault != nil {
			t.Errorf("example %q: %v", e.example(), fault)
		}
	}
}

func TestPercentText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ratio := rapid.Float64Range(0, 2).Draw(t, "ratio")
		got, ok := number(percentText(ratio), "e-2")
		if !ok || got != ratio {
			t.Errorf("%v in percent is %q, which reads as %v", ratio, percentText(ratio), got)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"success >= 95%", "p(95)<300ms", "{scenario=checkout, endpoint=~\"a.*\"} under(300ms) >= 95%", "lag_p99.9 < 1.5ms",
		"rps >= 500/s", "burn <= 6", "p95 < 300", "{stage=\"\\\\\\\"\"} max<1h", "success < 80% over 30s", "{", "p", "under(",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		first, err := Parse(text)
		if err != nil {
			if fault, ok := errors.AsType[*SyntaxError](err); !ok || fault.Offset() > len(text) || fault.Message == "" {
				t.Errorf("Parse(%q): %#v", text, err)
			}
			return
		}
		second, err := Parse(first.String())
		if err != nil {
			t.Fatalf("Parse(%q) is spelled %q: %v", text, first, err)
		}
		if !reflect.DeepEqual(first, second) {
			t.Errorf("Parse(%q)\ngot  %#v\nread %#v", text, first, second)
		}
	})
}
