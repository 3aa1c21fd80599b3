//go:build integration

package receivers

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/floodmark/floodmark/alert"
)

// startAlertmanager starts an Alertmanager that tells a webhook of everything at once,
// and returns its base URL.
func startAlertmanager(t *testing.T, webhook string) string {
	t.Helper()
	program, err := exec.LookPath("prometheus-alertmanager")
	if err != nil {
		t.Fatal("Alertmanager is not installed; on Debian: apt-get install prometheus-alertmanager")
	}
	dir := t.TempDir()
	config := filepath.Join(dir, "config.yml")
	err = os.WriteFile(config, fmt.Appendf(nil, `
route: { receiver: hook, group_by: [run], group_wait: 0s, group_interval: 1s, repeat_interval: 1h }
receivers:
  - name: hook
    webhook_configs: [{ url: %q, send_resolved: true }]
`, webhook), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := listener.Addr().String()
	_ = listener.Close()
	var log bytes.Buffer
	c := exec.CommandContext(t.Context(), program, "--config.file", config, "--storage.path", dir, "--web.listen-address", addr, "--cluster.listen-address", "")
	c.Stderr = &log
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) }
	c.WaitDelay = 10 * time.Second
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // after the context of the test is done
		_ = c.Wait()
		if t.Failed() {
			t.Log(log.String())
		}
	})
	base := "http://" + addr
	eventually(t, "Alertmanager is ready", func() bool {
		status, _ := get(t.Context(), base+"/-/ready")
		return status == http.StatusOK
	})
	return base
}

// eventually looks until a condition holds, or the test has taken too long.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for !holds() {
		select {
		case <-ctx.Done():
			t.Fatalf("%s: not within a minute", what)
		case <-look.C:
		}
	}
}

// get returns the status and body of an answer, 0 if there was none.
func get(ctx context.Context, url string) (int, []byte) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, nil
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil
	}
	defer func() { _ = response.Body.Close() }()
	body, _ := io.ReadAll(response.Body)
	return response.StatusCode, body
}

// gettable is an alert as Alertmanager's API shows it.
type gettable struct {
	Labels       map[string]string
	Annotations  map[string]string
	StartsAt     time.Time
	EndsAt       time.Time
	Fingerprint  string
	GeneratorURL string
	Status       struct{ State string }
}

// alertsOf asks an Alertmanager what is firing.
func alertsOf(t *testing.T, base string) []gettable {
	t.Helper()
	status, body := get(t.Context(), base+"/api/v2/alerts")
	var all []gettable
	if err := json.Unmarshal(body, &all); err != nil || status != http.StatusOK {
		t.Fatalf("%d %s: %v", status, body, err)
	}
	return all
}

// A real Alertmanager takes what is sent to it, knows the alerts by the same
// fingerprints, tells its own receivers, and sends them the body that the generic
// webhook imitates.
func TestAlertmanager(t *testing.T) {
	hook := serve(t, answering(200, ""))
	base := startAlertmanager(t, hook.URL)
	r := newReceiver(t, Spec{Name: "am", Type: "alertmanager", URL: base})
	fires, labelled := firing(), latency()
	fires.StartsAt, labelled.StartsAt = time.Now().Add(-time.Minute).Round(time.Millisecond), time.Now().Add(-2*time.Minute)
	m := message(fires, labelled)
	sentAt := time.Now()
	if got := r.Send(t.Context(), m); got.Outcome != alert.Delivered {
		t.Fatalf("got %+v", got)
	}
	all := alertsOf(t, base)
	if len(all) != 2 {
		t.Fatalf("got %+v, want two alerts", all)
	}
	for _, a := range all {
		if a.Labels["rule"] != "dip" {
			continue
		}
		want := labels(&m, &fires)
		if !reflect.DeepEqual(a.Labels, want) || a.Fingerprint != fingerprint(want) || !a.StartsAt.Equal(fires.StartsAt) {
			t.Errorf("got %+v, want labels %v, fingerprint %s", a, want, fingerprint(want))
		}
		if left := a.EndsAt.Sub(sentAt); left < 119*time.Second || left > 3*time.Minute {
			t.Errorf("it ends by itself in %v, want about two minutes", left)
		}
		if a.Annotations["summary"] != "FIRING checkout / dip: success 71.3% < 80% (30s)" || a.GeneratorURL != "https://ci.example/run/1" {
			t.Errorf("got %+v", a)
		}
	}
	eventually(t, "the webhook is told that it fires", func() bool { return told(hook, "firing", 2) })

	ended := fires
	ended.Kind, ended.EndsAt, ended.Why = alert.Resolved, time.Now(), alert.Cleared
	other := labelled
	other.Kind, other.EndsAt, other.Why = alert.Resolved, time.Now().Add(time.Hour), alert.Cleared // a clock that is ahead
	if got := r.Send(t.Context(), message(ended, other)); got.Outcome != alert.Delivered {
		t.Fatalf("got %+v", got)
	}
	eventually(t, "the webhook is told that it is over", func() bool { return told(hook, "resolved", 2) })
	if left := alertsOf(t, base); len(left) > 0 {
		t.Errorf("still there: %+v", left)
	}
	compareBodies(t, hook.all())
}

// told reports whether a webhook was sent so many alerts of a status, in one body of it.
func told(s *server, status string, count int) bool {
	for _, q := range s.all() {
		var e envelope
		if json.Unmarshal([]byte(q.body), &e) == nil && e.Status == status && len(e.Alerts) == count {
			return true
		}
	}
	return false
}

// compareBodies wants all that Alertmanager sends in our own body, of the same types.
func compareBodies(t *testing.T, theirs []request) {
	t.Helper()
	for _, q := range theirs {
		var their, our any
		if err := json.Unmarshal([]byte(q.body), &their); err != nil {
			t.Fatal(err)
		}
		m := message(firing(), latency())
		if strings.Contains(q.body, `"status":"resolved"`) {
			m = message(resolved(), resolved())
		}
		if err := json.Unmarshal([]byte(unmasked(t, specOf("webhook"), m)[0]), &our); err != nil {
			t.Fatal(err)
		}
		for _, difference := range lacking("", their, our) {
			t.Errorf("the generic webhook differs from Alertmanager's: %s", difference)
		}
	}
}

// lacking lists what one JSON value has and another has not, or of another type. Maps of
// labels and annotations may have other names in them.
func lacking(path string, want, got any) []string {
	if fmt.Sprintf("%T", want) != fmt.Sprintf("%T", got) {
		return []string{fmt.Sprintf("%s is %T, want %T", path, got, want)}
	}
	var all []string
	switch want := want.(type) {
	case map[string]any:
		for key, value := range want {
			inner, ok := got.(map[string]any)[key]
			switch {
			case ok:
				all = append(all, lacking(path+"."+key, value, inner)...)
			case !strings.HasSuffix(strings.ToLower(path), "labels") && !strings.HasSuffix(strings.ToLower(path), "annotations"):
				all = append(all, path+"."+key+" is missing")
			}
		}
	case []any:
		for i := range want {
			if i < len(got.([]any)) {
				all = append(all, lacking(path+"[]", want[i], got.([]any)[i])...)
			}
		}
	case string:
		if _, err := time.Parse(time.RFC3339, want); err == nil {
			if _, err := time.Parse(time.RFC3339, got.(string)); err != nil {
				all = append(all, path+" is no time")
			}
		}
	}
	return all
}
