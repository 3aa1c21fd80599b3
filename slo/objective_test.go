package slo

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"github.com/floodmark/floodmark/measure"
)

// mustParse returns the expression of a text that is known to be good.
func mustParse(t rapid.TB, text string) Expression {
	t.Helper()
	e, err := Parse(text)
	if err != nil {
		t.Fatalf("Parse(%q): %v", text, err)
	}
	return e
}

// shop is the series of a run with a warm-up and two stages.
func shop() []measure.Series {
	return []measure.Series{
		{Endpoint: "list products", Scenario: "browse", Method: "GET", Stage: "warm", Warmup: true},
		{Endpoint: "list products", Scenario: "browse", Method: "GET", Stage: "steady"},
		{Endpoint: "pay", Scenario: "checkout", Method: "POST", Stage: "steady"},
		{Endpoint: "pay", Scenario: "checkout", Method: "POST", Stage: "spike"},
	}
}

func TestMatches(t *testing.T) {
	for _, tt := range []struct {
		expression string
		selects    []Matcher
		want       [4]bool
	}{
		{"max < 1s", nil, [4]bool{false, true, true, true}},
		{"{stage=spike} max < 1s", nil, [4]bool{false, false, false, true}},
		{"{stage!=spike} max < 1s", nil, [4]bool{false, true, true, false}},
		{"{stage=~s.*} max < 1s", nil, [4]bool{false, true, true, true}},
		{"{stage=~pik} max < 1s", nil, [4]bool{}},
		{"{stage=~ike} max < 1s", nil, [4]bool{}},
		{"{stage=~spi} max < 1s", nil, [4]bool{}},
		{"{stage!~pik} max < 1s", nil, [4]bool{false, true, true, true}},
		{"{stage=~steady|warm} max < 1s", nil, [4]bool{false, true, true, false}},
		{`{endpoint="list products", method=GET} max < 1s`, nil, [4]bool{false, true, false, false}},
		{"{stage=steady} max < 1s", []Matcher{{"scenario", "=", "checkout"}}, [4]bool{false, false, true, false}},
		{"max < 1s", []Matcher{{"stage", "=~", "("}}, [4]bool{}},
		{"max < 1s", []Matcher{{"stage", "~", "steady"}}, [4]bool{}},
		{"max < 1s", []Matcher{{"planet", "!=", "earth"}}, [4]bool{}},
	} {
		o := Objective{Expression: mustParse(t, tt.expression), Select: tt.selects}
		for i, s := range shop() {
			if got := o.Matches(s); got != tt.want[i] {
				t.Errorf("%s %v matches series %d: got %v, want %v", tt.expression, tt.selects, i, got, tt.want[i])
			}
		}
	}
}

func TestValidate(t *testing.T) {
	for _, tt := range []struct {
		expression string
		selects    []Matcher
		target     float64
		message    string
		hint       string
	}{
		{"success >= 95%", nil, 0, "", ""},
		{"rps < 500", nil, 0, "", ""},
		{"count > 500", nil, 0, "", ""},
		{"burn <= 2", nil, 0.95, "", ""},
		{"{scenario=~check.*} p99 <= 1s", []Matcher{{"stage", "=", "spike"}}, 0, "", ""},
		{"success < 95%", nil, 0, "success < 95% describes trouble, not an aim", "write what must hold: success >= 95%"},
		{"success <= 95%", nil, 0, "success <= 95% describes trouble, not an aim", "write what must hold: success > 95%"},
		{"p99 > 300ms", nil, 0, "p99 > 300ms describes trouble, not an aim", "write what must hold: p99 <= 300ms"},
		{"lag_p99 >= 3ms", nil, 0, "lag_p99 >= 3ms describes trouble, not an aim", "write what must hold: lag_p99 < 3ms"},
		{"burn > 6", nil, 0.95, "burn > 6 describes trouble, not an aim", "write what must hold: burn <= 6"},
		{"errors < 0%", nil, 0, "errors < 0% can never hold", "write <= to include the limit"},
		{"success > 100%", nil, 0, "success > 100% can never hold", "write >= to include the limit"},
		{"burn < 2", nil, 0, "burn needs a ratio to be a budget of", "make the SLO's objective a ratio, such as success >= 99%"},
		{"budget_used < 20%", nil, 1, "a target of 100% leaves no budget for budget_used", "aim at 99.99% or less"},
		{"{scenario=chekout} max < 1s", nil, 0, `nothing in this run has scenario="chekout"`, `did you mean scenario="checkout"?`},
		{
			"{scenario=search} max < 1s", nil, 0,
			`nothing in this run has scenario="search"`, "scenario is one of browse, checkout",
		},
		{
			"max < 1s",
			[]Matcher{{"stage", "=~", "s"}},
			0, `nothing in this run has stage=~"s"`, "stage is one of spike, steady, warm",
		},
		{
			"{stage=warm} max < 1s", nil, 0,
			"only warm-up requests match, and they are not judged", "add or select a stage after the warm-up",
		},
		{
			"{stage=spike} max < 1s",
			[]Matcher{{"scenario", "=", "browse"}},
			0, `nothing in this run matches {scenario="browse", stage="spike"}`, "loosen the selector",
		},
		{"max < 1s", []Matcher{{"stages", "=", "spike"}}, 0, `unknown label "stages"`, "did you mean stage?"},
		{"max < 1s", []Matcher{{"stage", "~", "spike"}}, 0, `unknown operator "~"`, "use =, !=, =~ or !~"},
		{
			"max < 1s",
			[]Matcher{{"stage", "=~", "*"}},
			0, `bad regular expression "*": missing argument to repetition operator`, "see https://pkg.go.dev/regexp/syntax",
		},
	} {
		o := Objective{Expression: mustParse(t, tt.expression), Select: tt.selects, Target: tt.target}
		message, hint := complaint(o.Validate(shop()))
		if message != tt.message || hint != tt.hint {
			t.Errorf("%s %v\ngot  %s | %s\nwant %s | %s", tt.expression, tt.selects, message, hint, tt.message, tt.hint)
		}
	}
}

// complaint returns an error's text and hint, which every one of ours has.
func complaint(err error) (message, hint string) {
	if err == nil {
		return "", ""
	}
	if fault, ok := errors.AsType[interface {
		error
		Hint() string
	}](err); ok {
		hint = fault.Hint()
	}
	return err.Error(), hint
}

func TestValidateWithoutAnything(t *testing.T) {
	message, hint := complaint(Objective{}.Validate(shop()))
	if want := "an objective without an expression"; message != want || hint == "" {
		t.Errorf("got %q, %q, want %q and a hint", message, hint, want)
	}
	message, hint = complaint(Objective{Expression: mustParse(t, "max < 1s")}.Validate(nil))
	if want := "this run has no request to judge"; message != want || hint == "" {
		t.Errorf("got %q, %q, want %q and a hint", message, hint, want)
	}
}

// An expression that is no aim is known before any series are.
func TestExpressionValidate(t *testing.T) {
	for _, tt := range []struct{ expression, message string }{
		{"success >= 95%", ""},
		{"budget_used <= 50%", ""},
		{"success < 95%", "success < 95% describes trouble, not an aim"},
		{"errors < 0%", "errors < 0% can never hold"},
	} {
		message, hint := complaint(mustParse(t, tt.expression).Validate())
		if message != tt.message || (hint == "") != (message == "") {
			t.Errorf("%s: got %q, hint %q, want %q", tt.expression, message, hint, tt.message)
		}
	}
}

func TestGoal(t *testing.T) {
	for _, tt := range []struct {
		expression string
		want       float64
	}{
		{"success >= 95%", 0.95},
		{"under(300ms) > 99.9%", 0.999},
		{"errors < 25%", 0.75},
		{"p99 < 1s", 0},
		{"achieved >= 98%", 0},
	} {
		if got := mustParse(t, tt.expression).Goal(); got != tt.want {
			t.Errorf("%s aims at %v, want %v", tt.expression, got, tt.want)
		}
	}
}

func TestOverall(t *testing.T) {
	for _, tt := range []struct {
		verdicts []Verdict
		want     Verdict
	}{
		{nil, Met},
		{[]Verdict{Met, Met}, Met},
		{[]Verdict{Met, Inconclusive}, Inconclusive},
		{[]Verdict{Inconclusive, Missed, Met}, Missed},
		{[]Verdict{Missed, Inconclusive}, Missed},
		{[]Verdict{""}, Inconclusive},
	} {
		var all []Status
		for _, v := range tt.verdicts {
			all = append(all, Status{Verdict: v})
		}
		if got := Overall(all); got != tt.want {
			t.Errorf("Overall(%v) = %s, want %s", tt.verdicts, got, tt.want)
		}
	}
}
