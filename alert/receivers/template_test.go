package receivers

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/floodmark/floodmark/alert"
)

// send returns the body that a server received.
func send(t *testing.T, s Spec, m alert.Message) (string, alert.Answer) {
	t.Helper()
	to := serve(t, answering(200, "ok"))
	s.URL = to.URL
	answer := newReceiver(t, s).Send(t.Context(), m)
	return to.all()[0].body, answer
}

func TestTemplates(t *testing.T) {
	m := message(latency(), resolved())
	for _, tt := range []struct{ body, want string }{
		{"{{.Status}} {{.SLO}} {{.Rule}} {{.Severity}}", "firing checkout slow ticket"},
		{"{{.Value | humanizeDuration}} {{.ValueText}} {{.Threshold}}", "4.20s 4.20s or more 0.8"},
		{"{{.Labels.endpoint}}|{{.Labels.nothing}}|", "POST /pay||"},
		{"{{.Run.ID}} {{.Run.Name}} {{.Run.URL}} {{.Run.Revision}} {{.Run.Target}}", "r-7f3 nightly https://ci.example/run/1 abc1234 https://shop.example"},
		{"{{range .Alerts}}{{.Kind}} {{.Duration | humanizeDuration}};{{end}}", "repeat 12m00s;resolved 41.0s;"},
		{`{{range .Alerts}}{{if eq .Kind "resolved"}}{{.BudgetUsed | percent}} {{.EndsAt.Unix}}{{end}}{{end}}`, "212.00% 1795348906"},
		{`{{.Rule | upper | printf "%q"}} {{"ABC" | lower}} {{"abcdef" | truncate 3}} {{escapeSlack "<"}}`, `"SLOW" abc ab… &lt;`},
		{"{{.Title}}", "1 firing, 1 resolved: run nightly"},
		{"two\n\nlines\t", "two\n\nlines"},
	} {
		body, answer := send(t, Spec{Name: "x", Type: "mattermost", Body: tt.body}, m)
		var sent struct{ Attachments []struct{ Text string } }
		if err := json.Unmarshal([]byte(body), &sent); err != nil || sent.Attachments[0].Text != tt.want || answer.Detail != "" {
			t.Errorf("%s: got %q (%v, %+v), want %q", tt.body, sent.Attachments, err, answer, tt.want)
		}
	}
}

// A whole body goes out as the template wrote it, and signed.
func TestWholeBody(t *testing.T) {
	const body = `{"topic":"load","title":{{.Title | toJSON}},"priority":{{if eq .Status "firing"}}5{{else}}3{{end}}}` + "\n"
	got, _ := send(t, Spec{Name: "x", Type: "webhook", Body: body}, message(firing()))
	if want := `{"topic":"load","title":"FIRING checkout / dip: success 71.3% < 80% (30s)","priority":5}` + "\n"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// What a template cannot cope with is sent as built in, and said.
func TestTemplateFailsLater(t *testing.T) {
	m := message(firing())
	m.Run.Name = "trouble"
	for kind, body := range map[string]string{
		"webhook": `{{if eq .Run.Name "trouble"}}{{.Title}}{{else}}{}{{end}}`,
		"slack":   `{{if eq .Run.Name "trouble"}}{{index .Alerts 7}}{{end}}`,
		"discord": `{{if eq .Run.Name "trouble"}}{{printf "%100000d" 1}}{{end}}`,
	} {
		title := `{{if eq .Run.Name "trouble"}}{{index .Alerts 7}}{{end}}`
		for _, s := range []Spec{{Name: "x", Type: kind, Body: body}, {Name: "x", Type: kind, Title: title}} {
			sent, answer := send(t, s, m)
			if !json.Valid([]byte(sent)) || !strings.Contains(sent, "71.3%") {
				t.Errorf("%s: got %s", kind, sent)
			}
			if answer.Outcome != alert.Delivered || !strings.Contains(answer.Detail, "template failed, the built-in") {
				t.Errorf("%s: got %+v", kind, answer)
			}
			s.URL = "https://h.example"
			if requests, err := newReceiver(t, s).Render(m); err == nil || len(requests) != 1 {
				t.Errorf("%s: got %v, %v", kind, requests, err)
			}
		}
	}
}

// Slack's templates get texts that are escaped, and may write Slack's marks themselves.
func TestSlackTemplate(t *testing.T) {
	sent, _ := send(t, Spec{Name: "x", Type: "slack", Body: "<!here> *{{.SLO}}* {{.When}} {{.When | escapeSlack}}"}, message(firing()))
	if want := "<!here> *checkout* success &lt; 80% over 30s success &lt; 80% over 30s"; !strings.Contains(sent, want) {
		t.Errorf("no %q in %s", want, sent)
	}
}

func TestSample(t *testing.T) {
	at, run := noon(), alert.Run{ID: "r-1", Name: "nightly"}
	m := Sample("chat", at, run)
	if !m.Test || len(m.Alerts) != 1 || !m.Firing() || m.Receiver != "chat" || strings.ContainsAny(m.ID, ". ") || m.Run != run {
		t.Errorf("got %+v", m)
	}
	if Sample("chat", at, run).ID != m.ID || Sample("chat", at.Add(time.Second), run).ID == m.ID || Sample("pager", at, run).ID == m.ID {
		t.Error("ids do not tell tests apart")
	}
	for _, kind := range Types() {
		if body := strings.Join(unmasked(t, specOf(kind), m), ""); !strings.Contains(body, "TEST FIRING") && !strings.Contains(body, "a test: nothing has happened") {
			t.Errorf("%s: does not say that it is a test: %s", kind, body)
		}
	}
}

// A test leaves no incident behind.
func TestSampleIsClosed(t *testing.T) {
	for kind, want := range map[string]string{"pagerduty": `"event_action":"resolve"`, "opsgenie": `"note":"TEST`} {
		if bodies := unmasked(t, specOf(kind), Sample("x", noon(), alert.Run{})); len(bodies) != 2 || !strings.Contains(bodies[1], want) {
			t.Errorf("%s: got %v", kind, bodies)
		}
	}
}
