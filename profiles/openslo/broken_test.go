package openslo

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/floodmark/floodmark/profiles"
)

const (
	sli = "apiVersion: openslo/v1\nkind: SLI\nmetadata: { name: sli }\nspec: { ratioMetric: { counter: true } }\n---\n"
	up  = sli + "apiVersion: openslo/v1\nkind: SLO\nmetadata: { name: up }\nspec:\n  indicatorRef: sli\n  budgetingMethod: Occurrences\n"
)

// A trial is a file and what is said of it.
type trial struct{ name, src, want string }

// alerting returns a file of which only the condition, in line 19, is of interest.
func alerting(condition string) string {
	return up + `  objectives: [{ target: 0.99 }]
  alertPolicies:
    - metadata: { name: fast }
      spec:
        alertWhenBreaching: true
        conditions:
          - metadata: { name: hour }
            spec: { condition: ` + condition + ` }
        notificationTargets: [{ metadata: { name: me }, spec: {} }]
`
}

// broken returns files that cannot be imported, with the place and the message of each fault.
func broken() []trial {
	return []trial{
		{"empty", "", "1:1: the file is empty"},
		{"only comments", "# nothing\n", "1:1: there is no SLO in the file"},
		{"no SLO", sli, "1:1: there is no SLO in the file"},
		{"a list", "- a\n- b\n", "1:1: an OpenSLO object is a mapping, not a list"},
		{"v1alpha", "apiVersion: openslo/v1alpha\nkind: SLO\n", "1:13: apiVersion openslo/v1alpha is not read, only openslo/v1"},
		{"v2alpha", "apiVersion: openslo.com/v2alpha\nkind: SLO\n", "1:13: apiVersion openslo.com/v2alpha is not read, only openslo/v1"},
		{"something else", "apiVersion: v1\nkind: ConfigMap\n", "1:13: apiVersion v1 is not OpenSLO's: only openslo/v1 is read"},
		{"no version", "kind: SLO\n", "1:1: apiVersion is missing"},
		{"unknown kind", "apiVersion: openslo/v1\nkind: Slo\n", `2:7: unknown kind "Slo"`},
		{"no name", "apiVersion: openslo/v1\nkind: SLO\nspec: {}\n", "1:1: metadata.name is missing"},
		{"a name twice", sli + sli, "8:19: two objects of kind SLI are named sli, here and in line 3"},
		{"control character", "apiVersion: openslo/v1\nkind: SLI\nmetadata: { name: \"a\\nb\" }\n", "3:19: a name must be text without control characters"},
		{"unknown SLI", strings.Replace(up, "indicatorRef: sli", "indicatorRef: sla", 1) + "  objectives: [{ target: 0.9 }]\n", `10:17: there is no SLI named "sla" in the file`},
		{"unknown policy", up + "  objectives: [{ target: 0.9 }]\n  alertPolicies: [{ alertPolicyRef: fast }]\n", `13:37: there is no AlertPolicy named "fast" in the file`},
		{"policy as a word", up + "  objectives: [{ target: 0.9 }]\n  alertPolicies: [fast]\n", "13:19: an item must be a mapping, not a single value"},
		{"two SLIs", up + "  indicator: { spec: {} }\n  objectives: [{ target: 0.9 }]\n", "10:17: there are both indicator and indicatorRef"},
		{"no SLI", strings.Replace(up, "  indicatorRef: sli\n", "", 1) + "  objectives: [{ target: 0.9 }]\n", "11:16: indicator or indicatorRef is missing"},
		{"no metric", strings.Replace(up, "{ ratioMetric: { counter: true } }", "{}", 1) + "  objectives: [{ target: 0.9 }]\n", "3:19: SLI sli needs ratioMetric or thresholdMetric"},
		{"no objectives", up, "9:1: objectives is missing"},
		{"no target", up + "  objectives: [{ displayName: a }]\n", "12:16: target or targetPercent is missing"},
		{"two targets", up + "  objectives: [{ target: 0.9, targetPercent: 90 }]\n", "12:46: there are both target and targetPercent"},
		{"a whole target", up + "  objectives: [{ target: 1 }]\n", "12:26: target must be at least 0 and less than 1"},
		{"more than all", up + "  objectives: [{ targetPercent: 100 }]\n", "12:33: targetPercent must be at least 0 and less than 100"},
		{"not a number", up + "  objectives: [{ target: high }]\n", `12:26: target must be a number, got "high"`},
		{"hardly a number", up + "  objectives: [{ target: 0x1p-2 }]\n", `12:26: target must be a number, got "0x1p-2"`},
		{"budgeting", strings.Replace(up, "Occurrences", "Occurrence", 1) + "  objectives: [{ target: 0.9 }]\n", `11:20: unknown budgetingMethod "Occurrence"`},
		{"no budgeting", strings.Replace(up, "  budgetingMethod: Occurrences\n", "", 1) + "  objectives: [{ target: 0.9 }]\n", "9:1: budgetingMethod is missing"},
		{"only slices", strings.Replace(up, "Occurrences", "Timeslices", 1) + "  objectives: [{ target: 0.9 }]\n", "11:20: SLO up counts slices of time (Timeslices), and floodmark counts requests"},
		{"two windows", up + "  objectives: [{ target: 0.9 }]\n  timeWindow: [{ duration: 1d }, { duration: 4w }]\n", "13:34: an SLO has one time window"},
		{"a window of words", up + "  objectives: [{ target: 0.9 }]\n  timeWindow: [{ duration: long }]\n", `13:28: duration must be a length of time, got "long"`},
		{"annotation", up + "  objectives: [{ target: 0.9, indicator: { metadata: { annotations: { floodmark.io/sli: under(300) } }, spec: { ratioMetric: {} } } }]\n", "12:89: column 7: a duration needs a unit, got 300"},
		{"no condition", up + "  objectives: [{ target: 0.9 }]\n  alertPolicies: [{ metadata: { name: a }, spec: { alertWhenBreaching: true, conditions: [] } }]\n", "13:39: an alert policy has one condition, and this one has 0"},
		{"op", alerting("{ op: eq, threshold: 1, lookbackWindow: 1h }"), `19:38: unknown op "eq"`},
		{"threshold", alerting("{ op: gt, threshold: 0, lookbackWindow: 1h }"), "19:53: threshold must be above 0"},
		{"no threshold", alerting("{ op: gt, lookbackWindow: 1h }"), "19:21: threshold is missing"},
		{"lookback", alerting("{ op: gt, threshold: 1, lookbackWindow: 90s }"), `19:72: lookbackWindow must be a length of time, got "90s"`},
		{"endless", alerting("{ op: gt, threshold: 1, lookbackWindow: 4000000000Y }"), `19:72: lookbackWindow must be a length of time, got "4000000000Y"`},
		{"a target of no name", telling([2]string{" ", "slack"}), "20:51: a notification target needs a name of at most 80 characters"},
		{"a target of long name", telling([2]string{strings.Repeat("n", 81), "slack"}), "20:51: a notification target needs a name of at most 80 characters"},
		{"targets of one name", telling([2]string{"a", "slack"}, [2]string{"a", "email"}), `20:107: two notification targets are named a, and one is "slack" and the other "email"`},
		{"within itself", "a: &a { b: *a }\n", `1:12: unknown alias "*a"`},
		{"tab", "a:\n\tb: c\n", "2:1: not valid YAML: a tab cannot indent YAML"},
		{"deep", strings.Repeat("[", 60) + strings.Repeat("]", 60), "1:41: values are nested more than 40 deep"},
		{"bomb", "a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d]\n", "5:8: aliases make more than 30000 values of this"},
		{"huge", up + strings.Repeat("# all that is to be said\n", 1<<20/25+1), "1:1: the file is larger than 1 MiB"},
	}
}

func TestBroken(t *testing.T) {
	for _, tt := range broken() {
		t.Run(tt.name, func(t *testing.T) {
			result, err := Import(strings.NewReader(tt.src), "f.yaml", nil)
			var faults profiles.Faults
			if !errors.As(err, &faults) {
				t.Fatalf("got %v and\n%s, want faults", err, result.YAML)
			}
			if got, _, _ := strings.Cut(faults[0].Error(), "\n"); len(faults) != 1 || got != "f.yaml:"+tt.want {
				t.Errorf("got\n%v\nwant f.yaml:%s, and nothing else", err, tt.want)
			}
		})
	}
}

// What a file has in quotes does not reach the terminal as it is.
func TestControlCharacters(t *testing.T) {
	src := alerting(`{ kind: "\e[31m", op: gt, threshold: 1, lookbackWindow: 1h }`)
	result, err := Import(strings.NewReader(src), "f.yaml", nil)
	if err != nil || strings.Contains(imports("f.yaml", src), "\x1b") || !strings.Contains(imports("f.yaml", src), "\uFFFD[31m") {
		t.Errorf("got %v and %v", result.Notes, err)
	}
	if got := imports("f.yaml", "apiVersion: \"\\e[31m\"\n"); strings.Contains(got, "\x1b") || !strings.Contains(got, "\uFFFD[31m") {
		t.Errorf("got %q", got)
	}
}

// All faults are told at once, in the file's order.
func TestFaultsTogether(t *testing.T) {
	src := up + "  objectives: [{ target: 2 }]\n  alertPolicies: [{ alertPolicyRef: a }]\n---\nkind: SLI\n"
	_, err := Import(strings.NewReader(src), "f.yaml", nil)
	var faults profiles.Faults
	if !errors.As(err, &faults) || len(faults) != 3 {
		t.Fatalf("got %v, want three faults", err)
	}
	if faults[0].Hint != "0.995 is 99.5 percent" || faults[1].Line != 13 || faults[2].Line != 15 {
		t.Errorf("got %v", faults)
	}
}

func TestReaderThatFails(t *testing.T) {
	_, err := Import(iotest.ErrReader(io.ErrClosedPipe), "f.yaml", nil)
	if !errors.Is(err, io.ErrClosedPipe) || !strings.HasPrefix(err.Error(), "f.yaml: ") {
		t.Errorf("got %v", err)
	}
}
