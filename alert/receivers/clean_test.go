package receivers

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/floodmark/floodmark/alert"
	"github.com/floodmark/floodmark/quantity"
)

func TestDefuse(t *testing.T) {
	for text, want := range map[string]string{
		"success 71.3% < 80%":       "success 71.3% < 80%",
		"mail me@shop.example":      "mail me@shop.example",
		"@everyone":                 "@_everyone",
		"x@everyone x@HERE":         "x@_everyone x@_HERE",
		"@bob, (@channel)":          "@_bob, (@_channel)",
		"<!channel> <!here|x>":      "<_!channel> <_!here|x>",
		"<users/all>":               "<_users/all>",
		"<https://evil.example|CI>": "<_https://evil.example|CI>",
		"<@U123> <#C1>":             "<_@_U123> <_#C1>",
		"[CI job](https://evil)":    "[CI job]_(https://evil)",
		"`code` ```block```":        "'code' '''block'''",
		"<a href=x>b</a>":           "<_a href=x>b<_/a>",
		"5 < 6 && x<5":              "5 < 6 && x<5",
		"@":                         "@",
		"trailing <":                "trailing <",
		"\xff@here":                 "@_here",
	} {
		if got := strings.ReplaceAll(defuse(quantity.Line(text)), joint, "_"); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// hostile is what a target might answer, to be shown in a message.
const hostile = "<!channel> <!here> @everyone @here @channel @all <users/all> <https://evil.example|CI job> [CI job](https://evil.example) ``` \x1b[31m\u202e <@U1>"

// No text from outside calls people or makes links, in no field, on no service.
func TestInjection(t *testing.T) {
	told := firing()
	for _, s := range []*string{&told.SLO, &told.Rule, &told.Severity, &told.Objective, &told.When, &told.Resolve, &told.Metric, &told.Window, &told.Sample} {
		*s = hostile
	}
	told.Labels = []alert.Label{{Name: hostile, Value: hostile}}
	other := latency()
	other.Labels = told.Labels
	for _, m := range []alert.Message{message(told), message(told, other)} {
		m.Run.ID, m.Run.Name, m.Run.Target, m.Run.Revision = hostile, hostile, hostile, hostile
		for _, kind := range []string{"slack", "discord", "msteams", "mattermost", "googlechat", "pagerduty", "opsgenie"} {
			for _, body := range []string{"", "{{.Text}} {{.Title}} {{.Sample}} {{.Run.Name}} {{range .Labels}}{{.}}{{end}}"} {
				s := specOf(kind)
				s.Title = strings.ReplaceAll(body, "{{.Text}}", "")
				if kind != "pagerduty" && kind != "opsgenie" {
					s.Body = body
				}
				for _, sent := range unmasked(t, s, m) {
					for _, bad := range []string{"<!", "@everyone", "@here", "@channel", "@all", "<users", "<https://evil", "](http", "```", "\x1b", "\\u001b", "\u202e", "<@"} {
						if strings.Contains(sent, bad) {
							t.Errorf("%s: %q in %s", kind, bad, sent)
						}
					}
				}
			}
		}
	}
}

// Slack's escapes are whole, and leave no character with a meaning.
func TestEscapeSlack(t *testing.T) {
	if got := escapeSlack("a & b < c > d &amp; &lt;!here&gt;"); got != "a &amp; b &lt; c &gt; d &amp; &lt;!here&gt;" {
		t.Errorf("got %q", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.SampledFrom([]rune("a&<>;lt💥"))).Draw(t, "s")
		n := rapid.IntRange(1, 40).Draw(t, "n")
		got := slackText(s, n)
		if strings.ContainsAny(got, "<>") || units(got) > n || escapeSlack(escapeSlack(s)) != escapeSlack(s) {
			t.Fatalf("%q to %d: got %q", s, n, got)
		}
	})
}

func TestLink(t *testing.T) {
	for text, want := range map[string]string{
		"https://ci.example/run/1":       "https://ci.example/run/1",
		"http://ci.example:80/a?b=c#d":   "http://ci.example:80/a?b=c#d",
		"https://ci.example/a(b)|c>d":    "https://ci.example/a%28b%29%7Cc%3Ed",
		"https://[::1]/x[1]":             "https://[::1]/x%5B1%5D",
		"javascript:alert(1)":            "",
		"https://user:pass@ci.example/x": "",
		"https://":                       "",
		"":                               "",
		"not a link":                     "",
		"https://ci.example/" + strings.Repeat("x", 2000): "",
	} {
		if got := link(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
