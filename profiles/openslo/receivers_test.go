package openslo

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/floodmark/floodmark/alert/receivers"
)

// telling returns a file whose alert tells notification targets, each given as its name and what it is.
func telling(targets ...[2]string) string {
	var items []string
	for _, t := range targets {
		items = append(items, fmt.Sprintf("{ metadata: { name: %q }, spec: { target: %q } }", t[0], t[1]))
	}
	src := alerting("{ op: gt, threshold: 6, lookbackWindow: 1h }")
	return strings.Replace(src, "[{ metadata: { name: me }, spec: {} }]", "["+strings.Join(items, ", ")+"]", 1)
}

// Every type of receivers that takes a URL or a key is known by its name, and what is written is all that it needs.
func TestReceiverTypes(t *testing.T) {
	for _, kind := range receivers.Types() {
		result, err := Import(strings.NewReader(telling([2]string{"me", kind})), "f.yaml", nil)
		if err != nil {
			t.Fatal(err)
		}
		p, err := parse(string(result.YAML))
		if err != nil || len(p.Notify) != 1 {
			t.Fatalf("%s: got %v for\n%s", kind, err, result.YAML)
		}
		r, want := p.Notify[0], kind
		if kind == "exec" || kind == "file" {
			want = "webhook"
		}
		spec := receivers.Spec{Name: r.Name, Type: r.Type, URL: r.URL.Value}
		if !r.Key.IsZero() {
			spec.Key = strings.Repeat("k", 32) // as PagerDuty's are
		}
		if err := spec.Validate(); err != nil || r.Type != want {
			t.Errorf("%s: got type %s (%v), want %s", kind, r.Type, err, want)
		}
	}
}

// A receiver has its target's name, and a variable that no other has.
func TestReceivers(t *testing.T) {
	schema := compileSchema(t)
	for _, tt := range []struct {
		targets [][2]string
		want    []string
	}{
		{[][2]string{{"oncall", "email"}}, []string{`oncall: { type: webhook, url: "${ONCALL_URL}" }`}},
		{[][2]string{{"on-call", "PagerDuty"}}, []string{`on-call: { type: pagerduty, key: "${ON_CALL_KEY}" }`}},
		{[][2]string{{"space", "google-chat"}}, []string{`space: { type: googlechat, url: "${SPACE_URL}" }`}},
		{[][2]string{{"me", "slack"}, {"me", "slack"}}, []string{`me: { type: slack, url: "${ME_URL}" }`}},
		{[][2]string{{"24/7", "slack"}}, []string{`"24/7": { type: slack, url: "${_24_7_URL}" }`}},
		{[][2]string{{"büro $$", "slack"}}, []string{`"büro $$": { type: slack, url: "${B_RO____URL}" }`}},
		{
			[][2]string{{"<<", "slack"}, {"~", "slack"}, {"null", "slack"}, {"a: b", "slack"}},
			[]string{
				`"<<": { type: slack, url: "${___URL}" }`, `"~": { type: slack, url: "${__URL}" }`,
				`"null": { type: slack, url: "${NULL_URL}" }`, `"a: b": { type: slack, url: "${A__B_URL}" }`,
			},
		},
		{
			[][2]string{{"a-b", "slack"}, {"a_b", "slack"}, {"a b", "opsgenie"}},
			[]string{`a-b: { type: slack, url: "${A_B_URL}" }`, `a_b: { type: slack, url: "${A_B_URL_2}" }`, `a b: { type: opsgenie, key: "${A_B_KEY}" }`},
		},
	} {
		result, err := Import(strings.NewReader(telling(tt.targets...)), "f.yaml", nil)
		_, notify, _ := strings.Cut(string(result.YAML), "\nnotify:\n  ")
		if got := strings.Split(strings.TrimSpace(notify), "\n  "); err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("%v: got %q (%v), want %q", tt.targets, got, err, tt.want)
		}
		checkFragment(t, schema, string(result.YAML))
	}
}
