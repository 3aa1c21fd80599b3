package edge_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/floodmark/floodmark/demo-server/edge"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func Example() {
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "max-age=60")
		fmt.Fprint(w, "body {}")
	}))
	defer origin.Close()
	us, err := edge.New(edge.Config{Name: "edge-us", Origin: origin.URL, PricePerGB: 0.08})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer us.Close()
	server := httptest.NewServer(us)
	defer server.Close()
	for range 2 {
		response, err := server.Client().Get(server.URL + "/static/app.css")
		if err != nil {
			fmt.Println(err)
			return
		}
		name, rest, _ := strings.Cut(response.Header.Get("Cache-Status"), "; ")
		how, _, _ := strings.Cut(rest, "; ")
		fmt.Println(name, how)
		_ = response.Body.Close()
	}
	fmt.Println(us.Stats().Hits, us.Stats().Misses)
	// Output:
	// edge-us fwd=uri-miss
	// edge-us hit
	// 1 1
}

// An origin answers as it is told, in the bubble of a test.
type origin struct {
	mu      sync.Mutex
	handler http.HandlerFunc
	delay   time.Duration
	err     error
	asked   []*http.Request
}

// RoundTrip answers a request.
func (o *origin) RoundTrip(r *http.Request) (*http.Response, error) {
	o.mu.Lock()
	o.asked = append(o.asked, r)
	handler, delay, err := o.handler, o.delay, o.err
	o.mu.Unlock()
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	if err != nil {
		return nil, err
	}
	recorder := httptest.NewRecorder()
	recorder.Header().Set("Date", time.Now().UTC().Format(http.TimeFormat))
	handler(recorder, r)
	if r.Method == http.MethodHead {
		recorder.Body.Reset()
	}
	return recorder.Result(), nil
}

func (o *origin) times() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.asked)
}

func (o *origin) fail(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.err = err
}

// says returns a handler of answers with a header and a body.
func says(body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Add(header[i], header[i+1])
		}
		if tag := w.Header().Get("ETag"); tag != "" && r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		fmt.Fprint(w, body)
	}
}

// start returns an edge that asks the origin and ends with the test.
func start(t *testing.T, o *origin, config edge.Config) *edge.Edge {
	t.Helper()
	config.Origin = "http://origin.test"
	config.Transport = o
	e, err := edge.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		sum(t, e.Stats())
	})
	return e
}

// sum checks that each request is in one counter.
func sum(t *testing.T, s edge.Stats) {
	t.Helper()
	if got := s.Hits + s.Stale + s.Revalidated + s.Misses + s.Collapsed + s.Passed + s.Failed + s.Abandoned; got != s.Requests || s.InFlight != 0 {
		t.Errorf("got %d requests in all counters and %d in flight, want %d and 0: %+v", got, s.InFlight, s.Requests, s)
	}
}

// A reply is an answer that has been read.
type reply struct {
	code   int
	header http.Header
	body   string
}

// do has a handler answer a request.
func do(h http.Handler, r *http.Request) reply {
	recorder := httptest.NewRecorder()
	h.ServeHTTP(recorder, r)
	return reply{recorder.Code, recorder.Result().Header, recorder.Body.String()}
}

// newRequest returns a request as a server gets it, with header fields in pairs.
func newRequest(ctx context.Context, method, target, payload string, header ...string) *http.Request {
	request := httptest.NewRequestWithContext(ctx, method, target, strings.NewReader(payload))
	for i := 0; i < len(header); i += 2 {
		request.Header.Add(header[i], header[i+1])
	}
	return request
}

// ask makes a request without a body.
func ask(t *testing.T, h http.Handler, method, target string, header ...string) reply {
	t.Helper()
	return do(h, newRequest(t.Context(), method, target, "", header...))
}

// A step is a request after a while, and what is expected of it.
type step struct {
	after  time.Duration
	method string // empty: GET
	target string // empty: /
	header []string
	code   int // 0: 200
	status string
	age    string
	body   string
}

func TestFreshness(t *testing.T) {
	const etag = `"1"`
	expires := func(d time.Duration) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Expires", time.Now().Add(d).UTC().Format(http.TimeFormat))
			fmt.Fprint(w, "x")
		}
	}
	tests := []struct {
		name   string
		origin http.HandlerFunc
		config edge.Config
		steps  []step
	}{
		{"max-age", says("x", "Cache-Control", "max-age=10"), edge.Config{}, []step{
			{status: "fwd=uri-miss; fwd-status=200; ttl=10; stored", age: "0", body: "x"},
			{after: 3 * time.Second, status: "hit; ttl=7", age: "3", body: "x"},
			{after: 7 * time.Second, status: "fwd=stale; fwd-status=200; ttl=10; stored", age: "0", body: "x"},
		}},
		{"s-maxage counts before max-age", says("x", "Cache-Control", "max-age=1, s-maxage=10"), edge.Config{}, []step{
			{status: "fwd=uri-miss; fwd-status=200; ttl=10; stored", age: "0", body: "x"},
			{after: 5 * time.Second, status: "hit; ttl=5", age: "5", body: "x"},
		}},
		{"Age of caches before", says("x", "Cache-Control", "max-age=10", "Age", "8"), edge.Config{}, []step{
			{status: "fwd=uri-miss; fwd-status=200; ttl=2; stored", age: "8", body: "x"},
			{after: time.Second, status: "hit; ttl=1", age: "9", body: "x"},
		}},
		{"Expires", expires(10 * time.Second), edge.Config{}, []step{
			{status: "fwd=uri-miss; fwd-status=200; ttl=10; stored", age: "0", body: "x"},
			{after: 9 * time.Second, status: "hit; ttl=1", age: "9", body: "x"},
		}},
		{"Expires, unreadable", says("x", "Expires", "0"), edge.Config{DefaultTTL: time.Minute}, []step{
			{status: "fwd=uri-miss; fwd-status=200", body: "x"},
			{status: "fwd=uri-miss; fwd-status=200", body: "x"},
		}},
		{"max-age, unreadable", says("x", "Cache-Control", "max-age=soon"), edge.Config{DefaultTTL: time.Minute}, []step{
			{status: "fwd=uri-miss; fwd-status=200", body: "x"},
			{status: "fwd=uri-miss; fwd-status=200", body: "x"},
		}},
		{"a redirection that says so", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Cache-Control", "max-age=10")
			w.WriteHeader(http.StatusFound)
		}, edge.Config{}, []step{
			{code: 302, status: "fwd=uri-miss; fwd-status=302; ttl=10; stored", age: "0"},
			{code: 302, status: "hit; ttl=10", age: "0"},
		}},
		{"not found, with a default", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }, edge.Config{DefaultTTL: time.Minute}, []step{
			{code: 404, status: "fwd=uri-miss; fwd-status=404; ttl=60; stored", age: "0"},
			{code: 404, status: "hit; ttl=60", age: "0"},
		}},
		{"by date", func(w http.ResponseWriter, r *http.Request) {
			const made = "Sat, 01 Jan 2000 00:00:00 GMT"
			w.Header().Set("Cache-Control", "max-age=10")
			w.Header().Set("Last-Modified", made)
			if r.Header.Get("If-Modified-Since") == made {
				w.WriteHeader(http.StatusNotModified)
				return
			}
			fmt.Fprint(w, "x")
		}, edge.Config{}, []step{
			{status: "fwd=uri-miss; fwd-status=200; ttl=10; stored", age: "0", body: "x"},
			{header: []string{"If-Modified-Since", "Sat, 01 Jan 2000 00:00:00 GMT"}, code: 304, status: "hit; ttl=10"},
			{header: []string{"If-Modified-Since", "Fri, 31 Dec 1999 00:00:00 GMT"}, status: "hit; ttl=10", body: "x"},
			{after: 11 * time.Second, status: "fwd=stale; fwd-status=304; ttl=10", age: "0", body: "x"},
		}},
		{"no-store", says("x", "Cache-Control", "max-age=10, no-store"), edge.Config{}, []step{
			{status: "fwd=uri-miss; fwd-status=200", body: "x"},
			{status: "fwd=uri-miss; fwd-status=200", body: "x"},
		}},
		{"private, of some fields", says("x", "Cache-Control", `max-age=10, private="a, no-store"`), edge.Config{}, []step{
			{status: "fwd=uri-miss; fwd-status=200", body: "x"},
			{status: "fwd=uri-miss; fwd-status=200", body: "x"},
		}},
		{"silent", says("x"), edge.Config{}, []step{
			{status: "fwd=uri-miss; fwd-status=200", body: "x"},
			{status: "fwd=uri-miss; fwd-status=200", body: "x"},
		}},
		{"silent, with a default", says("x"), edge.Config{DefaultTTL: time.Minute}, []step{
			{status: "fwd=uri-miss; fwd-status=200; ttl=60; stored", age: "0", body: "x"},
			{status: "hit; ttl=60", age: "0", body: "x"},
		}},
		{"an error, with a default", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }, edge.Config{DefaultTTL: time.Minute}, []step{
			{code: 418, status: "fwd=uri-miss; fwd-status=418"},
			{code: 418, status: "fwd=uri-miss; fwd-status=418"},
		}},
		{"a cookie is set", says("x", "Cache-Control", "max-age=10", "Set-Cookie", "a=b"), edge.Config{}, []step{
			{status: "fwd=uri-miss; fwd-status=200", body: "x"},
			{status: "fwd=uri-miss; fwd-status=200", body: "x"},
		}},
		{"a cookie is sent", says("x"), edge.Config{DefaultTTL: time.Minute}, []step{
			{header: []string{"Cookie", "a=b"}, status: "fwd=uri-miss; fwd-status=200", body: "x"},
			{status: "fwd=uri-miss; fwd-status=200; ttl=60; stored", age: "0", body: "x"},
		}},
		{"credentials", says("x", "Cache-Control", "max-age=10"), edge.Config{}, []step{
			{header: []string{"Authorization", "Bearer t"}, status: "fwd=uri-miss; fwd-status=200", body: "x"},
			{status: "fwd=uri-miss; fwd-status=200; ttl=10; stored", age: "0", body: "x"},
		}},
		{"credentials, but public", says("x", "Cache-Control", "public, max-age=10"), edge.Config{}, []step{
			{header: []string{"Authorization", "Bearer t"}, status: "fwd=uri-miss; fwd-status=200; ttl=10; stored", age: "0", body: "x"},
			{status: "hit; ttl=10", age: "0", body: "x"},
		}},
		{"no-cache is validated each time", says("x", "Cache-Control", "no-cache", "ETag", etag), edge.Config{}, []step{
			{status: "fwd=uri-miss; fwd-status=200; ttl=0; stored", age: "0", body: "x"},
			{status: "fwd=stale; fwd-status=304; ttl=0", age: "0", body: "x"},
		}},
		{"validation", says("x", "Cache-Control", "max-age=10", "ETag", etag), edge.Config{}, []step{
			{status: "fwd=uri-miss; fwd-status=200; ttl=10; stored", age: "0", body: "x"},
			{after: 11 * time.Second, status: "fwd=stale; fwd-status=304; ttl=10", age: "0", body: "x"},
			{after: time.Second, status: "hit; ttl=9", age: "1", body: "x"},
		}},
		{"the client asks for validation", says("x", "Cache-Control", "max-age=10", "ETag", etag), edge.Config{}, []step{
			{status: "fwd=uri-miss; fwd-status=200; ttl=10; stored", age: "0", body: "x"},
			{after: time.Second, header: []string{"Cache-Control", "no-cache"}, status: "fwd=request; fwd-status=304; ttl=10", age: "0", body: "x"},
		}},
		{"the client stores nothing", says("x", "Cache-Control", "max-age=10"), edge.Config{}, []step{
			{header: []string{"Cache-Control", "no-store"}, status: "fwd=bypass; fwd-status=200", body: "x"},
			{status: "fwd=uri-miss; fwd-status=200; ttl=10; stored", age: "0", body: "x"},
		}},
		{"the client has it", says("x", "Cache-Control", "max-age=10", "ETag", etag), edge.Config{}, []step{
			{header: []string{"If-None-Match", `"0", W/"1"`}, code: 304, status: "fwd=uri-miss; fwd-status=200; ttl=10; stored", age: "0"},
			{header: []string{"If-None-Match", `"1"`}, code: 304, status: "hit; ttl=10", age: "0"},
			{header: []string{"If-None-Match", `"2"`}, status: "hit; ttl=10", age: "0", body: "x"},
		}},
		{"HEAD", says("x", "Cache-Control", "max-age=10"), edge.Config{}, []step{
			{method: http.MethodHead, status: "fwd=uri-miss; fwd-status=200"},
			{status: "fwd=uri-miss; fwd-status=200; ttl=10; stored", age: "0", body: "x"},
			{method: http.MethodHead, status: "hit; ttl=10", age: "0"},
		}},
		{"a part", says("x", "Cache-Control", "max-age=10"), edge.Config{}, []step{
			{header: []string{"Range", "bytes=0-0"}, status: "fwd=bypass; fwd-status=200", body: "x"},
		}},
		{"the query is part of the key", says("x", "Cache-Control", "max-age=10"), edge.Config{}, []step{
			{target: "/a?b=1;c", status: "fwd=uri-miss; fwd-status=200; ttl=10; stored", age: "0", body: "x"},
			{target: "/a?b=2;c", status: "fwd=uri-miss; fwd-status=200; ttl=10; stored", age: "0", body: "x"},
			{target: "/a?b=1;c", status: "hit; ttl=10", age: "0", body: "x"},
		}},
		{"a write drops what it is about", says("x", "Cache-Control", "max-age=10"), edge.Config{}, []step{
			{status: "fwd=uri-miss; fwd-status=200; ttl=10; stored", age: "0", body: "x"},
			{method: http.MethodPost, status: "fwd=method; fwd-status=200", body: "x"},
			{status: "fwd=uri-miss; fwd-status=200; ttl=10; stored", age: "0", body: "x"},
		}},
		{"too large", says(strings.Repeat("x", 101), "Cache-Control", "max-age=10"), edge.Config{MaxObject: 100}, []step{
			{status: "fwd=uri-miss; fwd-status=200", body: strings.Repeat("x", 101)},
			{status: "fwd=uri-miss; fwd-status=200", body: strings.Repeat("x", 101)},
		}},
		{"depends on everything", says("x", "Cache-Control", "max-age=10", "Vary", "*"), edge.Config{}, []step{
			{status: "fwd=uri-miss; fwd-status=200", body: "x"},
			{status: "fwd=uri-miss; fwd-status=200", body: "x"},
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				run(t, start(t, &origin{handler: test.origin}, test.config), test.steps)
			})
		})
	}
}

// The time that an answer was under way counts, on top of what caches before say.
func TestAgeOfTheWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &origin{handler: says("x", "Cache-Control", "max-age=10", "Age", "3"), delay: 2 * time.Second}
		run(t, start(t, o, edge.Config{}), []step{{status: "fwd=uri-miss; fwd-status=200; ttl=5; stored", age: "5", body: "x"}})
	})
}

// An origin that changes its mind about an object is believed.
func TestNotKeptAnyMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &origin{handler: says("1", "Cache-Control", "max-age=10")}
		e := start(t, o, edge.Config{})
		ask(t, e, http.MethodGet, "/")
		o.handler = says("2", "Cache-Control", "no-store")
		time.Sleep(11 * time.Second)
		run(t, e, []step{
			{method: http.MethodHead, status: "fwd=stale; fwd-status=200"},
			{status: "fwd=uri-miss; fwd-status=200", body: "2"},
		})
	})
}

// run makes requests one after the other.
func run(t *testing.T, e *edge.Edge, steps []step) {
	t.Helper()
	for i, s := range steps {
		time.Sleep(s.after)
		method, target, code := s.method, s.target, s.code
		if method == "" {
			method = http.MethodGet
		}
		if target == "" {
			target = "/"
		}
		if code == 0 {
			code = http.StatusOK
		}
		response := ask(t, e, method, target, s.header...)
		if got := response.code; got != code {
			t.Errorf("step %d: got status %d, want %d", i, got, code)
		}
		if got, want := response.header.Get("Cache-Status"), "edge; "+s.status; got != want {
			t.Errorf("step %d: got Cache-Status %q, want %q", i, got, want)
		}
		if got := response.header.Get("Age"); s.age != "" && got != s.age {
			t.Errorf("step %d: got Age %q, want %q", i, got, s.age)
		}
		if got := response.body; got != s.body {
			t.Errorf("step %d: got body %q, want %q", i, got, s.body)
		}
		synctest.Wait() // what goes on behind
	}
}

func TestStale(t *testing.T) {
	tests := []struct {
		name    string
		control string
		grace   time.Duration // of the configuration
		late    time.Duration // after the time of 10 s
		failing bool
		code    int
		status  string
		next    string // the status right after
	}{
		{"while it is validated", "max-age=10, stale-while-revalidate=5", 0, 4 * time.Second, false, 200, "hit; ttl=-4", "hit; ttl=10"},
		{"not for longer than that", "max-age=10, stale-while-revalidate=5", 0, 5 * time.Second, false, 200, "fwd=stale; fwd-status=304; ttl=10", "hit; ttl=10"},
		{"never, when it must be validated", "max-age=10, must-revalidate, stale-while-revalidate=5", 0, 4 * time.Second, false, 200, "fwd=stale; fwd-status=304; ttl=10", "hit; ttl=10"},
		{"when the origin fails", "max-age=10, stale-if-error=60", 0, 30 * time.Second, true, 200, "fwd=stale; ttl=-30", "fwd=stale; ttl=-30"},
		{"not for longer than that, either", "max-age=10, stale-if-error=60", 0, 60 * time.Second, true, 503, "fwd=stale; fwd-status=503", "fwd=stale; fwd-status=503"},
		{"not when it must be validated", "max-age=10, must-revalidate, stale-if-error=60", 0, 30 * time.Second, true, 503, "fwd=stale; fwd-status=503", "fwd=stale; fwd-status=503"},
		{"by the configuration", "max-age=10", time.Minute, 30 * time.Second, true, 200, "fwd=stale; ttl=-30", "fwd=stale; ttl=-30"},
		{"not by the configuration, when shared", "s-maxage=10", time.Minute, 30 * time.Second, true, 503, "fwd=stale; fwd-status=503", "fwd=stale; fwd-status=503"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				well := says("x", "Cache-Control", test.control, "ETag", `"1"`)
				o := &origin{handler: well}
				e := start(t, o, edge.Config{StaleIfError: test.grace})
				ask(t, e, http.MethodGet, "/")
				time.Sleep(10*time.Second + test.late)
				if test.failing {
					o.handler = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }
				}
				for _, want := range []string{test.status, test.next} {
					response := ask(t, e, http.MethodGet, "/")
					if got := response.code; got != test.code {
						t.Errorf("got %d, want %d", got, test.code)
					}
					if got := response.header.Get("Cache-Status"); got != "edge; "+want {
						t.Errorf("got %q, want %q", got, "edge; "+want)
					}
					synctest.Wait()
				}
			})
		})
	}
}

// An origin that cannot be reached at all is one that fails.
func TestStaleWithoutOrigin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &origin{handler: says("x", "Cache-Control", "max-age=1, stale-if-error=60")}
		e := start(t, o, edge.Config{})
		ask(t, e, http.MethodGet, "/a")
		time.Sleep(2 * time.Second)
		o.fail(io.ErrUnexpectedEOF)
		if got := ask(t, e, http.MethodGet, "/a").body; got != "x" {
			t.Errorf("got %q, want x", got)
		}
		response := ask(t, e, http.MethodGet, "/b")
		if got := response.body; response.code != http.StatusBadGateway || got != `{"error":"the origin does not answer"}`+"\n" {
			t.Errorf("got %d %s, want 502 and an error", response.code, got)
		}
		o.fail(context.DeadlineExceeded)
		if got := ask(t, e, http.MethodGet, "/b").code; got != http.StatusGatewayTimeout {
			t.Errorf("got %d, want 504", got)
		}
		if got := e.Stats(); got.Stale != 1 || got.Failed != 2 || got.Misses != 1 {
			t.Errorf("got %+v, want 1 stale, 2 failed, 1 miss", got)
		}
	})
}

func TestVary(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &origin{handler: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "max-age=60")
			w.Header().Set("Vary", "accept-language")
			fmt.Fprint(w, r.Header.Get("Accept-Language"))
		}}
		run(t, start(t, o, edge.Config{}), []step{
			{header: []string{"Accept-Language", "de"}, status: "fwd=uri-miss; fwd-status=200; ttl=60; stored", body: "de"},
			{header: []string{"Accept-Language", "en, fr"}, status: "fwd=vary-miss; fwd-status=200; ttl=60; stored", body: "en, fr"},
			{header: []string{"Accept-Language", "de"}, status: "hit; ttl=60", body: "de"},
			{header: []string{"Accept-Language", "en,fr"}, status: "hit; ttl=60", body: "en, fr"},
			{status: "fwd=vary-miss; fwd-status=200; ttl=60; stored"},
			{status: "hit; ttl=60"},
		})
	})
}

// One resource does not take all memory with objects of its own, however many there are.
func TestVariantsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &origin{handler: says("x", "Cache-Control", "max-age=60", "Vary", "User-Agent")}
		e := start(t, o, edge.Config{})
		for i := range 100 {
			ask(t, e, http.MethodGet, "/", "User-Agent", fmt.Sprint(i))
		}
		if got := e.Stats(); got.Resources != 1 || got.Bytes > 10_000 {
			t.Errorf("got %+v, want 1 resource below 10 kB", got)
		}
		if got := ask(t, e, http.MethodGet, "/", "User-Agent", "99").header.Get("Cache-Status"); got != "edge; hit; ttl=60" {
			t.Errorf("got %q, want the newest to be there", got)
		}
	})
}

func TestMemoryIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const most = 100_000
		o := &origin{handler: says(strings.Repeat("x", 1000), "Cache-Control", "max-age=60")}
		e := start(t, o, edge.Config{MaxBytes: most})
		for i := range 1000 {
			ask(t, e, http.MethodGet, fmt.Sprintf("/%d", i))
		}
		got := e.Stats()
		if got.Bytes > most || got.Bytes < most/2 || got.Evictions != 1000-uint64(got.Resources) {
			t.Errorf("got %+v, want at most %d bytes, and an eviction for each resource that is gone", got, most)
		}
	})
}

// A body that breaks off is neither kept nor sent as if it were whole.
func TestBrokenBody(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Cache-Control", "max-age=60")
		w.Header().Set("Content-Length", "10")
		fmt.Fprint(w, "x")
	}))
	defer server.Close()
	e, err := edge.New(edge.Config{Origin: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	for range 2 {
		if got := ask(t, e, http.MethodGet, "/").code; got != http.StatusBadGateway {
			t.Errorf("got %d, want 502", got)
		}
	}
	if got := e.Stats(); got.Failed != 2 || got.Resources != 0 {
		t.Errorf("got %+v, want 2 failed and nothing kept", got)
	}
}

func TestNewRefuses(t *testing.T) {
	tests := []struct {
		config edge.Config
		want   string
	}{
		{edge.Config{}, "origin: want a URL such as http://127.0.0.1:8080"},
		{edge.Config{Origin: "127.0.0.1:8080"}, "origin: "},
		{edge.Config{Origin: "http://a", Name: "edge us"}, `a letter, then at most 63 letters, digits, dots or dashes, got "edge us"`},
		{edge.Config{Origin: "http://a", MaxBytes: 10, MaxObject: 11}, "fit into its memory, got 11 of 10 bytes"},
		{edge.Config{Origin: "http://a", DefaultTTL: -1}, "times are not negative"},
		{edge.Config{Origin: "http://a", PricePerGB: -1}, "a gigabyte cannot cost -1"},
	}
	for _, test := range tests {
		if e, err := edge.New(test.config); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, %v, want …%s…", e, err, test.want)
		}
	}
}
