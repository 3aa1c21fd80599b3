package balance_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/floodmark/floodmark/demo-server/balance"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A network is HTTP servers that are reached without sockets, so that time can be fake.
type network struct {
	mu      sync.Mutex
	servers map[string]*pipes
}

// pipes is a listener whose connections are made in memory.
type pipes struct {
	conns chan net.Conn
	once  sync.Once
	ended chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.ended:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.ended) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// Dial makes a connection to one of the servers.
func (n *network) Dial(ctx context.Context, _, address string) (net.Conn, error) {
	n.mu.Lock()
	server := n.servers[address]
	n.mu.Unlock()
	if server == nil {
		return nil, errors.New("connection refused")
	}
	near, far := net.Pipe()
	select {
	case server.conns <- far:
		return near, nil
	case <-server.ended:
		return nil, errors.New("connection refused")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// serve starts a server at an address until the test ends.
func (n *network) serve(t *testing.T, address string, handler http.HandlerFunc) {
	t.Helper()
	listener := &pipes{conns: make(chan net.Conn), ended: make(chan struct{})}
	n.mu.Lock()
	if n.servers == nil {
		n.servers = map[string]*pipes{}
	}
	n.servers[address] = listener
	n.mu.Unlock()
	server := &http.Server{Handler: handler}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(listener) })
	t.Cleanup(func() {
		_ = server.Close()
		serving.Wait()
	})
}

// named is a handler that says who it is.
func named(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, name) }
}

// backends returns so many, named web-1 and on, at addresses of the same names.
func backends(n int) []balance.Backend {
	var all []balance.Backend
	for i := range n {
		name := fmt.Sprint("web-", i+1)
		all = append(all, balance.Backend{Name: name, Address: name + ":80"})
	}
	return all
}

// balancer makes a balancer that ends with the test.
func balancer(tb testing.TB, config balance.Config) *balance.Balancer {
	tb.Helper()
	b, err := balance.New(config)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := b.Shutdown(context.Background()); err != nil {
			tb.Errorf("Shutdown: %v", err)
		}
		balanced(tb, b.Stats())
	})
	return b
}

// ask sends a GET to a balancer by hand and returns status and body.
func ask(t *testing.T, b *balance.Balancer) (int, string) {
	t.Helper()
	recorder := httptest.NewRecorder()
	b.ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://shop/", nil))
	return recorder.Code, recorder.Body.String()
}

// asks counts whom so many requests reach.
func asks(t *testing.T, b *balance.Balancer, requests int) map[string]int {
	t.Helper()
	reached := map[string]int{}
	for range requests {
		status, body := ask(t, b)
		if status != http.StatusOK {
			body = fmt.Sprint(status)
		}
		reached[body]++
	}
	return reached
}

// balanced checks that every request and every attempt is counted once.
func balanced(tb testing.TB, s balance.Stats) {
	tb.Helper()
	if got := s.Answered + s.Broken + s.Failed + s.Unavailable + s.Cancelled + uint64(s.InFlight); got != s.Requests {
		tb.Errorf("requests in all places: got %d, want %d: %+v", got, s.Requests, s)
	}
	all := s.Gone
	for _, b := range s.Backends {
		all.Attempts += b.Attempts
		all.RetriedTo += b.RetriedTo
		all.RetriedFrom += b.RetriedFrom
		if got := b.Answered + b.Broken + b.Failed + b.Cancelled + uint64(b.InFlight); got != b.Attempts {
			tb.Errorf("%s: attempts in all places: got %d, want %d", b.Name, got, b.Attempts)
		}
		if b.Latency.Count != b.Answered {
			tb.Errorf("%s: got %d latencies, want %d", b.Name, b.Latency.Count, b.Answered)
		}
	}
	if want := s.Requests - s.Unavailable + s.Retries; all.Attempts != want {
		tb.Errorf("attempts: got %d, want %d requests + retries: %+v", all.Attempts, want, s)
	}
	if all.RetriedTo != s.Retries || all.RetriedFrom != s.Retries {
		tb.Errorf("retried: got %d to and %d from, want %d", all.RetriedTo, all.RetriedFrom, s.Retries)
	}
}

// state returns how a backend is.
func state(t *testing.T, b *balance.Balancer, name string) balance.BackendStats {
	t.Helper()
	for _, s := range b.Stats().Backends {
		if s.Name == name {
			return s
		}
	}
	return balance.BackendStats{State: "gone"}
}

// A reply is an answer that was read to its end.
type reply struct {
	status int
	header http.Header
	body   string
}

// fetch makes a request over the real network, with a connection of its own.
func fetch(t *testing.T, request *http.Request) reply {
	t.Helper()
	transport := &http.Transport{DisableCompression: true}
	defer transport.CloseIdleConnections()
	response, err := transport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{response.StatusCode, response.Header, string(body)}
}

// request makes one for a server of the real network.
func request(t *testing.T, method, url, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// listen starts a balancer at a port of the loopback and returns its address.
func listen(tb testing.TB, config balance.Config) (*balance.Balancer, string) {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	b, err := balance.New(config)
	if err != nil {
		tb.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := b.Serve(listener); err != nil {
			tb.Errorf("Serve: %v", err)
		}
	})
	tb.Cleanup(func() {
		if err := b.Shutdown(context.Background()); err != nil {
			tb.Errorf("Shutdown: %v", err)
		}
		serving.Wait()
		balanced(tb, b.Stats())
	})
	return b, listener.Addr().String()
}

// at returns a backend for a test server.
func at(name string, server *httptest.Server) balance.Backend {
	return balance.Backend{Name: name, Address: server.Listener.Addr().String()}
}

// server starts a test server.
func server(tb testing.TB, handler http.HandlerFunc) *httptest.Server {
	tb.Helper()
	s := httptest.NewServer(handler)
	tb.Cleanup(s.Close)
	return s
}
