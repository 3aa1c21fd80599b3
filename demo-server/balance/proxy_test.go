package balance_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/floodmark/floodmark/demo-server/balance"
)

// What a backend sees of a request, and what a client sees of the answer.
func TestHeaders(t *testing.T) {
	var seen *http.Request
	var body string
	replica := server(t, func(w http.ResponseWriter, r *http.Request) {
		read, _ := io.ReadAll(r.Body)
		seen, body = r, string(read)
		w.Header().Set("Connection", "X-Hop")
		w.Header().Set("X-Hop", "mine")
		w.Header().Set("Keep-Alive", "timeout=5")
		w.Header().Set("X-Kept", "yes")
		w.Header().Set("X-Busy", "0.5")
		w.Header().Set("X-Request-ID", "another")
		w.WriteHeader(http.StatusTeapot)
	})
	b, address := listen(t, balance.Config{
		Backends:    []balance.Backend{at("web-1", replica)},
		Utilisation: balance.Utilisation{Header: "X-Busy"},
	})
	r := request(t, http.MethodPost, "http://"+address+"/a%2Fb?q=1", "hello")
	r.Host = "shop.example"
	for name, value := range map[string]string{
		"Connection": "close, X-Private", "X-Private": "secret", "Te": "trailers", "Proxy-Authorization": "secret",
		"X-Forwarded-For": "6.6.6.6", "X-Forwarded-Host": "evil", "Forwarded": "for=6.6.6.6",
		"Traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "X-Request-Id": "trace-me",
	} {
		r.Header.Set(name, value)
	}
	answer := fetch(t, r)
	for name, want := range map[string]string{
		"X-Private": "", "Te": "trailers", "Proxy-Authorization": "", "Forwarded": "", "Connection": "",
		"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Host": "shop.example", "X-Forwarded-Proto": "http",
		"Traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "X-Request-Id": "trace-me",
	} {
		if got := strings.Join(seen.Header.Values(name), ", "); got != want {
			t.Errorf("the backend's %s: got %q, want %q", name, got, want)
		}
	}
	if seen.Host != "shop.example" || seen.URL.RequestURI() != "/a%2Fb?q=1" || body != "hello" || seen.Method != http.MethodPost {
		t.Errorf("got %s %s %s %q", seen.Method, seen.Host, seen.URL.RequestURI(), body)
	}
	for name, want := range map[string]string{
		"X-Hop": "", "Keep-Alive": "", "X-Kept": "yes", "X-Busy": "", "X-Request-Id": "trace-me",
	} {
		if got := strings.Join(answer.header.Values(name), ", "); got != want {
			t.Errorf("the client's %s: got %q, want %q", name, got, want)
		}
	}
	if answer.status != http.StatusTeapot {
		t.Errorf("got %d", answer.status)
	}
	if got := state(t, b, "web-1"); got.Utilisation != 0.5 {
		t.Errorf("got %+v, want a utilisation of 0.5", got)
	}
}

func TestRequestIDs(t *testing.T) {
	seen := ""
	replica := server(t, func(_ http.ResponseWriter, r *http.Request) { seen = r.Header.Get("X-Request-Id") })
	_, address := listen(t, balance.Config{Backends: []balance.Backend{at("web-1", replica)}})
	for _, test := range []struct{ id, want string }{
		{"", ""},
		{"abc-1", "abc-1"},
		{strings.Repeat("a", 65), strings.Repeat("a", 64)},
		{"a b", "ab"},
		{"ä", ""},
	} {
		r := request(t, http.MethodGet, "http://"+address, "")
		r.Header.Set("X-Request-Id", test.id)
		answer := fetch(t, r)
		made := test.want == "" && len(seen) == 32
		if seen != test.want && !made || answer.header.Get("X-Request-Id") != seen {
			t.Errorf("%q: the backend has %q, the client %q", test.id, seen, answer.header.Get("X-Request-Id"))
		}
	}
}

func TestTrustForwarded(t *testing.T) {
	var seen http.Header
	replica := server(t, func(_ http.ResponseWriter, r *http.Request) { seen = r.Header })
	_, address := listen(t, balance.Config{Backends: []balance.Backend{at("web-1", replica)}, TrustForwarded: true})
	r := request(t, http.MethodGet, "http://"+address, "")
	r.Header.Set("X-Forwarded-For", "10.0.0.1, 10.0.0.2")
	r.Header.Set("X-Forwarded-Proto", "https")
	fetch(t, r)
	if got, want := seen.Get("X-Forwarded-For"), "10.0.0.1, 10.0.0.2, 127.0.0.1"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := seen.Get("X-Forwarded-Proto"); got != "https" {
		t.Errorf("got %q, want https", got)
	}
}

// The parts of an answer reach the client as the backend sends them, and the trailers
// after them.
func TestStreaming(t *testing.T) {
	more := make(chan bool)
	replica := server(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Trailer", "X-Sum")
		for part := range 3 {
			fmt.Fprintln(w, "part", part)
			_ = http.NewResponseController(w).Flush()
			<-more
		}
		w.Header().Set("X-Sum", "42")
	})
	_, address := listen(t, balance.Config{Backends: []balance.Backend{at("web-1", replica)}})
	response, err := http.DefaultTransport.RoundTrip(request(t, http.MethodGet, "http://"+address, ""))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(http.DefaultTransport.(*http.Transport).CloseIdleConnections)
	defer response.Body.Close()
	lines := bufio.NewReader(response.Body)
	for part := range 3 {
		if got, err := lines.ReadString('\n'); err != nil || got != fmt.Sprintln("part", part) {
			t.Fatalf("got %q, %v", got, err)
		}
		more <- true // the backend goes on only now
	}
	if _, err := lines.ReadByte(); err != io.EOF || response.Trailer.Get("X-Sum") != "42" {
		t.Errorf("got %v and trailers %v, want the end and 42", err, response.Trailer)
	}
}

// A connection that changes its protocol is handed through in both directions.
func TestUpgrade(t *testing.T) {
	replica := server(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "echo" {
			t.Errorf("got %v, want the upgrade", r.Header)
		}
		conn, buffer, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		fmt.Fprint(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
		_, _ = io.Copy(conn, buffer)
	})
	b, address := listen(t, balance.Config{Backends: []balance.Backend{at("web-1", replica)}})
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
	reader := bufio.NewReader(conn)
	response, err := http.ReadResponse(reader, nil) //nolint:bodyclose // its body is the connection
	if err != nil || response.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("got %v, %v", response, err)
	}
	for range 3 {
		fmt.Fprintln(conn, "hello")
		if got, err := reader.ReadString('\n'); got != "hello\n" {
			t.Fatalf("got %q, %v", got, err)
		}
	}
	if got := state(t, b, "web-1").InFlight; got != 1 {
		t.Errorf("got %d in flight, want 1", got)
	}
	_ = conn.Close()
	await(t, func() bool { return b.Stats().Answered == 1 })
}

// await returns when a condition holds; it is for what happens after a client has what it
// wanted.
func await(t *testing.T, condition func() bool) {
	t.Helper()
	for !condition() {
		if t.Context().Err() != nil {
			t.Fatal("it never came")
		}
		time.Sleep(100 * time.Microsecond)
	}
}

func TestHowAnswersEnd(t *testing.T) {
	release := make(chan struct{})
	replica := server(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "10")
		_, _ = io.WriteString(w, "half.")
		_ = http.NewResponseController(w).Flush()
		if r.URL.Path == "/broken" {
			panic(http.ErrAbortHandler)
		}
		<-release
	})
	b, address := listen(t, balance.Config{
		Backends: []balance.Backend{at("web-1", replica)},
		Retries:  1, // none of these is retried
	})
	read := func(path string, leave bool) error {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		transport := &http.Transport{}
		defer transport.CloseIdleConnections()
		response, err := transport.RoundTrip(request(t, http.MethodGet, "http://"+address+path, "").WithContext(ctx))
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if leave {
			_, err := io.ReadFull(response.Body, make([]byte, 5))
			return err
		}
		_, err = io.ReadAll(response.Body)
		return err
	}
	if err := read("/broken", false); err == nil {
		t.Error("a broken answer looks whole")
	}
	await(t, func() bool { return b.Stats().Broken == 1 })
	if err := read("/slow", true); err != nil {
		t.Error(err)
	}
	await(t, func() bool { return b.Stats().Cancelled == 1 })
	close(release)
	if got := state(t, b, "web-1"); got.Broken != 1 || got.Cancelled != 1 || got.RetriedFrom != 0 {
		t.Errorf("got %+v, want 1 broken and 1 cancelled", got)
	}
}

// A server of the test's own that takes requests in and never answers them.
func mute(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	group.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			group.Go(func() {
				_, _ = io.Copy(io.Discard, conn)
				_ = conn.Close()
			})
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		group.Wait()
	})
	return listener.Addr().String()
}

func TestAnswerTimeout(t *testing.T) {
	_, address := listen(t, balance.Config{
		Backends:      []balance.Backend{{Name: "web-1", Address: mute(t)}},
		AnswerTimeout: 20 * time.Millisecond,
	})
	got := fetch(t, request(t, http.MethodGet, "http://"+address, ""))
	if want := `{"error":"the backend did not answer in time"}` + "\n"; got.status != http.StatusGatewayTimeout || got.body != want {
		t.Errorf("got %d %s, want 504", got.status, got.body)
	}
}

func TestSticky(t *testing.T) {
	one, two := server(t, named("web-1")), server(t, named("web-2"))
	b, address := listen(t, balance.Config{
		Backends: []balance.Backend{at("web-1", one), at("web-2", two)},
		Sticky:   balance.Sticky{Cookie: "replica", TTL: 10 * time.Minute},
	})
	send := func(cookie string) (reached, set string) {
		r := request(t, http.MethodGet, "http://"+address, "")
		if cookie != "" {
			r.AddCookie(&http.Cookie{Name: "replica", Value: cookie})
		}
		answer := fetch(t, r)
		return answer.body, answer.header.Get("Set-Cookie")
	}
	const attributes = "; Path=/; Max-Age=600; HttpOnly; SameSite=Lax"
	tests := []struct{ cookie, reached, set string }{
		{"", "web-1", "replica=web-1" + attributes},
		{"web-1", "web-1", ""},
		{"web-1", "web-1", ""},
		{"web-9", "web-2", "replica=web-2" + attributes},
		{"web-2", "web-2", ""},
	}
	for _, test := range tests {
		if reached, set := send(test.cookie); reached != test.reached || set != test.set {
			t.Errorf("with %q: got %s, %q, want %s, %q", test.cookie, reached, set, test.reached, test.set)
		}
	}
	if err := b.Drain(t.Context(), "web-2"); err != nil {
		t.Fatal(err)
	}
	if reached, set := send("web-2"); reached != "web-1" || !strings.HasPrefix(set, "replica=web-1") {
		t.Errorf("its replica is gone: got %s, %q", reached, set)
	}
	if got, want := b.Stats().Sessions, (balance.Sessions{Begun: 1, Kept: 3, Moved: 2}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// Of many sessions, those of the lost replica move and no others: one in four.
func TestSessionsOfALostReplica(t *testing.T) {
	var all []balance.Backend
	for _, b := range backends(4) {
		all = append(all, at(b.Name, server(t, named(b.Name))))
	}
	b := balancer(t, balance.Config{Backends: all, Sticky: balance.Sticky{Cookie: "replica"}})
	send := func(cookie string) string {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.AddCookie(&http.Cookie{Name: "replica", Value: cookie})
		recorder := httptest.NewRecorder()
		b.ServeHTTP(recorder, r)
		return recorder.Body.String()
	}
	if err := b.Remove("web-3"); err != nil {
		t.Fatal(err)
	}
	for i := range 100 {
		was := fmt.Sprint("web-", i%4+1)
		if got := send(was); (got == was) != (was != "web-3") {
			t.Errorf("a session of %s: got %s", was, got)
		}
	}
	if got := b.Stats().Sessions; got.Moved != 25 || got.Kept != 75 {
		t.Errorf("got %+v, want 25 moved", got)
	}
}
