package receivers

import (
	"errors"
	"strings"
	"testing"
)

func TestValidSpecs(t *testing.T) {
	for kind := range specs() {
		s := specOf(kind)
		if err := s.Validate(); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
	for _, s := range []Spec{
		{Type: "slack", URL: "http://127.0.0.1:1/x"},
		{Type: "slack", URL: "http://localhost/x"},
		{Type: "slack", URL: "http://[::1]/x"},
		{Type: "slack", URL: "http://chat.example/x", AllowHTTP: true},
		{Type: "opsgenie", Key: "k", URL: "https://api.eu.opsgenie.com"},
		{Type: "webhook", URL: "https://h.example", SigningSecret: signingSecret + "  " + signingSecret},
		{Type: "webhook", URL: "https://h.example", Body: "{{.Title}}", Headers: [][2]string{{"Content-Type", "text/plain"}}},
		{Type: "webhook", URL: "https://h.example", Body: `{"text":{{.Title | toJSON}},"tags":{{.Labels | toJSON}},"n":{{.Value}}}`},
		{Type: "slack", URL: "https://h.example", Title: `{{.SLO | upper}} {{.BudgetUsed | percent}} {{.Duration | humanizeDuration}}`},
		{Type: "slack", URL: "https://h.example", Body: `{{range .Alerts}}{{.Headline | truncate 20 | escapeSlack}} {{.Labels.endpoint}}{{end}}`},
		{Type: "slack", URL: "https://h.example", Body: `{{if eq .Status "firing"}}{{.StartsAt.Format "15:04"}}{{else}}{{.EndsAt.Format "15:04"}}{{end}} {{.Run.Name | lower}}`},
	} {
		if err := s.Validate(); err != nil {
			t.Errorf("%+v %q: %v", s, s.Body, err)
		}
	}
}

func TestInvalidSpecs(t *testing.T) {
	with := func(kind string, change func(*Spec)) Spec {
		s := specOf(kind)
		change(&s)
		return s
	}
	for _, tt := range []struct {
		spec       Spec
		want, hint string // are parts of the error and of its hint
	}{
		{Spec{}, "type: is missing", "one of webhook, slack"},
		{Spec{Type: "slcak"}, `type: there is no receiver "slcak"`, "did you mean slack?"},
		{Spec{Type: "fax-machine"}, `there is no receiver "fax-machine"`, "one of webhook, slack"},
		{Spec{Type: "slack"}, "url: is missing", "SLACK_URL"},
		{Spec{Type: "slack", URL: "ftp://h.example/x"}, "url: is not a URL of http or https", "https://host/path"},
		{Spec{Type: "slack", URL: "https:///x"}, "url: is not a URL", ""},
		{Spec{Type: "slack", URL: "https://u:p@h.example/x"}, "url: has a user or password in it", "Authorization"},
		{Spec{Type: "slack", URL: "http://h.example/x"}, "url: is http", "allow_http: true"},
		{Spec{Type: "slack", URL: "https://h.example:0/x"}, "url: has a port that is none", ""},
		{with("slack", func(s *Spec) { s.Key = "k" }), "key: is nothing for slack", "slack has url, body, channel, username"},
		{with("file", func(s *Spec) { s.URL = "https://h.example" }), "url: is nothing for file", "file has path"},
		{with("exec", func(s *Spec) { s.Command = nil }), "command: is missing", "command: [./on-alert.sh]"},
		{with("file", func(s *Spec) { s.Path = "" }), "path: is missing", ""},
		{with("pagerduty", func(s *Spec) { s.Key = "" }), "key: is missing", "PAGERDUTY_KEY"},
		{with("pagerduty", func(s *Spec) { s.Key = "abc" }), "key: has 3 characters, and routing keys have 32", ""},
		{with("opsgenie", func(s *Spec) { s.Key = "a b" }), "key: has spaces", ""},
		{with("pagerduty", func(s *Spec) { s.Body = "x" }), "body: is nothing for pagerduty", ""},
		{with("webhook", func(s *Spec) { s.SigningSecret = "abc" }), "does not begin with whsec_", "openssl rand"},
		{with("webhook", func(s *Spec) { s.SigningSecret = "whsec_?" }), "is not base64", ""},
		{with("webhook", func(s *Spec) { s.SigningSecret = "whsec_QUJD" }), "has 3 bytes", "24 to 64"},
		{with("webhook", func(s *Spec) { s.SigningSecret = " " }), "signing_secret: is blank", ""},
		{with("webhook", func(s *Spec) { s.Headers = [][2]string{{"a b", "x"}} }), `"a b" is no name of a header`, ""},
		{with("webhook", func(s *Spec) { s.Headers = [][2]string{{"Webhook-ID", "x"}} }), "Webhook-ID is set by floodmark", ""},
		{with("webhook", func(s *Spec) { s.Headers = [][2]string{{"X", ""}} }), "X is empty", "is its variable set?"},
		{with("webhook", func(s *Spec) { s.Headers = [][2]string{{"X", "a\r\nb"}} }), "control character", ""},
		{with("webhook", func(s *Spec) { s.Headers = [][2]string{{"X", "a"}, {"x", "b"}} }), "x is there twice", ""},
		{with("webhook", func(s *Spec) { s.Timeout = -1 }), "timeout: is negative", ""},
		{with("webhook", func(s *Spec) { s.Body = "{{.Title" }), "body: the template", "docs/receivers.md"},
		{with("webhook", func(s *Spec) { s.Body = "{{.Titel}}" }), "can't evaluate field Titel", "did you mean .Title?"},
		{with("webhook", func(s *Spec) { s.Body = "{{range .Alerts}}{{.Obejctive}}{{end}}" }), "can't evaluate field Obejctive", "did you mean .Objective?"},
		{with("webhook", func(s *Spec) { s.Body = "{{.Zzzzzzzz}}" }), "can't evaluate field Zzzzzzzz", "docs/receivers.md"},
		{with("webhook", func(s *Spec) { s.Body = `{"text":"{{.Sample}}` }), "does not make JSON", "toJSON"},
		// Valid for the first sample, not for a label with quotes in it.
		{with("webhook", func(s *Spec) { s.Body = `{"text":"{{.Labels.endpoint}}"}` }), "does not make JSON", "toJSON"},
		{with("slack", func(s *Spec) { s.Title = `{{env "HOME"}}` }), `function "env" not defined`, ""},
		{with("slack", func(s *Spec) { s.Title = `{{humanizeDuration "x"}}` }), "give it a duration or seconds", ""},
		{with("slack", func(s *Spec) { s.Body = `{{range $i, $x := (printf "%1000000d" 1)}}{{end}}{{printf "%1000000d" 1}}` }), "the template", ""},
		{with("slack", func(s *Spec) { s.Body = `{{printf "%100000d" 1}}` }), "writes more than 64 KiB", ""},
		{with("slack", func(s *Spec) { s.Body = `{{define "x"}}{{template "x"}}{{end}}{{template "x"}}` }), "the template", ""},
		{with("slack", func(s *Spec) { s.Body = `{{index .Alerts 99}}` }), "out of range", ""},
	} {
		err := tt.spec.Validate()
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v: got %v, want %q", tt.spec, err, tt.want)
			continue
		}
		hinted, ok := errors.AsType[interface {
			error
			Hint() string
		}](err)
		if !ok || !strings.Contains(hinted.Hint(), tt.hint) {
			t.Errorf("%v: got hint %v, want %q", tt.spec, hinted, tt.hint)
		}
	}
}

// All faults are told at once.
func TestAllFaults(t *testing.T) {
	s := Spec{Type: "webhook", URL: "http://h.example", SigningSecret: "x", Title: "{{", Body: "{{", Path: "p"}
	err := s.Validate()
	for _, want := range []string{"url:", "signing_secret:", "title:", "body:", "path:"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("no %s in %v", want, err)
		}
	}
}
