//go:build integration

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// foundingProfile is the founding example: 95 % is the aim, and below 80 % people hear of
// it. An eighth of all payments is declined, so that the weight of checkout says how
// healthy the shop is.
const foundingProfile = `version: 1
name: founding
target: { base_url: "http://%s" }
scenarios:
  browse: { weight: %d, steps: [ { get: /api/products/7, name: show product } ] }
  checkout:
    weight: %d
    steps: [ { post: /api/orders, name: checkout, headers: { Authorization: Bearer demo-token }, json: { product: 7, quantity: 1 } } ]
load: { executor: constant-arrival-rate, rate: 200/s, duration: %s }
slos:
  - name: availability
    objective: success >= 95%%
    alerts:
      - { name: dip, when: success < 80%% over 10s, keep_firing_for: 2s, severity: page, notify: [chat] }
notify:
  chat: { type: webhook, url: "${CHAT}" }
`

// A chat is a webhook that keeps what it is sent.
type chat struct {
	url string

	mu       sync.Mutex
	messages []chatMessage
}

type chatMessage struct {
	id   string
	at   time.Time // when its first bytes were here
	body chatBody
}

type chatBody struct {
	Status string `json:"status"`
	Alerts []struct {
		Status   string    `json:"status"`
		StartsAt time.Time `json:"startsAt"`
		EndsAt   time.Time `json:"endsAt"`
	} `json:"alerts"`
	Floodmark struct {
		Alerts []struct {
			Rule      string `json:"rule"`
			Coalesced bool   `json:"coalesced"`
		} `json:"alerts"`
	} `json:"floodmark"`
}

// ServeHTTP implements http.Handler.
func (c *chat) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	m := chatMessage{id: r.Header.Get("webhook-id"), at: time.Now()}
	text, _ := io.ReadAll(r.Body)
	_ = json.Unmarshal(text, &m.body) // what is no JSON has no alerts
	c.mu.Lock()
	defer c.mu.Unlock()
	c.messages = append(c.messages, m)
}

func (c *chat) heard() []chatMessage {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.messages)
}

// listen lets a chat listen at an address, a free one if the port is 0.
func (c *chat) listen(t *testing.T, addr string) {
	t.Helper()
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: c}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	c.url = "http://" + listener.Addr().String() + "/"
}

// startShop runs the bundled backend, and returns the addresses of shop and admin.
func startShop(t *testing.T) (shop, admin string) {
	t.Helper()
	served := begin(t, t.TempDir(), binary, "demo", "serve", "--addr", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--service-time", "fixed:1ms")
	announced := regexp.MustCompile(`shop +http://(\S+?)/\S*\nadmin +http://(\S+?)/`)
	eventually(t, "the shop is there", func() bool { return announced.MatchString(served.stderr.String()) })
	found := announced.FindStringSubmatch(served.stderr.String())
	return found[1], found[2]
}

// runFounding begins a run of the founding example against a shop of which so many
// requests in a hundred succeed.
func runFounding(t *testing.T, shop string, good int, length, chat string) *command {
	t.Helper()
	dir := t.TempDir()
	checkout := (100 - good) * 8 // in a hundred requests
	profile := file(t, dir, "founding.yaml", fmt.Sprintf(foundingProfile, shop, 100-checkout, checkout, length))
	return begin(t, dir, binary, "run", profile, "-e", "CHAT="+chat, "--progress", "1s", "--delivery-timeout", "60s")
}

// dip makes 70 of 97 requests succeed for 20 s, and returns when that began.
func dip(t *testing.T, admin string) time.Time {
	t.Helper()
	if got := floodmark(t, t.TempDir(), "demo", "fault", "--admin", admin, "errors=27.8%", "for=20s"); got.code != 0 {
		t.Fatalf("demo fault: exit code %d: %s", got.code, got.stderr)
	}
	return time.Now()
}

// progressed waits until a run has come to an instant such as 00:12, at the latest.
func progressed(t *testing.T, run *command, instant string) {
	t.Helper()
	said(t, run, " "+instant+" ")
}

// Three shops at once, since most of it is waiting: one at 97 % that falls to 70 % for
// 20 s, one at 94 %, and one that falls while the chat is down.
func TestFoundingScenario(t *testing.T) {
	t.Parallel()
	const length = "47s"
	falling, fallingAdmin := startShop(t)
	steady, _ := startShop(t)
	unheard, unheardAdmin := startShop(t)
	var up, quiet, late chat
	up.listen(t, "127.0.0.1:0")
	quiet.listen(t, "127.0.0.1:0")
	down := freeAddress(t)
	fell := runFounding(t, falling, 97, length, up.url)
	stayed := runFounding(t, steady, 94, "25s", quiet.url)
	hidden := runFounding(t, unheard, 97, length, "http://"+down+"/")
	progressed(t, fell, "00:11")
	progressed(t, hidden, "00:11")
	began := dip(t, fallingAdmin)
	dip(t, unheardAdmin)
	said(t, hidden, "FIRING availability / dip")
	said(t, hidden, "RESOLVED availability / dip")
	late.listen(t, down)
	t.Run("a dip is told once, and its end", func(t *testing.T) { checkDip(t, fell, began, &up) })
	t.Run("94 % is no alarm", func(t *testing.T) {
		if got := stayed.finish(); len(quiet.heard()) > 0 || strings.Contains(got.stderr, "FIRING") {
			t.Errorf("got %d messages and\n%s", len(quiet.heard()), got.stderr)
		}
	})
	t.Run("a chat that was down hears of it in one message", func(t *testing.T) { checkCoalesced(t, hidden.finish(), &late) })
}

// checkDip checks what was said of the shop that fell. In a window of ten seconds 70 % is
// below 80 % after (97−80)/(97−70) = 0.63 of it, six seconds; afterwards the window is
// above 90 % when three quarters of it are good again, and two seconds later it is over.
func checkDip(t *testing.T, run *command, began time.Time, c *chat) {
	t.Helper()
	got := run.finish()
	heard := c.heard()
	if len(heard) != 2 {
		t.Fatalf("got %d messages, want one that it fires and one that it is over: %+v\n%s", len(heard), heard, got.stderr)
	}
	fired, resolved := heard[0], heard[1]
	if fired.body.Status != "firing" || resolved.body.Status != "resolved" {
		t.Fatalf("got %s and %s, want firing and resolved", fired.body.Status, resolved.body.Status)
	}
	starts, ends := fired.body.Alerts[0].StartsAt, resolved.body.Alerts[0].EndsAt
	within(t, "the alarm", starts.Sub(began), 3*time.Second, 11*time.Second)
	within(t, "the all-clear", ends.Sub(began.Add(20*time.Second)), 5*time.Second, 17*time.Second)
	if !resolved.body.Alerts[0].StartsAt.Equal(starts) || fired.id == resolved.id {
		t.Errorf("the two messages are not about one alert: %+v", heard)
	}
	// The rule became true in the second that ends at starts.
	within(t, "the message", fired.at.Sub(starts), 0, 1500*time.Millisecond)
	t.Logf("alarm %v after the dip, message %v after the second; all-clear %v after its end", starts.Sub(began), fired.at.Sub(starts), ends.Sub(began)-20*time.Second)
	for _, line := range []string{`FIRING availability / dip   success < 80% over 10s: 7\d\.\d%`, `RESOLVED availability / dip   after \d+ s, worst [67]\d\.\d%, \d[ \d]* bad requests`} {
		if n := len(regexp.MustCompile(line).FindAllString(got.stderr, -1)); n != 1 {
			t.Errorf("%s: got %d lines, want one\n%s", line, n, got.stderr)
		}
	}
	if !strings.Contains(got.stdout, "alerts fired: availability / dip from 00:") || !strings.Contains(got.stdout, "told chat") {
		t.Errorf("the report does not name the alert:\n%s", got.stdout)
	}
	// A saved run goes through the same transitions as the live one did.
	replayed := floodmark(t, run.Dir, "alerts", "replay", "--json")
	if live, again := changesOf(t, floodmark(t, run.Dir, "report", "--json").stdout), changesOf(t, replayed.stdout); !slices.Equal(live, again) {
		t.Errorf("live  %v\nagain %v", live, again)
	}
}

// checkCoalesced checks what a chat hears that was down until all was over.
func checkCoalesced(t *testing.T, got finished, late *chat) {
	t.Helper()
	heard := late.heard()
	if len(heard) != 1 || heard[0].body.Status != "resolved" || !heard[0].body.Floodmark.Alerts[0].Coalesced {
		t.Fatalf("got %+v, want one message about all of it\n%s", heard, got.stderr)
	}
	if a := heard[0].body.Alerts[0]; a.EndsAt.Sub(a.StartsAt) < 10*time.Second {
		t.Errorf("got from %v to %v, want both times", a.StartsAt, a.EndsAt)
	}
	if !strings.Contains(got.stderr, "WARNING: chat cannot be reached") || strings.Contains(got.stdout, "not delivered") {
		t.Errorf("got\n%s\n%s", got.stderr, got.stdout)
	}
}

// freeAddress returns an address at which nobody listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer free.Close()
	return free.Addr().String()
}

// said waits until a run has said something.
func said(t *testing.T, run *command, text string) {
	t.Helper()
	eventually(t, text, func() bool { return strings.Contains(run.stderr.String(), text) })
}

// changesOf returns what a result says of the changes of alerts.
func changesOf(t *testing.T, result string) []string {
	t.Helper()
	var in struct {
		Alerts []struct {
			From, State, Reason string
			At                  float64 `json:"at_seconds"`
			Value               float64
		}
	}
	if err := json.Unmarshal([]byte(result), &in); err != nil {
		t.Fatalf("%v: %s", err, result)
	}
	if len(in.Alerts) == 0 {
		t.Error("no change of an alert")
	}
	var out []string
	for _, a := range in.Alerts {
		out = append(out, fmt.Sprint(a))
	}
	return out
}

// within wants a time between two limits.
func within(t *testing.T, what string, got, least, most time.Duration) {
	t.Helper()
	if got < least || got > most {
		t.Errorf("%s: got %v, want from %v to %v", what, got, least, most)
	}
}

// A target that hangs tells nothing: no answers, no response times. Requests under way for
// longer than the success rule allows are failures all the same, a minute before the
// client gives them up.
func TestHangIsAlarmed(t *testing.T) {
	t.Parallel()
	frozen := &freezer{begin: 8 * time.Second, end: time.Hour}
	c, target := &chat{}, &http.Server{Handler: frozen}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = target.Serve(listener) }()
	t.Cleanup(func() { _ = target.Close() })
	c.listen(t, "127.0.0.1:0")
	dir := t.TempDir()
	profile := file(t, dir, "hang.yaml", "version: 1", "target: { base_url: \"http://"+listener.Addr().String()+"\", timeout: 60s }",
		"success: { max_latency: 2s }", "scenarios: { s: { steps: [ { get: /, name: get } ] } }",
		"load: { executor: constant-arrival-rate, rate: 100/s, duration: 18s, drain: 1s }",
		"slos:", "  - name: availability", "    objective: success >= 95%", "    alerts:",
		"      - { name: hang, when: success < 80% over 10s, notify: [chat] }",
		"      - { name: slow, when: p95 > 1s over 5s }",
		"notify: { chat: { type: webhook, url: \"${CHAT}\" } }")
	got := floodmark(t, dir, "run", profile, "-e", "CHAT="+c.url, "--no-preflight")
	heard := c.heard()
	if len(heard) == 0 || heard[0].body.Status != "firing" {
		t.Fatalf("nobody was told: %+v\n%s", heard, got.stderr)
	}
	// The first failures are two seconds old, and a fifth of ten seconds' requests takes
	// 1.6 s more; a second each for the beat, and for the start of the run.
	within(t, "the alarm", heard[0].body.Alerts[0].StartsAt.Sub(frozen.first.Add(frozen.begin)), 2*time.Second, 7*time.Second)
	for _, line := range []string{"FIRING availability / hang   success < 80% over 10s: ", "FIRING availability / slow   p95 > 1s over 5s: 1.00s or more"} {
		if !strings.Contains(got.stderr, line) {
			t.Errorf("got no %q\n%s", line, got.stderr)
		}
	}
}

// A process that is killed between telling a receiver and hearing its answer tells it
// again, under the same id.
func TestKilledRunIsDeliveredByFlush(t *testing.T) {
	t.Parallel()
	c := &chat{}
	hold := make(chan struct{})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet { // the target
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		c.ServeHTTP(w, r)
		select {
		case <-hold:
		case <-r.Context().Done():
		}
	})}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	url := "http://" + listener.Addr().String() + "/"
	dir := t.TempDir()
	profile := file(t, dir, "killed.yaml", "version: 1", "target: { base_url: \""+url+"\" }", "scenarios: { s: { steps: [ { get: /, name: get } ] } }",
		"load: { executor: constant-arrival-rate, rate: 100/s, duration: 60s }",
		"slos:", "  - name: availability", "    objective: success >= 95%", "    alerts:",
		"      - { name: down, when: success < 80% over 1s, notify: [chat] }",
		"notify: { chat: { type: webhook, url: \"${CHAT}\" } }")
	run := begin(t, dir, binary, "run", profile, "-e", "CHAT="+url)
	eventually(t, "the message", func() bool { return len(c.heard()) == 1 })
	if live := floodmark(t, dir, "outbox", "flush", "-e", "CHAT="+url); live.code == 0 || !strings.Contains(live.stderr, "in use") {
		t.Errorf("flush beside the run: exit code %d, %s%s", live.code, live.stdout, live.stderr)
	}
	run.send(os.Kill)
	run.finish()
	close(hold)
	if got := floodmark(t, dir, "outbox", "list"); !strings.Contains(got.stdout, "pending") {
		t.Errorf("got %q, want the alert", got.stdout)
	}
	got := floodmark(t, dir, "outbox", "flush", "-e", "CHAT="+url)
	heard := c.heard()
	if got.code != 0 || len(heard) != 2 || heard[0].id == "" || heard[0].id != heard[1].id {
		t.Errorf("exit code %d, %s%s, messages %+v: want the same once more", got.code, got.stdout, got.stderr, heard)
	}
	if report := floodmark(t, dir, "report"); !strings.Contains(report.stdout, "alerts fired: availability / down") || !strings.Contains(report.stdout, "INCOMPLETE") {
		t.Errorf("the killed run's report does not name the alert:\n%s", report.stdout)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".floodmark", "runs", "*", "outbox.ndjson")); len(left) != 1 {
		t.Errorf("got outboxes %v", left)
	}
}
