package receivers

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// planted is in every field that can hold a secret, in forms that the fields allow.
const planted = "Tr0ub4dor"

// signing is a secret of the right form with the planted one in it.
func signing() string {
	return secretPrefix + base64.StdEncoding.EncodeToString([]byte(planted+planted+planted))
}

// laden returns a spec of a type with secrets everywhere, for a server.
func laden(kind, base string) Spec {
	s := Spec{Name: "x", Type: kind, Timeout: time.Second}
	secretURL := base + "/" + planted + "/a%20" + planted + "?token=" + planted + "&q=%22" + planted
	switch kind {
	case "webhook":
		s.URL, s.SigningSecret = secretURL, signing()+" "+signing()
		s.Headers = [][2]string{{"Authorization", "Bearer " + planted}, {"X-Token", planted + `"<&`}}
	case "alertmanager":
		s.URL, s.Headers = secretURL, [][2]string{{"Authorization", "Basic " + planted}}
	case "pagerduty":
		s.URL, s.Key = secretURL, planted+"0123456789012345678901_"
	case "opsgenie":
		s.URL, s.Key = secretURL, planted
	case "exec":
		s.Command = []string{"sh", "-c", "echo $0 >&2; exit 3", planted}
	case "file":
		s.Path = filepath.Join(os.TempDir(), planted, planted, "alerts")
	default:
		s.URL = secretURL
	}
	return s
}

// reveals reports whether a text has the secret in it, also encoded.
func reveals(text string) bool {
	for _, form := range []string{planted, base64.StdEncoding.EncodeToString([]byte(planted + planted + planted))} {
		if strings.Contains(text, form) {
			return true
		}
	}
	return false
}

// echo answers with all that it was sent, as services that want to be helpful do.
func echo(status int) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", r.RequestURI)
		w.WriteHeader(status)
		values, _ := json.Marshal(r.URL.Query())
		fmt.Fprintf(w, "%s %s %s %q %s", r.Header.Get("Authorization"), r.Header.Get("X-Token"), r.RequestURI, r.URL.Path, values)
	}
}

func TestSecretsAreNotSaid(t *testing.T) {
	refused := httptest.NewServer(http.NotFoundHandler())
	refused.Close()
	hang := make(chan struct{})
	defer close(hang)
	servers := map[string]string{"refused": refused.URL, "name": "https://" + "no-such-host.invalid", "not TLS": ""}
	for _, status := range []int{200, 302, 400, 401, 410, 413, 429, 500, 502} {
		servers[fmt.Sprint(status)] = serve(t, echo(status)).URL
	}
	servers["reset"] = serve(t, breaking).URL
	servers["hang"] = serve(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-hang:
		case <-r.Context().Done():
		}
	}).URL
	servers["not TLS"] = strings.Replace(servers["400"], "http:", "https:", 1)
	for _, kind := range Types() {
		for name, base := range servers {
			s := laden(kind, base)
			if name == "hang" {
				s.Timeout = 20 * time.Millisecond
			}
			r := newReceiver(t, s)
			answer := r.Send(t.Context(), message(firing()))
			if reveals(fmt.Sprintf("%+v", answer)) {
				t.Errorf("%s, %s: %+v", kind, name, answer)
			}
			if name == "500" && kind != "slack" && kind != "exec" && kind != "file" && !strings.Contains(answer.Detail, hidden) {
				t.Errorf("%s: nothing was hidden, so nothing was tested: %+v", kind, answer)
			}
			requests, err := r.Render(message(firing()))
			for _, value := range []any{s, &s, r, requests, err} {
				for _, text := range printed(t, value) {
					if reveals(text) {
						t.Errorf("%s: %T shows %s", kind, value, text)
					}
				}
			}
		}
	}
}

// printed returns a value in every way in which values come to be printed.
func printed(t *testing.T, value any) []string {
	t.Helper()
	inJSON, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	all := []string{string(inJSON)}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		all = append(all, fmt.Sprintf(verb, value), fmt.Sprintf(verb, []any{value}), fmt.Sprintf(verb, struct{ V any }{value}))
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "value", value)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "value", value)
	return append(all, log.String())
}

// What is wrong with a spec is told without its values.
func TestFaultsKeepSecrets(t *testing.T) {
	for _, s := range []Spec{
		{Type: "slack", URL: planted},
		{Type: "slack", URL: "https://" + planted + ":" + planted + "@host.example/"},
		{Type: "slack", URL: "http://host.example/" + planted},
		{Type: "slack", URL: "https://host.example/%zz" + planted},
		{Type: "slack", URL: "https://host.example:99999/" + planted, Key: planted},
		{Type: "pagerduty", Key: planted},
		{Type: "opsgenie", Key: planted + " "},
		{Type: "webhook", URL: "https://host.example/" + planted, SigningSecret: planted},
		{Type: "webhook", URL: "https://host.example/" + planted, SigningSecret: "whsec_" + planted},
		{Type: "webhook", URL: "https://host.example/" + planted, SigningSecret: "whsec_" + base64.StdEncoding.EncodeToString([]byte(planted))},
		{Type: "webhook", URL: "https://host.example/" + planted, Headers: [][2]string{{"Authorization", planted + "\n"}}},
		{Type: "webhook", URL: "https://host.example/" + planted, Headers: [][2]string{{"Authorization", "x"}, {"authorization", planted}}},
		{Type: "webhook", URL: "https://host.example/" + planted, Body: "{{.Nothing}}"},
	} {
		err := s.Validate()
		if err == nil || reveals(err.Error()) || reveals(fmt.Sprintf("%+v %#v", err, err)) {
			t.Errorf("%+v: got %v", s, err)
		}
	}
	_, err := New(Spec{Type: "slack", URL: "https://host.example/" + planted}, Policy{AllowHosts: []string{"other.example"}})
	if err == nil || reveals(err.Error()) {
		t.Errorf("got %v", err)
	}
}

// A mask hides whole secrets before their parts, and what stands between stays.
func TestMask(t *testing.T) {
	m := newMask([]string{"abcd", "abcdefgh", "", "xy", `q"uote`})
	if got := m.hide(`1 abcdefgh 2 abcd 3 xy 4 q"uote 5 q\"uote 6`); got != `1 *** 2 *** 3 xy 4 *** 5 *** 6` {
		t.Errorf("got %s", got)
	}
}

// What is cut is masked first: half a secret could not be found any more.
func TestSecretAtTheCut(t *testing.T) {
	for at := maxDetail - 40; at < maxDetail; at++ {
		s := serve(t, answering(400, strings.Repeat("x", at)+planted))
		got := newReceiver(t, Spec{Name: "x", Type: "opsgenie", URL: s.URL, Key: planted}).Send(t.Context(), message(firing()))
		if strings.Contains(got.Detail, planted[:4]) {
			t.Errorf("%d: got %q", at, got.Detail)
		}
	}
}

// Rendered requests show where they go and what they say.
func TestRenderIsReadable(t *testing.T) {
	atNoon(t, func(t *testing.T) {
		t.Helper()
		q := render(t, specOf("webhook"), message(firing()))[0]
		if q.URL != "https://bridge.example/***" || !strings.Contains(q.Body, `"alertname":"checkout_dip"`) {
			t.Errorf("got %+v", q)
		}
		if q := render(t, specOf("pagerduty"), message(firing()))[0]; q.URL != "https://events.pagerduty.com/v2/enqueue" || strings.Contains(q.Body, routingKey) {
			t.Errorf("got %+v", q)
		}
		if got := fmt.Sprint(specOf("slack")); got != `slack receiver "my-slack" at hooks.slack.example` {
			t.Errorf("got %s", got)
		}
	})
}
