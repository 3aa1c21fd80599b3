package gateway

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/floodmark/floodmark/demo-server/correlation"
)

func ExampleGateway() {
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s for %s", r.URL.Path, r.Header.Get("X-User"))
	}))
	defer shop.Close()
	g, err := New(Config{
		Upstreams: map[string]string{"shop": shop.URL},
		Routes:    []Route{{Pattern: "GET /api/products/{id}", StripPrefix: "/api"}},
		APIKeys:   []APIKey{{Key: "demo-key-1", User: "ada"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, key := range []string{"demo-key-1", "guessed"} {
		r := httptest.NewRequest(http.MethodGet, "/api/products/7", nil)
		r.Header.Set("X-API-Key", key)
		w := httptest.NewRecorder()
		g.ServeHTTP(w, r)
		fmt.Println(w.Code, strings.TrimSpace(w.Body.String()))
	}
	fmt.Println(g.Stats().Requests, "requests,", g.Stats().Forwarded, "forwarded,", g.Close())
	// Output:
	// 200 /products/7 for ada
	// 401 {"error":"the API key is not known"}
	// 2 requests, 1 forwarded, <nil>
}

// serve puts a gateway in front of upstreams, all on sockets.
func serve(t *testing.T, e *echo, config Config) (*Gateway, string, *http.Client) {
	t.Helper()
	up := httptest.NewServer(e)
	config.Upstreams = map[string]string{"shop": up.URL + "/base"}
	g, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewUnstartedServer(g)
	front.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo)
	front.Start()
	t.Cleanup(func() {
		front.Close()
		if err := g.Close(); err != nil {
			t.Error(err)
		}
		up.Close()
		wantSum(t, g.Stats(), e)
		if in := g.Stats().InFlight; in != 0 {
			t.Errorf("%d requests are still in flight", in)
		}
	})
	return g, front.URL, front.Client()
}

// One request with everything in it, over sockets.
func TestEndToEnd(t *testing.T) {
	const trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	e := &echo{}
	_, url, client := serve(t, e, Config{JWT: hs256(), Routes: []Route{{
		Pattern: "POST /api/orders/{id}", Scopes: []string{"orders"}, StripPrefix: "/api", AddPrefix: "/v2",
		SetRequest: map[string]string{"X-Tenant": "acme"}, RemoveRequest: []string{"X-Debug"},
		SetResponse: map[string]string{"X-Frame-Options": "DENY"}, RemoveResponse: []string{"X-Internal"},
	}}})
	r, err := http.NewRequestWithContext(t.Context(), "POST", url+"/api/orders/a%20b?x=1&y=%2F..", strings.NewReader("body"))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"Authorization": "bearer " + sign(t), "X-User": "root", "X_User": "root", "X-Debug": "1", "X-Tenant": "mine",
		"Connection": "X-User, X-Request-Id, X-Tenant", "X-Request-ID": "order <17>", "traceparent": trace,
		"X-Forwarded-For": "8.8.8.8", "X-Api-Key": "secret", "Cookie": "a=b",
	} {
		r.Header[http.CanonicalHeaderKey(name)] = []string{value}
	}
	response, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	response.Body.Close()
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("got %d, %v: %s", response.StatusCode, err, body)
	}
	got := hear(t, body)
	if got.Path != "/base/v2/orders/a%20b" || got.Query != "x=1&y=%2F.." || got.Body != "body" {
		t.Errorf("got %+v", got)
	}
	for name, want := range map[string]string{
		"X-User": "ada", "X_user": "", "X-Tenant": "acme", "X-Debug": "", "X-Request-Id": "order17", "Traceparent": trace,
		"Authorization": "", "X-Api-Key": "", "X-Forwarded-For": "127.0.0.1", "Cookie": "a=b", "X-Forwarded-Host": strings.TrimPrefix(url, "http://"),
	} {
		if value := strings.Join(got.Header[name], ","); value != want {
			t.Errorf("%s to the upstream: got %q, want %q", name, value, want)
		}
	}
	for name, want := range map[string]string{"X-Request-Id": "order17", "X-Frame-Options": "DENY", "X-Internal": ""} {
		if value := strings.Join(response.Header.Values(name), ","); value != want {
			t.Errorf("%s to the client: got %q, want %q", name, value, want)
		}
	}
}

func TestRouting(t *testing.T) {
	e := &echo{}
	g := build(t, e, Config{
		Upstreams: map[string]string{"shop": "http://shop.test", "pay": "http://pay.test/v1/"},
		Routes: []Route{
			{Pattern: "GET /products/{id}", Upstream: "shop", Public: true},
			{Pattern: "POST /products/{id}", Upstream: "shop", Public: true},
			{Pattern: "/pay/", Upstream: "pay", Public: true, StripPrefix: "/pay"},
			{Pattern: "GET /payments", Upstream: "pay", Public: true, StripPrefix: "/pay"},
		},
	})
	for _, tt := range []struct {
		method, target string
		status         int
		host, path     string
	}{
		{"GET", "/products/7", 200, "shop.test", "/products/7"},
		{"HEAD", "/products/7", 200, "", ""},
		{"DELETE", "/products/7", 405, "", ""},
		{"GET", "/products/", 404, "", ""},
		{"GET", "/pay", 404, "", ""}, // no redirect
		{"GET", "/pay/", 200, "pay.test", "/v1/"},
		{"PATCH", "/pay/x/y", 200, "pay.test", "/v1/x/y"},
		{"GET", "/payments", 200, "pay.test", "/v1/payments"}, // whole segments only
		{"GET", "http://evil.test/products/7", 200, "shop.test", "/products/7"},
	} {
		got := ask(g, tt.method, tt.target, "")
		if got.Code != tt.status {
			t.Errorf("%s %s: got %d %s, want %d", tt.method, tt.target, got.Code, got.Body, tt.status)
			continue
		}
		if tt.host != "" {
			if h := hear(t, got.Body.Bytes()); h.Host != tt.host || h.Path != tt.path {
				t.Errorf("%s %s: got %s%s, want %s%s", tt.method, tt.target, h.Host, h.Path, tt.host, tt.path)
			}
		}
	}
	if got := ask(g, "DELETE", "/products/7", "").Header().Get("Allow"); got != "GET, HEAD, POST" {
		t.Errorf("got %q, want GET, HEAD, POST", got)
	}
}

// What a gateway and a server could understand differently never gets through.
func TestHostilePaths(t *testing.T) {
	e := &echo{}
	g := build(t, e, Config{Routes: []Route{{Pattern: "/", Public: true}}})
	for _, path := range []string{
		"//admin", "/a//b", "/a/", "/a/./b", "/a/../b", "/..", "/.", "/a/%2e%2e/b", "/a/%2E./b", "/a/..%2fb", "/a%2fb", "/a%2Fb", "/a%5cb",
		`/a\b`, "/a/..;/b", "/a/..;x=1/b", "/a%00b", "/a%0d%0aX:y", "/a%252fb", "/a/%252e%252e/b", "/%252e%252e%252fb", "/a%7f", "/a%ff", "/é%2fb", "/é/%2e%2e/b",
		"/...", "/a..b", "/.well-known/x", "/a;b", "/%e2%82%ac", "/a%20b",
	} {
		harmless := map[string]bool{"/a/": true, "/...": true, "/a..b": true, "/.well-known/x": true, "/a;b": true, "/%e2%82%ac": true, "/a%20b": true}[path]
		before := e.asked.Load()
		got := ask(g, "GET", "http://shop.test"+path, "")
		if (got.Code == http.StatusOK) != harmless || (e.asked.Load() > before) != harmless {
			t.Errorf("%s: got %d %s, want harmless: %v", path, got.Code, got.Body, harmless)
		}
		if !harmless && (got.Code != http.StatusBadRequest || !strings.HasPrefix(got.Body.String(), `{"error":"the path`)) {
			t.Errorf("%s: got %d %s, want 400", path, got.Code, got.Body)
		}
	}
	r := request("OPTIONS", "/", "")
	r.URL.Path = "*"
	w := httptest.NewRecorder()
	if g.ServeHTTP(w, r); w.Code != http.StatusBadRequest {
		t.Errorf("OPTIONS *: got %d, want 400", w.Code)
	}
}

// Bytes as a client could really send them.
func TestHostileBytes(t *testing.T) {
	e := &echo{}
	_, url, _ := serve(t, e, Config{Routes: []Route{{Pattern: "/", Public: true}}, MaxHeader: 4096, MaxBody: 1000})
	for _, tt := range []struct {
		name, text string
		status     int
	}{
		{"dots", "GET /a/../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", 400},
		{"slashes", "GET //evil.test/ HTTP/1.1\r\nHost: x\r\n\r\n", 400},
		{"star", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", 200}, // net/http answers it itself
		{"two lengths", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400},
		{"length and chunks", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 200},
		{"huge header", "GET / HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("y", 5000) + "\r\n\r\n", 431},
		{"many headers", "GET / HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("X: y\r\n", 3000) + "\r\n", 431},
		{"huge path", "GET /" + strings.Repeat("y", 5000) + " HTTP/1.1\r\nHost: x\r\n\r\n", 431},
		{"large body", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n", 413},
		{"large chunks", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n" + strings.Repeat("y", 2000) + "\r\n0\r\n\r\n", 413},
		{"fine", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n" + strings.Repeat("y", 1000), 200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			go func() { _, _ = io.WriteString(conn, tt.text) }()
			response, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			body, _ := io.ReadAll(response.Body)
			if response.StatusCode != tt.status {
				t.Errorf("got %d %s, want %d", response.StatusCode, body, tt.status)
			}
		})
	}
}

func TestLimiter(t *testing.T) {
	e := &echo{}
	var seen []string
	g := build(t, e, Config{
		JWT: hs256(), Routes: []Route{{Pattern: "/", Cache: time.Minute}, {Pattern: "/open", Public: true}},
		RateLimit: func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				id, known := IdentityOf(r.Context())
				seen = append(seen, fmt.Sprint(id.User, " ", id.Method, " ", known, " ", r.Header.Get("X-User")))
				if len(seen) > 2 {
					w.Header().Set("Retry-After", "7")
					w.WriteHeader(http.StatusTooManyRequests)
					return
				}
				next.ServeHTTP(w, r)
			})
		},
	})
	token := "Authorization: Bearer " + sign(t)
	ask(g, "GET", "/open", "", "X-User: root")
	ask(g, "GET", "/", "")
	ask(g, "GET", "/", "", token, "X-User: root")
	got := ask(g, "GET", "/", "", token)
	if got.Code != http.StatusTooManyRequests || got.Header().Get("Retry-After") != "7" || got.Header().Get("X-Request-ID") == "" {
		t.Errorf("got %d %v", got.Code, got.Header())
	}
	if want := "[  false  ada jwt true ada ada jwt true ada]"; fmt.Sprint(seen) != want {
		t.Errorf("got %v, want %v", fmt.Sprint(seen), want)
	}
	if s := g.Stats(); s.Limited != 1 || s.Unauthorised != 1 || s.Answered != 2 || e.asked.Load() != 2 {
		t.Errorf("got %+v", s)
	}
}

func TestUpstreamTroubles(t *testing.T) {
	e := &echo{}
	g := build(t, e, Config{Routes: []Route{{Pattern: "/", Public: true, Timeout: time.Second}}})
	e.handle = func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		if got := ask(g, "GET", "/", ""); got.Code != http.StatusGatewayTimeout || time.Since(begun) != time.Second {
			t.Errorf("got %d %s after %v, want 504 after 1s", got.Code, got.Body, time.Since(begun))
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Millisecond, cancel)
		g.ServeHTTP(httptest.NewRecorder(), request("GET", "/", "").WithContext(ctx))
	})
	e.handle = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }
	if got := ask(g, "GET", "/", ""); got.Code != http.StatusTeapot {
		t.Errorf("got %d, want the upstream's 418", got.Code)
	}
	if s := g.Stats(); s.GatewayTimeout != 1 || s.Gone != 1 || s.Answered != 1 {
		t.Errorf("got %+v, want one each", s)
	}
}

// An upstream that is not there, then is, then breaks off.
func TestSetUpstream(t *testing.T) {
	e := &echo{}
	dead, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dead.Close()
	g, url, client := serve(t, e, Config{Routes: []Route{{Pattern: "/", Public: true}}})
	alive := g.upstreams["shop"].url.Load().String()
	get := func() (int, string) {
		response, err := client.Get(url)
		if err != nil {
			return 0, err.Error()
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			return 0, err.Error()
		}
		return response.StatusCode, string(body)
	}
	if err := g.SetUpstream("shop", "http://"+dead.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if status, body := get(); status != http.StatusBadGateway || body != `{"error":"the upstream cannot be reached"}`+"\n" {
		t.Errorf("got %d %s, want 502 without an address", status, body)
	}
	if err := g.SetUpstream("shop", alive); err != nil {
		t.Fatal(err)
	}
	if status, body := get(); status != http.StatusOK {
		t.Errorf("got %d %s, want 200", status, body)
	}
	e.handle = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000000")
		_, _ = w.Write(make([]byte, 100_000))
		panic(http.ErrAbortHandler)
	}
	if status, _ := get(); status != 0 {
		t.Errorf("got %d of an answer that broke off", status)
	}
	for text, want := range map[string]string{"ftp://x": "want a URL", "http://u:p@x": "want a URL", "http://x?q": "want a URL", "%": "invalid"} {
		if err := g.SetUpstream("shop", text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want …%s…", text, err, want)
		}
	}
	if err := g.SetUpstream("bank", alive); err == nil {
		t.Error("got no error for an upstream that is not there")
	}
	for g.Stats().InFlight > 0 {
		time.Sleep(time.Millisecond)
	}
	if s := g.Stats(); s.BadGateway != 1 || s.Answered != 1 || s.Aborted != 1 {
		t.Errorf("got %+v, want one each", s)
	}
}

// Informational answers clear the headers; the request id comes all the same.
func TestEarlyHints(t *testing.T) {
	e := &echo{handle: func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Link", "</a.css>")
		w.WriteHeader(http.StatusEarlyHints)
		w.WriteHeader(http.StatusOK)
	}}
	_, url, client := serve(t, e, Config{Routes: []Route{{Pattern: "/", Public: true}}})
	response, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if got := response.Header.Values("X-Request-ID"); len(got) != 1 || len(got[0]) != 32 {
		t.Errorf("got %q, want one id", got)
	}
}

func TestTrustForwarded(t *testing.T) {
	g := build(t, &echo{}, Config{Routes: []Route{{Pattern: "/", Public: true}}, TrustForwarded: true})
	got := hear(t, ask(g, "GET", "/", "", "X-Forwarded-For: 10.1.2.3").Body.Bytes())
	if want := "10.1.2.3, 192.0.2.1"; got.Header.Get("X-Forwarded-For") != want {
		t.Errorf("got %q, want %q", got.Header.Get("X-Forwarded-For"), want)
	}
}

func TestAccessLog(t *testing.T) {
	var lines bytes.Buffer
	e := &echo{handle: func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("12345")) }}
	g := build(t, e, Config{
		JWT: hs256(), Routes: []Route{{Pattern: "GET /products/{id}", Cache: time.Minute}},
		Log: slog.New(slog.NewJSONHandler(&lines, nil)),
	})
	token := sign(t)
	for range 2 {
		ask(g, "GET", "/products/7?password=hunter2", "", "Authorization: Bearer "+token, "X-Request-ID: abc")
	}
	ask(g, "GET", "/products/7", "", "X-Request-ID: abc\r\nlevel=ERROR")
	ask(g, "GET", "/", "")
	type line struct {
		Msg, Method, Path, User, Route, Upstream, Cache, Outcome string
		ID                                                       string `json:"request_id"`
		Status, Bytes                                            int
		Seconds                                                  float64
	}
	want := []line{
		{Msg: "request", Method: "GET", Path: "/products/7", User: "ada", Route: "GET /products/{id}", Upstream: "shop", Cache: "miss", Outcome: "answered", ID: "abc", Status: 200, Bytes: 5},
		{Msg: "request", Method: "GET", Path: "/products/7", User: "ada", Route: "GET /products/{id}", Cache: "hit", Outcome: "cached", ID: "abc", Status: 200, Bytes: 5},
		{Msg: "request", Method: "GET", Path: "/products/7", Route: "GET /products/{id}", Outcome: "unauthorised", ID: "abclevelERROR", Status: 401, Bytes: 35},
		{Msg: "request", Method: "GET", Path: "/", Outcome: "unrouted", Status: 404, Bytes: 22},
	}
	for _, secret := range []string{"hunter2", token, token[len(token)-20:]} {
		if strings.Contains(lines.String(), secret) {
			t.Errorf("the log has %s", secret)
		}
	}
	decoder := json.NewDecoder(&lines)
	for i := range want {
		var got line
		if err := decoder.Decode(&got); err != nil {
			t.Fatal(err)
		}
		if got.Seconds <= 0 {
			t.Errorf("line %d: took %v s", i, got.Seconds)
		}
		if want[i].Seconds = got.Seconds; want[i].ID == "" {
			want[i].ID = got.ID
		}
		if got != want[i] {
			t.Errorf("line %d:\ngot  %+v\nwant %+v", i, got, want[i])
		}
	}
	if err := decoder.Decode(new(line)); !errors.Is(err, io.EOF) {
		t.Error("there are more lines than requests")
	}
}

// The ids go on in the context, for whoever stands between.
func TestContextCarriesTheIDs(t *testing.T) {
	g := build(t, &echo{}, Config{Routes: []Route{{Pattern: "/", Public: true}}, RateLimit: func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, correlation.From(r.Context()).Request)
		})
	}})
	if got := ask(g, "GET", "/", "", "X-Request-ID: abc").Body.String(); got != "abc" {
		t.Errorf("got %q, want abc", got)
	}
}

// Whoever watches the gateway learns which route a request took.
func TestPattern(t *testing.T) {
	g := build(t, &echo{}, Config{Routes: []Route{{Pattern: "GET /products/{id}", Public: true}}})
	for path, want := range map[string]string{"/products/7": "GET /products/{id}", "/nowhere": ""} {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		g.ServeHTTP(httptest.NewRecorder(), r)
		if r.Pattern != want {
			t.Errorf("%s: got %q, want %q", path, r.Pattern, want)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	ups := map[string]string{"shop": "http://shop.test"}
	two := map[string]string{"shop": "http://shop.test", "pay": "http://pay.test"}
	open := Route{Pattern: "/", Public: true}
	for _, tt := range []struct {
		name   string
		config Config
		want   string
	}{
		{"no upstream", Config{}, "there is no upstream"},
		{"bad upstream", Config{Upstreams: map[string]string{"shop": "shop:80"}}, `upstream "shop": want a URL`},
		{"several upstreams", Config{Upstreams: two, Routes: []Route{open}}, "it names no upstream, and there are several"},
		{"another upstream", Config{Upstreams: ups, Routes: []Route{{Pattern: "/", Public: true, Upstream: "pay"}}}, `there is no upstream "pay"`},
		{"no way in", Config{Upstreams: ups, Routes: []Route{{Pattern: "/"}}}, "neither JWTs nor API keys"},
		{"pattern", Config{Upstreams: ups, Routes: []Route{{Pattern: "GET", Public: true}}}, `gateway: route "GET": `},
		{"conflict", Config{Upstreams: ups, Routes: []Route{{Pattern: "/{a}/x", Public: true}, {Pattern: "/x/{b}", Public: true}}}, "conflicts with pattern"},
		{"public with scopes", Config{Upstreams: ups, Routes: []Route{{Pattern: "/", Public: true, Scopes: []string{"a"}}}}, "public and needs scopes"},
		{"prefix", Config{Upstreams: ups, Routes: []Route{{Pattern: "/", Public: true, AddPrefix: "api/"}}}, "a prefix begins with a slash"},
		{"times", Config{Upstreams: ups, Routes: []Route{{Pattern: "/", Public: true, Cache: -1}}}, "want 0s or more"},
		{"sizes", Config{Upstreams: ups, MaxBody: -1}, "no size may be negative"},
		{"realm", Config{Upstreams: ups, Realm: `a"b`}, "the realm"},
		{"algorithm", Config{Upstreams: ups, JWT: &JWT{Algorithm: "none"}}, `algorithm "none", want HS256 or RS256`},
		{"secret", Config{Upstreams: ups, JWT: &JWT{Algorithm: HS256, Secret: []byte("short")}}, "the secret has 5 bytes, want 32 or more"},
		{"both", Config{Upstreams: ups, JWT: &JWT{Algorithm: HS256, Secret: secret, JWKS: "x"}}, "takes a secret alone"},
		{"no keys", Config{Upstreams: ups, JWT: &JWT{Algorithm: RS256}}, "needs the URL or the file"},
		{"no key file", Config{Upstreams: ups, JWT: &JWT{Algorithm: RS256, JWKS: "/nowhere.json"}}, "no such file"},
		{"leeway", Config{Upstreams: ups, JWT: &JWT{Algorithm: HS256, Secret: secret, Leeway: -1}}, "the leeway is -1ns"},
		{"API key", Config{Upstreams: ups, APIKeys: []APIKey{{Key: "k", User: "a\nb"}}}, "API key 0: want a key, and a user"},
	} {
		_, err := New(tt.config)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want …%s…", tt.name, err, tt.want)
		}
		if err != nil && strings.Contains(err.Error(), "short") && tt.name == "secret" {
			t.Errorf("the error tells the secret: %v", err)
		}
	}
}

// Many clients at once, for the race detector and the counters.
func TestAtOnce(t *testing.T) {
	e := &echo{}
	g, url, client := serve(t, e, Config{
		JWT: hs256(), APIKeys: []APIKey{{Key: "k", User: "bob"}},
		Routes: []Route{{Pattern: "/a/{id}", Cache: time.Millisecond}, {Pattern: "/b", Public: true, RemoveFields: []string{"Body"}}},
	})
	token := sign(t)
	up := g.upstreams["shop"].url.Load().String()
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for j := range 40 {
				r, err := http.NewRequestWithContext(t.Context(), "GET", fmt.Sprintf("%s/%s", url, []string{"a/1", "a/2", "b", "c", "a%2fb"}[j%5]), nil)
				if err != nil {
					t.Error(err)
					return
				}
				switch (i + j) % 3 {
				case 0:
					r.Header.Set("Authorization", "Bearer "+token)
				case 1:
					r.Header.Set("X-Api-Key", "k")
				}
				response, err := client.Do(r)
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, response.Body)
				response.Body.Close()
				if err := g.SetUpstream("shop", up); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if s := g.Stats(); s.Requests != 320 || s.Forwarded != e.asked.Load() || s.Unrouted != 64 || s.Malformed != 64 {
		t.Errorf("got %+v with %d asked, want 320, 64 unrouted, 64 malformed", s, e.asked.Load())
	}
}
