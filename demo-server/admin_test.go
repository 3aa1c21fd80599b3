package demoserver_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	demoserver "github.com/floodmark/floodmark/demo-server"
	"github.com/floodmark/floodmark/demo-server/events"
)

// ask makes a request of the admin API.
func ask(t *testing.T, server *demoserver.Server, method, path, body string) (int, string) {
	t.Helper()
	return call(t, client(t), method, "http://"+server.AdminAddr()+path, body)
}

// told returns what has happened to a backend, as "kind subject", but for the starts of
// hosts.
func told(t *testing.T, server *demoserver.Server) []string {
	t.Helper()
	_, body := ask(t, server, http.MethodGet, "/events", "")
	var all []string
	for line := range strings.Lines(body) {
		var e events.Event
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		all = append(all, e.Kind+" "+e.Subject)
	}
	return all
}

// until waits for something that is about to be so, and ends the test when it does not
// come in half a minute.
func until(t *testing.T, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !so(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("in 30 s it did not come to be that %s", what)
		}
	}
}

// What nobody can do is refused as the client's fault, in words that say why.
func TestAdminRefuses(t *testing.T) {
	many := start(t, demoserver.Config{Plan: parse(t, distributed)})
	one := start(t, demoserver.Config{})
	tests := []struct {
		server             *demoserver.Server
		method, path, body string
		status             int
		want               string
	}{
		{many, "POST", "/scale", `{"part":"web","replicas":0}`, 400, "web=0: want 1 to 64 replicas"},
		{many, "POST", "/scale", `{"part":"database","replicas":2}`, 400, "database cannot be scaled while it runs; web can"},
		{many, "POST", "/scale", `{"part":"nobody","replicas":2}`, 400, `there is no part \"nobody\"`},
		{many, "POST", "/scale", `{"part":"web","number":2}`, 400, `unknown field`},
		{one, "POST", "/scale", `{"part":"web","replicas":2}`, 400, "nothing balances load"},
		{many, "POST", "/weights", `{"web-1":3}`, 400, "least_connections does not heed weights"},
		{one, "POST", "/weights", `{"web-1":3}`, 400, "there is no load balancer"},
		{many, "POST", "/purge", `{"path":"static"}`, 400, "one that begins with /"},
		{one, "POST", "/purge", `{"path":"/"}`, 400, "no content delivery network"},
		{many, "POST", "/tokens", `{"seconds":-1}`, 400, "seconds is -1, want 1 to 2592000"},
		{many, "POST", "/tokens", `{"seconds":18446744075}`, 400, "want 1 to 2592000"}, // two seconds, if it overflowed
		{one, "POST", "/tokens", `{}`, 400, "no gateway that takes tokens"},
		{many, "GET", "/traces/abc", "", 404, "observability.traces"},
		{many, "POST", "/faults", `{"fault":"hang part=limits"}`, 400, "let the links to it hang"},
		{many, "POST", "/faults", `{"fault":"cut part=cache-1"}`, 400, "cut the links to it"},
		{many, "POST", "/faults", `{"fault":"errors=5% part=wbe"}`, 400, `did you mean \"web\"`},
		{many, "POST", "/faults", `{"fault":"loss=5% link=web-databse"}`, 400, `did you mean \"web-database\"`},
		{many, "DELETE", "/faults/7", "", 404, "no fault has the id"},
		{many, "PUT", "/scale", "", 405, ""},
	}
	for _, test := range tests {
		status, body := ask(t, test.server, test.method, test.path, test.body)
		if status != test.status || !strings.Contains(body, test.want) {
			t.Errorf("%s %s %s: got %d %s, want %d …%s…", test.method, test.path, test.body, status, body, test.status, test.want)
		}
	}
	if got := told(t, many); len(got) > 0 && !slices.Equal(got, []string{"fault_started limits", "fault_ended limits"}) {
		t.Errorf("what was refused has happened: %q", got)
	}
	if got := many.Stats().Faults; got != 0 {
		t.Errorf("%d faults are on", got)
	}
}

// Whatever a backend says of itself, it keeps secrets: those of its users, of its admin
// API, and of its hosts'.
func TestNoSecretsInAnswers(t *testing.T) {
	const apiKey, secret, token = "key-of-a-customer", "0123456789abcdef0123456789abcdef", "token-of-the-owner"
	var logs lockedLines
	server := start(t, demoserver.Config{
		AdminToken: token, Logs: &logs,
		Plan: parse(t, distributed, "gateway.auth.api_keys=["+apiKey+"]", "gateway.auth.jwt.secret="+secret, "observability.logs=json"),
	})
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+server.Addr()+"/api/products/1", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-API-Key", apiKey)
	response, err := client(t).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Fatalf("with the key: %s", response.Status)
	}
	for _, path := range []string{"/stats", "/topology", "/metrics", "/events", "/faults"} {
		if status, _ := ask(t, server, http.MethodGet, path, ""); status != http.StatusUnauthorized {
			t.Errorf("%s without the token: got %d, want 401", path, status)
		}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+server.AdminAddr()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+token)
		body := read(t, request)
		for _, hidden := range []string{apiKey, secret, token} {
			if strings.Contains(body, hidden) {
				t.Errorf("%s shows %s", path, hidden)
			}
		}
	}
	for _, hidden := range []string{apiKey, secret, token} {
		if strings.Contains(logs.String(), hidden) {
			t.Errorf("the log shows %s", hidden)
		}
	}
	if !strings.Contains(logs.String(), "/api/products/1") {
		t.Errorf("the log is %q", logs.String())
	}
}

// A token of the issuer opens the gateway, and what the topology has keys for does not.
func TestTokens(t *testing.T) {
	for _, algorithm := range []string{"HS256", "RS256"} {
		server := start(t, demoserver.Config{Plan: parse(t, distributed, "gateway.auth.jwt.algorithm="+algorithm)})
		_, body := ask(t, server, http.MethodPost, "/tokens", `{"user":"ann","seconds":60}`)
		var made struct{ Token string }
		if err := json.Unmarshal([]byte(body), &made); err != nil || made.Token == "" {
			t.Fatalf("%v: %s", err, body)
		}
		for token, want := range map[string]int{made.Token: http.StatusCreated, made.Token[:len(made.Token)-2]: http.StatusUnauthorized} {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+server.Addr()+"/api/orders", strings.NewReader(`{"product":7}`))
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Authorization", "Bearer "+token)
			response, err := client(t).Do(request)
			if err != nil {
				t.Fatal(err)
			}
			_ = response.Body.Close()
			if response.StatusCode != want {
				t.Errorf("%s: got %s, want %d", algorithm, response.Status, want)
			}
		}
	}
}

// A request's way is told by whoever has its id, wherever the file is.
func TestTraces(t *testing.T) {
	t.Chdir(t.TempDir())
	server := start(t, demoserver.Config{Plan: parse(t, distributed, "observability.traces.file=spans.jsonl")})
	if status, body := ask(t, server, http.MethodGet, "/traces/some", ""); status != http.StatusNotFound {
		t.Errorf("before the first: got %d %s, want 404", status, body)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+server.Addr()+"/api/products/1", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-API-Key", "demo-key-1")
	request.Header.Set("X-Request-Id", "find-me")
	read(t, request)
	until(t, "the trace has all hops", func() bool {
		_, body := ask(t, server, http.MethodGet, "/traces/find-me", "")
		for _, hop := range []string{"router", "edge-us", "front", "gateway-", "balancer", "web-", "database"} {
			if hop != "front" && !strings.Contains(body, hop) { // which sees connections
				return false
			}
		}
		return true
	})
	_, body := ask(t, server, http.MethodGet, "/topology", "")
	var shape struct{ Traces, Door string }
	if err := json.Unmarshal([]byte(body), &shape); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(shape.Traces); err != nil || !filepath.IsAbs(shape.Traces) || shape.Door != "http://"+server.Addr() {
		t.Errorf("got %+v: %v", shape, err)
	}
}

// Edges forget what they are told to, and count it.
func TestPurge(t *testing.T) {
	server := start(t, demoserver.Config{Plan: parse(t, distributed)})
	c := client(t)
	for i := range 3 {
		if got := send(t.Context(), c, http.MethodGet, fmt.Sprintf("http://%s/static/app.v%d.js", server.Addr(), i+1), ""); got != http.StatusOK {
			t.Fatalf("got %d, want 200", got)
		}
	}
	for _, test := range []struct{ path, want string }{
		{"/static/app.v1.js", `{"purged":1}`}, {"/static/app.v1.js", `{"purged":0}`}, {"/static/*", `{"purged":2}`},
	} {
		if _, got := ask(t, server, http.MethodPost, "/purge", `{"path":"`+test.path+`"}`); strings.TrimSpace(got) != test.want {
			t.Errorf("%s: got %s, want %s", test.path, got, test.want)
		}
	}
}
