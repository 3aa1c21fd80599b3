package receivers

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/floodmark/floodmark/alert"
)

// anyText draws texts of any length around the limits, of characters of one to four bytes
// and of one or two UTF-16 units, some with what services act on.
func anyText(t *rapid.T, name string) string {
	letters := rapid.SampledFrom([]string{"a", "é", "界", "💥", `"`, "\\", "&", "<", "\x1b[31m", "\xff", "@here ", "](", "`", "\n"}).Draw(t, name+" letter")
	length := rapid.SampledFrom([]int{0, 1, 79, 120, 149, 150, 151, 255, 256, 257, 1023, 1024, 1025, 2900, 5000}).Draw(t, name+" length")
	return strings.Repeat(letters, length) + rapid.StringN(0, 6, -1).Draw(t, name)
}

// anyMessage draws messages with texts of any length everywhere.
func anyMessage(t *rapid.T) alert.Message {
	m := alert.Message{
		ID: "msg_1", Receiver: anyText(t, "receiver"), Delayed: rapid.Bool().Draw(t, "delayed"), Test: rapid.Bool().Draw(t, "test"),
		Run:  alert.Run{ID: anyText(t, "id"), Name: anyText(t, "name"), Target: anyText(t, "target"), URL: "https://ci.example/run/1", Revision: anyText(t, "revision")},
		More: rapid.IntRange(0, 5).Draw(t, "more"),
	}
	for i := range rapid.IntRange(1, 12).Draw(t, "alerts") {
		told := alert.Told{Changes: 1, Coalesced: rapid.Bool().Draw(t, "coalesced"), Notice: alert.Notice{
			ID: fmt.Sprint("n-", i), Key: fmt.Sprint("key-", i), Kind: rapid.SampledFrom([]alert.Kind{alert.Fired, alert.StillFiring, alert.Flapping, alert.Resolved}).Draw(t, "kind"),
			SLO: anyText(t, "slo"), Rule: anyText(t, "rule"), Severity: anyText(t, "severity"), Objective: anyText(t, "objective"),
			When: anyText(t, "when"), Metric: anyText(t, "metric"), Window: "30s", Unit: "ratio", Value: rapid.Float64().Draw(t, "value"),
			Bad: -1, Budget: rapid.Float64().Draw(t, "budget"), StartsAt: noon(), EndsAt: noon().Add(time.Minute), Sample: anyText(t, "sample"),
		}}
		for j := range rapid.IntRange(0, 3).Draw(t, "labels") {
			told.Labels = append(told.Labels, alert.Label{Name: fmt.Sprint("label", j), Value: anyText(t, "label")})
		}
		m.Alerts = append(m.Alerts, told)
	}
	return m
}

// Whatever the texts, a body is within the limits, valid JSON and UTF-8, in the published
// form, and has the title's beginning and the link.
func TestLimits(t *testing.T) {
	validate := schemas(t)
	rapid.Check(t, func(t *rapid.T) {
		m := anyMessage(t)
		kind := rapid.SampledFrom(Types()).Draw(t, "kind")
		s := specOf(kind)
		if kind != "pagerduty" && kind != "alertmanager" && kind != "webhook" && kind != "opsgenie" && kind != "exec" && kind != "file" {
			s.Title = rapid.SampledFrom([]string{"", "{{.Sample}}"}).Draw(t, "title")
			s.Body = rapid.SampledFrom([]string{"", "{{.Text}}", "{{range .Alerts}}{{.Sample}}\n{{.SLO}}{{end}}"}).Draw(t, "body")
		}
		service, _ := serviceOf(kind)
		for _, body := range unmasked(t, s, m) {
			if !json.Valid([]byte(body)) || !utf8.ValidString(body) {
				t.Fatalf("%s: not JSON, or not UTF-8: %q", kind, body)
			}
			if service.limits.bytes > 0 && len(body) > service.limits.bytes {
				t.Fatalf("%s: %d bytes, more than %d", kind, len(body), service.limits.bytes)
			}
			if v := validate[kind]; v != nil {
				if err := v(body); err != nil {
					t.Fatalf("%s: %v", kind, err)
				}
			}
			if !strings.Contains(body, "https://ci.example/run/1") && !strings.Contains(body, `"note"`) {
				t.Fatalf("%s: no link in %s", kind, body)
			}
			checkTotals(t, kind, body)
		}
	})
}

// checkTotals counts characters as the services do that limit them over a whole message.
func checkTotals(t *rapid.T, kind, body string) {
	var value map[string]any
	most := map[string]int{"discord": 6000, "slack": 13_000, "mattermost": 16_383}[kind]
	if most == 0 {
		return
	}
	if err := json.Unmarshal([]byte(body), &value); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"blocks", "embeds", "attachments"} {
		if total := texts(value[key]); total > most {
			t.Fatalf("%s: %d characters, more than %d: %s", kind, total, most, body)
		}
	}
}

// texts adds up the lengths of all strings that people see.
func texts(node any) int {
	total := 0
	switch node := node.(type) {
	case string:
		return units(node)
	case []any:
		for _, child := range node {
			total += texts(child)
		}
	case map[string]any:
		for key, child := range node {
			if key != "type" && key != "url" && key != "timestamp" && key != "color" {
				total += texts(child)
			}
		}
	}
	return total
}

func TestCut(t *testing.T) {
	for _, tt := range []struct {
		text string
		n    int
		want string
	}{
		{"abc", 3, "abc"},
		{"abcd", 3, "ab…"},
		{"abc", 0, "abc"},
		{"a界界", 3, "a界界"},
		{"a界界界", 3, "a界…"},
		{"💥💥", 4, "💥💥"},
		{"💥💥", 3, "💥…"},
		{"💥💥💥", 4, "💥…"},
		{"a💥", 2, "a…"},
		{"💥a", 1, "…"},
		{"ab cd", 4, "ab…"},
	} {
		if got := cut(tt.text, tt.n); got != tt.want {
			t.Errorf("%q to %d: got %q, want %q", tt.text, tt.n, got, tt.want)
		}
	}
}

func TestCutProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, n := anyText(t, "text"), rapid.IntRange(1, 3000).Draw(t, "n")
		for name, got := range map[string]string{"units": cut(s, n), "runes": cutRunes(s, n)} {
			if name == "units" && units(got) > n || name == "runes" && utf8.RuneCountInString(got) > n {
				t.Fatalf("%s: longer than %d: %q", name, n, got)
			}
			if utf8.ValidString(s) && !utf8.ValidString(got) || got != s && !strings.HasSuffix(got, ellipsis) {
				t.Fatalf("%s: a rune was cut, or the ellipsis is missing: %q", name, got)
			}
		}
	})
}

// A list is cut by whole alerts, and the count says how many.
func TestListIsCut(t *testing.T) {
	m := message(firing())
	for len(m.Alerts) < 60 {
		m.Alerts = append(m.Alerts, latency())
	}
	m.More = 3
	body := unmasked(t, specOf("webhook"), m)[0]
	var e envelope
	if err := json.Unmarshal([]byte(body), &e); err != nil {
		t.Fatal(err)
	}
	if len(body) > 20_000 || len(e.Alerts)+e.Truncated != 63 || len(e.Alerts) < 5 || len(e.Floodmark.Alerts) != len(e.Alerts) {
		t.Errorf("%d bytes, %d alerts and %d more", len(body), len(e.Alerts), e.Truncated)
	}
	if body := unmasked(t, specOf("alertmanager"), m)[0]; strings.Count(body, `"labels"`) != 60 {
		t.Errorf("Alertmanager is not told of all alerts")
	}
}
