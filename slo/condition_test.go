package slo

import (
	"errors"
	"reflect"
	"testing"
	"time"
)

func TestParseCondition(t *testing.T) {
	success := Expression{Metric: metricSuccess, Compare: "<", Limit: 0.8}
	burn := Expression{Metric: metricBurn, Compare: ">", Limit: 14.4}
	for _, tt := range []struct {
		text, canonical string
		want            Condition
	}{
		{"success < 80%", "success < 80%", Condition{Expression: success}},
		{"success<80% over 30s", "success < 80% over 30s", Condition{success, []Window{{Length: 30 * time.Second}}}},
		{"success < 80% over  run ", "success < 80% over run", Condition{success, []Window{{}}}},
		{"success < 80% over stage(steady)", "success < 80% over stage(steady)", Condition{success, []Window{{Stage: "steady"}}}},
		{"success < 80% over stage( ramp up )", "success < 80% over stage(ramp up)", Condition{success, []Window{{Stage: "ramp up"}}}},
		{`success < 80% over stage("a\"(b)")`, `success < 80% over stage("a\"(b)")`, Condition{success, []Window{{Stage: `a"(b)`}}}},
		{
			"burn > 14.4 over 1h and 5m", "burn > 14.4 over 1h and 5m",
			Condition{burn, []Window{{Length: time.Hour}, {Length: 5 * time.Minute}}},
		},
		{
			"burn > 14.4 over 90s,10s", "burn > 14.4 over 1m30s and 10s",
			Condition{burn, []Window{{Length: 90 * time.Second}, {Length: 10 * time.Second}}},
		},
	} {
		got, err := ParseCondition(tt.text)
		if err != nil {
			t.Errorf("ParseCondition(%q): %v", tt.text, err)
			continue
		}
		if !reflect.DeepEqual(got, tt.want) {
			t.Errorf("ParseCondition(%q)\ngot  %#v\nwant %#v", tt.text, got, tt.want)
		}
		if got.String() != tt.canonical {
			t.Errorf("ParseCondition(%q) is spelled %q, want %q", tt.text, got, tt.canonical)
		}
	}
}

func TestParseConditionFaults(t *testing.T) {
	for _, tt := range []struct{ text, message, hint string }{
		{"", "column 1: an empty expression", "write for example success >= 95%"},
		{"success < 80% over", "column 19: a window is missing after over", "write for example over 30s"},
		{"success < 80% over 30", "column 20: a window needs a unit, got 30", "did you mean 30s?"},
		{"success < 80% over 30x", `column 20: expected a window, got "30x"`, "write for example over 30s"},
		{"success < 80% over all", `column 20: expected a window, got "all"`, "write for example over 30s, over run or over stage(steady)"},
		{"success < 80% over 500ms", "column 20: a window is as long as a beat at least", "use at least 1s"},
		{"success < 80% over 48h", "column 20: a window of 48h is longer than can be kept", "use over run"},
		{"success < 80% over stage()", "column 20: which stage?", "write for example over stage(steady)"},
		{"success < 80% over stage(a", "column 20: the parenthesis is not closed", "write for example over stage(steady)"},
		{"success < 80% over 30s and", "column 27: a window is missing after over", "write for example over 30s"},
		{"success < 80% over 30s please", `column 24: nothing may follow the window, got "please"`, "write only success < 80% over 30s"},
		{"success < 80% for 30s", `column 15: nothing may follow the value, got "for 30s"`, "write only success < 80%"},
		{"success < 80 over 30s", "column 11: success is a ratio, and 80 is above 1", "did you mean 80%?"},
	} {
		_, err := ParseCondition(tt.text)
		fault, ok := errors.AsType[*SyntaxError](err)
		if !ok {
			t.Errorf("ParseCondition(%q) gave %v, want a *SyntaxError", tt.text, err)
			continue
		}
		if fault.Error() != tt.message || fault.Hint() != tt.hint {
			t.Errorf("ParseCondition(%q)\ngot  %s (%s)\nwant %s (%s)", tt.text, fault, fault.Hint(), tt.message, tt.hint)
		}
	}
}

func FuzzParseCondition(f *testing.F) {
	for _, seed := range []string{
		"success < 80% over 30s", "burn > 6 over 1m and 10s", "p99 > 1s over stage(a b)", "errors > 1% over run,30s",
		`max > 1s over stage("\"")`, "over", "success < 80% over",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		first, err := ParseCondition(text)
		if err != nil {
			if fault, ok := errors.AsType[*SyntaxError](err); !ok || fault.Offset() > len(text) || fault.Message == "" {
				t.Errorf("ParseCondition(%q): %#v", text, err)
			}
			return
		}
		second, err := ParseCondition(first.String())
		if err != nil {
			t.Fatalf("ParseCondition(%q) is spelled %q: %v", text, first, err)
		}
		if !reflect.DeepEqual(first, second) {
			t.Errorf("ParseCondition(%q)\ngot  %#v\nread %#v", text, first, second)
		}
	})
}
