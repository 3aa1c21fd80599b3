package gateway

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var secret = []byte("0123456789abcdef0123456789abcdef")

// An echo is an upstream that tells what it was asked, and counts that. A handler may
// take its place.
type echo struct {
	asked  atomic.Uint64
	handle http.HandlerFunc
}

// A heard is what an echo answers.
type heard struct {
	Method, Path, Query, Host, Body string
	Header                          http.Header
}

func (e *echo) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e.asked.Add(1)
	if e.handle != nil {
		e.handle(w, r)
		return
	}
	body, _ := io.ReadAll(r.Body)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Internal", "10.0.0.7")
	_ = json.NewEncoder(w).Encode(heard{r.Method, r.URL.EscapedPath(), r.URL.RawQuery, r.Host, string(body), r.Header})
}

// A wire is a transport to a handler in the same process, for tests with fake time.
type wire struct{ http.Handler }

func (w wire) RoundTrip(r *http.Request) (*http.Response, error) {
	rec := httptest.NewRecorder()
	if r.Body == nil {
		r.Body = http.NoBody
	}
	if r.Host == "" {
		r.Host = r.URL.Host // as on a socket
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.ServeHTTP(rec, r)
	}()
	select {
	case <-done:
	case <-r.Context().Done():
		<-done
		return nil, r.Context().Err()
	}
	response := rec.Result()
	response.Request = r
	return response, nil
}

// build returns a gateway in front of an echo, without sockets.
func build(tb testing.TB, e *echo, config Config) *Gateway {
	tb.Helper()
	if config.Upstreams == nil {
		config.Upstreams = map[string]string{"shop": "http://shop.test"}
	}
	if config.Transport == nil {
		config.Transport = wire{e}
	}
	g, err := New(config)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := g.Close(); err != nil {
			tb.Error(err)
		}
		wantSum(tb, g.Stats(), e)
	})
	return g
}

// wantSum fails unless every request is in exactly one counter, and the upstream has
// heard of the forwarded ones alone.
func wantSum(tb testing.TB, s Stats, e *echo) {
	tb.Helper()
	here := s.Malformed + s.Unrouted + s.Unauthorised + s.Forbidden + s.Unverifiable + s.Limited + s.Cached
	if s.Requests != s.InFlight+here+s.Forwarded || s.Forwarded != s.Answered+s.BadGateway+s.GatewayTimeout+s.TooLarge+s.Gone+s.Aborted {
		tb.Errorf("the counters do not add up: %+v", s)
	}
	if asked := e.asked.Load(); asked > s.Forwarded {
		tb.Errorf("the upstream was asked %d times for %d forwarded requests", asked, s.Forwarded)
	}
}

// request returns a request with headers such as "X-User: root".
func request(method, target, body string, headers ...string) *http.Request {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if body == "" {
		r = httptest.NewRequest(method, target, nil)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header[http.CanonicalHeaderKey(name)] = append(r.Header[http.CanonicalHeaderKey(name)], value)
	}
	return r
}

// ask sends a request through a handler.
func ask(h http.Handler, method, target, body string, headers ...string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, request(method, target, body, headers...))
	return w
}

// hear returns what the upstream was asked, by the answer.
func hear(tb testing.TB, body []byte) heard {
	tb.Helper()
	var h heard
	if err := json.Unmarshal(body, &h); err != nil {
		tb.Fatalf("%v: %s", err, body)
	}
	return h
}

// hs256 is how most tests are authenticated.
func hs256() *JWT {
	return &JWT{Algorithm: HS256, Secret: secret, Issuer: "demo", Audience: "shop", Leeway: 5 * time.Second}
}

// good are the claims of a token that hs256 accepts.
func good() jwt.MapClaims {
	now := time.Now()
	return jwt.MapClaims{"iss": "demo", "aud": "shop", "sub": "ada", "scope": "read orders", "exp": now.Add(time.Minute).Unix(), "nbf": now.Unix()}
}

// sign returns a token with the good claims, changed by pairs of name and value; a nil
// value removes one.
func sign(tb testing.TB, change ...any) string {
	tb.Helper()
	c := good()
	for i := 0; i < len(change); i += 2 {
		if c[change[i].(string)] = change[i+1]; change[i+1] == nil {
			delete(c, change[i].(string))
		}
	}
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, c).SignedString(secret)
	if err != nil {
		tb.Fatal(err)
	}
	return token
}
