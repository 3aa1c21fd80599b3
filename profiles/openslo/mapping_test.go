package openslo

import (
	"strings"
	"testing"
)

// latency is an SLO over a threshold metric.
func latency(op string) string {
	return strings.Replace(up, "{ ratioMetric: { counter: true } }", "{ thresholdMetric: {} }", 1) + "  objectives: [{ op: " + op + ", value: 0.3, target: 0.95 }]\n"
}

func TestMapping(t *testing.T) {
	ratio := up + "  objectives: [{ targetPercent: 99.95 }]\n"
	for _, tt := range []struct{ src, mapped, objective string }{
		{ratio, "success", "success >= 99.95%"},
		{ratio, " errors ", "errors <= 0.05%"},
		{ratio, "under(1500us)", "under(1.5ms) >= 99.95%"},
		{ratio, `{endpoint="a < b"} success`, `{endpoint=\"a < b\"} success >= 99.95%`},
		{ratio, "success >= 0.9", "success >= 90%"},
		{ratio, "errors < 3%", "errors < 3%"},
		{latency("lte"), "under(300ms)", "under(300ms) >= 95%"},
		{latency("lt"), "p95 < 300ms", "p95 < 300ms"},
	} {
		result, err := Import(strings.NewReader(tt.src), "f.yaml", map[string]string{"sli": tt.mapped})
		if err != nil {
			t.Errorf("%s: %v", tt.mapped, err)
			continue
		}
		if want := "slos:\n  - name: up\n    objective: \"" + tt.objective + "\"\n"; string(result.YAML) != want {
			t.Errorf("%s: got\n%s\nwant\n%s", tt.mapped, result.YAML, want)
		}
	}
}

func TestMappingFaults(t *testing.T) {
	for _, tt := range []struct{ name, text, want, hint string }{
		{"sly", "success", "mapping sly=success: the file has no SLI of this name that an SLO uses", `did you mean "sli"?`},
		{"sli", "under", "mapping sli=under: column 6: under which duration?", "write for example under(300ms) >= 95%"},
		{"sli", "p99", "mapping sli=p99: p99 needs a limit with a unit, which OpenSLO's value has not", "write for example p99 < 300ms"},
		{"sli", "p99 < 300", "mapping sli=p99 < 300: column 7: a duration needs a unit, got 300", "did you mean 300ms?"},
		{"sli", "success < 80%", "mapping sli=success < 80%: success < 80% describes trouble, not an aim", "write what must hold: success >= 80%"},
		{"sli", "achieved", "mapping sli=achieved: this is no share of good requests", "write success, errors or under(300ms), or an expression such as p99 < 300ms"},
		{"sli", "", "mapping sli=: this is no share of good requests", "write success, errors or under(300ms), or an expression such as p99 < 300ms"},
		{"sli", "succes", `mapping sli=succes: column 1: unknown metric "succes"`, "did you mean success?"},
	} {
		_, err := Import(strings.NewReader(up+"  objectives: [{ target: 0.9 }]\n"), "f.yaml", map[string]string{tt.name: tt.text})
		if err == nil || err.Error() != tt.want || hintOf(err) != tt.hint {
			t.Errorf("%s=%s: got %v (%s), want %s (%s)", tt.name, tt.text, err, hintOf(err), tt.want, tt.hint)
		}
	}
}

// A burn rate is about slow requests as it is about failed ones: which of them, the objective says.
func TestBurns(t *testing.T) {
	for _, tt := range []struct{ condition, mapped, when string }{
		{"{ op: gt, threshold: 6, lookbackWindow: 1h }", "success", "burn > 6 over 1h"},
		{"{ op: gte, threshold: 1.5, lookbackWindow: 24h }", "errors", "burn >= 1.5 over 24h"},
		{"{ op: lte, threshold: 6, lookbackWindow: 5m }", "success", "burn > 6 over 5m"},
		{"{ op: lt, threshold: 6, lookbackWindow: 1Q }", "success", "burn >= 6 over run"},
		{"{ op: gt, threshold: 14.4, lookbackWindow: 1h }", "under(1s)", "burn > 14.4 over 1h"},
		{"{ op: gte, threshold: 100, lookbackWindow: 1h }", "success", "burn >= 100 over 1h"},
		{"{ op: gte, threshold: 3, lookbackWindow: 1h }", "{scenario=~\"a|b\"} success", `{scenario=~\"a|b\"} burn >= 3 over 1h`},
	} {
		result, err := Import(strings.NewReader(alerting(tt.condition)), "f.yaml", map[string]string{"sli": tt.mapped})
		if err != nil {
			t.Errorf("%s: %v", tt.condition, err)
			continue
		}
		if want := "when: \"" + tt.when + "\"\n"; !strings.Contains(string(result.YAML), want) {
			t.Errorf("%s for %s: got\n%s\nwant %s", tt.condition, tt.mapped, result.YAML, want)
		}
	}
}

// What an alert may be in OpenSLO and not in a profile is changed or left out, and that is said.
func TestAlertsThatDoNotFit(t *testing.T) {
	short := alerting("{ op: gt, threshold: 6, lookbackWindow: 1h }")
	for _, tt := range []struct{ name, src, want, note string }{
		{"slash", strings.Replace(short, "name: fast", "name: fast/slow", 1), "      - name: fast-slow\n", "14: alert fast/slow is named fast-slow, since names of alerts have no /"},
		{"no name", strings.Replace(strings.Replace(short, "metadata: { name: fast }", "kind: AlertPolicy", 1), "metadata: { name: hour }", "kind: AlertCondition", 1), "      - name: alert 1\n", ""},
		{"severity", strings.Replace(short, "spec: { condition", "spec: { severity: Page, condition", 1), "        severity: page\n", ""},
		{"patience", alerting("{ op: gt, threshold: 6, lookbackWindow: 1h, alertAfter: 31d }"), "success >= 99%\"\n", "19: alert fast: alertAfter is longer than a run can be: it is left out"},
	} {
		if got := imports("f.yaml", tt.src); !strings.Contains(got, tt.want) || tt.note != "" && !strings.Contains(got, "f.yaml:"+tt.note) {
			t.Errorf("%s: got\n%s\nwant %s and %s", tt.name, got, tt.want, tt.note)
		}
	}
}

// The zeros and nines of a share survive its way through fractions.
func TestLimits(t *testing.T) {
	for target, want := range map[string]string{
		"target: 0": "0%", "target: 0.07": "7%", "target: 0.9995": "99.95%", "target: 9.99e-1": "99.9%", "targetPercent: 99.999": "99.999%",
		"targetPercent: 29": "29%", "targetPercent: 0.1": "0.1%",
	} {
		result, err := Import(strings.NewReader(up+"  objectives: [{ "+target+" }]\n"), "f.yaml", nil)
		if err != nil || !strings.Contains(string(result.YAML), "objective: \"success >= "+want+"\"\n") {
			t.Errorf("%s: got\n%s (%v)\nwant %s", target, result.YAML, err, want)
		}
	}
}
