package receivers

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/floodmark/floodmark/alert"
)

// A request is what a server of the tests received.
type request struct {
	method, uri string
	header      http.Header
	body        string
}

// A server answers as it is told, and remembers what it received.
type server struct {
	*httptest.Server
	mu       sync.Mutex
	received []request
}

// serve starts a server.
func serve(t *testing.T, handle func(w http.ResponseWriter, r *http.Request)) *server {
	t.Helper()
	s := &server{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		s.received = append(s.received, request{r.Method, r.RequestURI, r.Header.Clone(), string(body)})
		s.mu.Unlock()
		handle(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

// all returns what has been received so far.
func (s *server) all() []request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]request(nil), s.received...)
}

// answering returns a handler with one answer.
func answering(status int, body string, header ...string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// breaking closes the connection without an answer.
func breaking(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	_ = conn.(*net.TCPConn).SetLinger(0) // a reset
	_ = conn.Close()
}

func TestClasses(t *testing.T) {
	future := func() string { return time.Now().Add(time.Hour).UTC().Format(http.TimeFormat) }
	for _, tt := range []struct {
		name    string
		handle  func(http.ResponseWriter, *http.Request)
		outcome alert.Outcome
		status  int
		unsure  bool
		detail  string // is part of the answer's
	}{
		{"200", answering(200, "ok"), alert.Delivered, 200, false, ""},
		{"204", answering(204, ""), alert.Delivered, 204, false, ""},
		{"202", answering(202, "queued"), alert.Accepted, 202, false, ""},
		{"302", answering(302, "", "Location", "http://127.0.0.1:1/elsewhere"), alert.Refused, 302, false, "302 Found: redirects are not followed"},
		{"307", answering(307, "", "Location", "http://127.0.0.1:1/elsewhere"), alert.Refused, 307, false, "redirects are not followed"},
		{"400", answering(400, "invalid_payload"), alert.Refused, 400, false, "400 Bad Request: invalid_payload"},
		{"401", answering(401, ""), alert.Refused, 401, false, "401 Unauthorized"},
		{"403", answering(403, ""), alert.Refused, 403, false, "403"},
		{"404", answering(404, ""), alert.Refused, 404, false, "404"},
		{"408", answering(408, ""), alert.Later, 408, false, "408"},
		{"409", answering(409, ""), alert.Refused, 409, false, "409"},
		{"410", answering(410, ""), alert.Gone, 410, false, "410 Gone"},
		{"413", answering(413, ""), alert.Refused, 413, false, "413"},
		{"415", answering(415, ""), alert.Refused, 415, false, "415"},
		{"422", answering(422, ""), alert.Refused, 422, false, "422"},
		{"425", answering(425, ""), alert.Later, 425, false, "425"},
		{"429", answering(429, "", "Retry-After", "7"), alert.Later, 429, false, "429"},
		{"429 date", answering(429, "", "Retry-After", future()), alert.Later, 429, false, "429"},
		{"500", answering(500, "\x1b[31mboom\x1b[0m\x07\nagain"), alert.Later, 500, false, "500 Internal Server Error: boom again"},
		{"502", answering(502, ""), alert.Later, 502, true, "502"},
		{"503", answering(503, "", "Retry-After", "2"), alert.Later, 503, false, "503"},
		{"504", answering(504, ""), alert.Later, 504, true, "504"},
		{"599", answering(599, ""), alert.Later, 599, false, "599"},
		{"reset", breaking, alert.Later, 0, true, "closed before an answer"},
		{"large", answering(200, strings.Repeat("x", 1<<20)), alert.Delivered, 200, false, ""},
		{"large 500", answering(500, strings.Repeat("é", 1<<19)), alert.Later, 500, false, "ééé…"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, tt.handle)
			r := newReceiver(t, Spec{Name: "x", Type: "webhook", URL: s.URL + "/hook"})
			got := r.Send(t.Context(), message(firing()))
			if got.Outcome != tt.outcome || got.Status != tt.status || got.Unsure != tt.unsure {
				t.Errorf("got %+v, want %s %d unsure %v", got, tt.outcome, tt.status, tt.unsure)
			}
			if !strings.Contains(got.Detail, tt.detail) || got.Outcome.OK() != (got.Detail == "") || units(got.Detail) > maxDetail {
				t.Errorf("got detail %q, want %q", got.Detail, tt.detail)
			}
			if want := map[bool]int{true: 2, false: 1}[tt.status == 413]; len(s.all()) != want {
				t.Errorf("got %d requests, want %d", len(s.all()), want)
			}
			wantAfter := map[string]time.Duration{"429": 7 * time.Second, "503": 2 * time.Second}[tt.name]
			if tt.name == "429 date" {
				if got.After < 59*time.Minute || got.After > time.Hour {
					t.Errorf("got after %v, want about an hour", got.After)
				}
			} else if got.After != wantAfter {
				t.Errorf("got after %v, want %v", got.After, wantAfter)
			}
		})
	}
}

// A server that never answers makes the attempt end in time, and the message may have
// arrived. One that never accepts a request makes it sure that it has not.
func TestTimeout(t *testing.T) {
	release := make(chan struct{})
	s := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	defer close(release)
	r := newReceiver(t, Spec{Name: "x", Type: "webhook", URL: s.URL, Timeout: 50 * time.Millisecond})
	got := r.Send(t.Context(), message(firing()))
	if got.Outcome != alert.Later || !got.Unsure || got.Detail != "no answer in time" {
		t.Errorf("got %+v", got)
	}
}

func TestConnectionRefused(t *testing.T) {
	s := serve(t, answering(200, ""))
	s.Close()
	got := newReceiver(t, Spec{Name: "x", Type: "webhook", URL: s.URL}).Send(t.Context(), message(firing()))
	if got.Outcome != alert.Later || got.Unsure || got.Detail != "connection refused" {
		t.Errorf("got %+v", got)
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	got := newReceiver(t, Spec{Name: "x", Type: "webhook", URL: s.URL}).Send(ctx, message(firing()))
	if got.Outcome != alert.Later || !got.Unsure || got.Detail != "given up while waiting for an answer" {
		t.Errorf("got %+v", got)
	}
}

// A certificate that nobody has signed is told as such, without the URL.
func TestUntrusted(t *testing.T) {
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	defer s.Close()
	got := newReceiver(t, Spec{Name: "x", Type: "webhook", URL: s.URL + "/pathsecret"}).Send(t.Context(), message(firing()))
	if got.Outcome != alert.Later || got.Unsure || !strings.HasPrefix(got.Detail, "the certificate is not trusted") {
		t.Errorf("got %+v", got)
	}
}

// 413 is answered with fewer words, of which the title and the link are never left out.
func TestTooLarge(t *testing.T) {
	for _, kind := range []string{"webhook", "slack", "discord", "msteams", "mattermost", "googlechat"} {
		first := true
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			if first {
				w.WriteHeader(413)
			}
			first = false
		})
		many := message(firing())
		for range 20 {
			many.Alerts = append(many.Alerts, latency())
		}
		got := newReceiver(t, Spec{Name: "x", Type: kind, URL: s.URL}).Send(t.Context(), many)
		all := s.all()
		if !got.Outcome.OK() || len(all) != 2 {
			t.Fatalf("%s: got %+v after %d requests", kind, got, len(all))
		}
		short := all[1].body
		if len(short) > 4500 || len(short) >= len(all[0].body)/2 {
			t.Errorf("%s: %d bytes, then %d", kind, len(all[0].body), len(short))
		}
		if !strings.Contains(short, "1 firing, +20 more: run nightly") || !strings.Contains(short, "https://ci.example/run/1") {
			t.Errorf("%s: no title or no link in %s", kind, short)
		}
	}
}

func TestDiscordLimits(t *testing.T) {
	for _, tt := range []struct {
		name   string
		handle func(http.ResponseWriter, *http.Request)
		want   time.Duration
	}{
		{"json", answering(429, `{"message":"slow","retry_after":64.57,"global":false}`), 64570 * time.Millisecond},
		{"longest", answering(429, `{"retry_after":1.5}`, "Retry-After", "3", "X-RateLimit-Reset-After", "2.25"), 3 * time.Second},
		{"used up", answering(204, "", "X-RateLimit-Remaining", "0", "X-RateLimit-Reset-After", "0.75"), 750 * time.Millisecond},
		{"some left", answering(204, "", "X-RateLimit-Remaining", "3", "X-RateLimit-Reset-After", "0.75"), 0},
		{"nonsense", answering(429, `{"retry_after":"soon"}`, "X-RateLimit-Reset-After", "NaN"), 0},
		{"beyond reason", answering(429, `{"retry_after":1e300}`), maxAfter},
	} {
		s := serve(t, tt.handle)
		got := newReceiver(t, Spec{Name: "x", Type: "discord", URL: s.URL + "/hook?thread_id=4&wait=false"}).Send(t.Context(), message(firing()))
		if got.After != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, got.After, tt.want)
		}
		if uri := s.all()[0].uri; uri != "/hook?thread_id=4&wait=true" {
			t.Errorf("%s: asked for %s", tt.name, uri)
		}
	}
}

func TestSlackAnswers(t *testing.T) {
	for body, want := range map[string]alert.Outcome{
		"ok": alert.Delivered, "": alert.Delivered, `{"ok":true}`: alert.Delivered, `{"success":true}`: alert.Delivered,
		`{"ok":false,"error":"channel_not_found"}`: alert.Refused, `{"ok":false,"error":"ratelimited"}`: alert.Later,
		"<html>please log in</html>": alert.Accepted,
	} {
		s := serve(t, answering(200, body))
		got := newReceiver(t, Spec{Name: "x", Type: "slack", URL: s.URL}).Send(t.Context(), message(firing()))
		if got.Outcome != want {
			t.Errorf("%q: got %+v, want %s", body, got, want)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "0": 0, "7": 7 * time.Second, " 7 ": 7 * time.Second, "0.25": 250 * time.Millisecond, "-3": 0, "soon": 0, "NaN": 0,
		"1e99": maxAfter, "99999999999999999999": maxAfter,
		"Sun, 22 Nov 2026 12:01:30 GMT": 90 * time.Second, "Sun, 22 Nov 2026 11:00:00 GMT": 0,
		"Sunday, 22-Nov-26 12:00:05 GMT": 5 * time.Second, "Sun Nov 22 12:00:09 2026": 9 * time.Second,
		"Fri, 22 Nov 2126 12:00:00 GMT": maxAfter,
	} {
		if got := retryAfter(text, at); got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
}

// What was delivered before a failure cannot be taken back, and the answer says so.
func TestSeveralRequests(t *testing.T) {
	n := 0
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		n++
		w.WriteHeader(map[bool]int{true: 202, false: 429}[n == 1])
	})
	coalesced := resolved()
	coalesced.Coalesced = true
	r := newReceiver(t, Spec{Name: "x", Type: "pagerduty", URL: s.URL, Key: routingKey})
	got := r.Send(t.Context(), message(coalesced))
	if got.Outcome != alert.Later || !got.Unsure || got.Status != 429 {
		t.Errorf("got %+v", got)
	}
	var actions []string
	for _, q := range s.all() {
		actions = append(actions, fmt.Sprint(strings.Contains(q.body, `"trigger"`), strings.Contains(q.body, `"resolve"`)))
	}
	if want := []string{"true false", "false true"}; strings.Join(actions, ";") != strings.Join(want, ";") {
		t.Errorf("got %v, want %v", actions, want)
	}
}

// Any number of goroutines may send at once.
func TestConcurrent(t *testing.T) {
	s := serve(t, answering(200, "ok"))
	r := newReceiver(t, Spec{Name: "x", Type: "slack", URL: s.URL, Title: "{{.SLO}}", Body: "{{.Title}}"})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if got := r.Send(t.Context(), message(firing())); got.Outcome != alert.Delivered {
				t.Errorf("got %+v", got)
			}
		})
	}
	all.Wait()
	if got := len(s.all()); got != 8 {
		t.Errorf("got %d requests, want 8", got)
	}
}

func TestEmptyMessage(t *testing.T) {
	for _, kind := range Types() {
		r := newReceiver(t, specOf(kind))
		if got := r.Send(t.Context(), alert.Message{}); got.Outcome != alert.Refused {
			t.Errorf("%s: got %+v", kind, got)
		}
		if _, err := r.Render(alert.Message{}); err == nil {
			t.Errorf("%s: no error", kind)
		}
	}
}
