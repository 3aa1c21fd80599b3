package profiles

import (
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/floodmark/floodmark/profiles/document"
)

// withAlerts is a profile with what stands below an SLO's alerts, and below notify.
func withAlerts(alerts, notify string) string {
	text := "version: 1\ntarget: { base_url: 'http://h:1' }\nscenarios: { s: { steps: [ get: / ] } }\n" +
		"load: { executor: ramping-vus, stages: [ { duration: 10s, target: 1, name: up }, { duration: 10s, target: 1, name: steady } ] }\n" +
		"slos:\n  - name: availability\n    objective: success >= 95%\n    alerts:\n" + alerts
	if notify != "" {
		text += "notify:\n" + notify
	}
	return text
}

func TestAlertDefaults(t *testing.T) {
	p := mustParse(t, withAlerts("      - { name: dip, when: success < 80% over 30s }\n", ""))
	want := []Alert{{
		Name: "dip", When: Expression{"success < 80% over 30s", Position{Line: 9, Column: 28}},
		KeepFiring: holdTime, NoData: "keep", Action: "none",
	}}
	if got := p.SLOs[0].Alerts; !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestAlertFaults(t *testing.T) {
	alert := func(rest string) string { return withAlerts("      - { name: a, when: x, "+rest+" }\n", "") }
	receiver := func(rest string) string {
		return withAlerts("      - { name: a, when: x }\n", "  chat: { type: slack, "+rest+" }\n")
	}
	for text, want := range map[string]string{
		withAlerts("      - { when: x }\n", ""):                                        `missing "slos[0].alerts[0].name"`,
		withAlerts("      - { name: a }\n", ""):                                        `missing "slos[0].alerts[0].when"`,
		withAlerts("      - { name: a, when: x }\n      - { name: a, when: x }\n", ""): "two alerts are named",
		withAlerts("      - { name: a/b, when: x }\n", ""):                             "without /",
		withAlerts("      - { name: a, burn_rate: gogle }\n", ""):                      `did you mean "google"?`,
		alert("burn_rate: auto"):                                                       "when and burn_rate stand here both",
		withAlerts("      - { name: a, burn_rate: auto, resolve: x }\n", ""):           "resolve by themselves",
		alert("no_data: brech"):                                                        `did you mean "breach"?`,
		alert("action: stop"):                                                          "unknown action",
		alert("severity: paging"):                                                      `did you mean "page"?`,
		alert("for: 5"):                                                                "without a unit",
		alert("for: 100000h"):                                                          "for must be from 0s",
		alert("min_events: -1"):                                                        "min_events",
		alert("during: [stedy]"):                                                       `did you mean "steady"?`,
		alert("mute: stage(upp)"):                                                      `there is no stage "upp"`,
		alert("by: [endpoints]"):                                                       `did you mean "endpoint"?`,
		alert("by: [endpoint, endpoint]"):                                              "stands here twice",
		alert("notify: [chat]"):                                                        "describe it below notify",
		alert("kep_firing_for: 1s"):                                                    `did you mean "keep_firing_for"?`,
		receiver("url: https://hooks.example/secret"):                                  `write ${SOME_URL}`,
		receiver("url: 'https://evil.example/?x=${A:-1}'"):                             `"url" is a secret`,
		receiver("url: '${A:-x}${B:-y}'"):                                              `"url" is a secret`,
		receiver("url: '${MISSING}'"):                                                  "the variable MISSING is not set",
		receiver("url: '${A:-}'"):                                                      `"url" is empty`,
		receiver("url: '${A:-x}', url_file: f"):                                        "stand here both",
		receiver("headers: { Authorization: Bearer abc }"):                             `"Authorization" is a secret`,
		receiver("headers: { 'a b': c }"):                                              "cannot name a header",
		receiver("timeout: 2h"):                                                        "timeout must be from",
		withAlerts("      - { name: a, when: x }\n", "  chat: {}\n"):                   `missing "notify.chat.type"`,
	} {
		_, err := Parse("test.yaml", []byte(text), Options{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\ngot  %v\nwant %s", text, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "Bearer abc\n") && !strings.Contains(text, "Bearer abc") {
			t.Errorf("the secret is shown: %v", err)
		}
	}
}

func TestConditionsAreChecked(t *testing.T) {
	text := withAlerts("      - { name: a, when: fine, resolve: wrong }\n", "")
	_, err := Parse("test.yaml", []byte(text), Options{CheckCondition: func(text string) error {
		if text == "wrong" {
			return document.Unreadable("no condition", "write another", "")
		}
		return nil
	}})
	if err == nil || !strings.Contains(err.Error(), "test.yaml:9:41: no condition") {
		t.Errorf("got %v", err)
	}
}

// A receiver's secret is in nothing that is written or printed.
func TestReceiverSecretsAreHidden(t *testing.T) {
	const secret = "https://hooks.example/T0/B0/s3cr3t-key"
	text := withAlerts("      - { name: a, when: x, notify: chat }\n",
		"  chat: { type: webhook, url: '${HOOK}', key: '${HOOK}', signing_secret: '${HOOK}', headers: { X-Token: '${HOOK}' } }\n")
	p, err := Parse("test.yaml", []byte(text), Options{Lookup: func(string) (string, bool) { return secret, true }})
	if err != nil {
		t.Fatal(err)
	}
	r := &p.Notify[0]
	if r.URL.Value != secret || r.Headers[0].Value.Value != secret {
		t.Errorf("the secrets are not there: %q %q", r.URL.Value, r.Headers[0].Value.Value)
	}
	var logged strings.Builder
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("receiver", "receiver", r, "url", r.URL)
	for name, shown := range map[string]string{
		"yaml": string(p.YAML()), "verb v": fmt.Sprintf("%v", *r), "verb +v": fmt.Sprintf("%+v", *r), "verb #v": fmt.Sprintf("%#v", *r),
		"redacted": p.Redact("sent to " + secret + " and " + strings.TrimPrefix(secret, "https://hooks.example")), "slog": logged.String(),
	} {
		if strings.Contains(shown, "s3cr3t") {
			t.Errorf("%s: %s", name, shown)
		}
	}
	if !strings.Contains(string(p.YAML()), `url: "${HOOK:-***}"`) {
		t.Errorf("the variable's name is lost:\n%s", p.YAML())
	}
}
