package balance_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/floodmark/floodmark/demo-server/balance"
	"github.com/floodmark/floodmark/demo-server/balance/pick"
)

// upper starts a TCP server that reads to the end of what it gets, and only then answers:
// name, a colon and the text.
func upper(t *testing.T, name string) balance.Backend {
	t.Helper()
	return talk(t, name, func(conn net.Conn) {
		text, _ := io.ReadAll(conn)
		_, _ = io.WriteString(conn, name+":"+string(text))
	})
}

// talk starts a TCP server.
func talk(t *testing.T, name string, serve func(net.Conn)) balance.Backend {
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
				defer conn.Close()
				serve(conn)
			})
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		group.Wait()
	})
	return balance.Backend{Name: name, Address: listener.Addr().String()}
}

// say sends hello over a connection of its own, ends its half and returns the answer.
func say(t *testing.T, address string) (string, error) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return "", err // a reset may come that early
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "hello"); err != nil {
		return "", err
	}
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		return "", err
	}
	answer, err := io.ReadAll(conn)
	return string(answer), err
}

// The end of what a client sends reaches the backend, and the answer still comes back.
func TestHalfClose(t *testing.T) {
	b, address := listen(t, balance.Config{
		Layer:    balance.Connections,
		Backends: []balance.Backend{upper(t, "web-1"), upper(t, "web-2")},
	})
	for _, want := range []string{"web-1:hello", "web-2:hello", "web-1:hello"} {
		if got, err := say(t, address); err != nil || got != want {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	}
	await(t, func() bool { return b.Stats().Answered == 3 })
}

// A backend that takes no connections costs nobody anything if another may be tried.
func TestConnectionsAreRetried(t *testing.T) {
	gone := talk(t, "web-1", func(net.Conn) {})
	gone.Address = closedPort(t)
	for retries, want := range []int{3, 0} { // failures until it is ejected
		b, address := listen(t, balance.Config{
			Layer:    balance.Connections,
			Backends: []balance.Backend{gone, upper(t, "web-2")},
			Ejection: balance.Ejection{Failures: 3, For: time.Hour},
			Retries:  retries,
		})
		failed := 0
		for range 20 {
			if got, err := say(t, address); err != nil || got != "web-2:hello" {
				failed++
			}
		}
		if got := b.Stats(); failed != want || got.Backends[0].Ejections != 1 || got.Retries != uint64(3*retries) {
			t.Errorf("%d retries: %d failed, want %d: %+v", retries, failed, want, got)
		}
	}
}

// closedPort returns an address that nobody listens at.
func closedPort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

func TestNoBackendForAConnection(t *testing.T) {
	b, address := listen(t, balance.Config{Layer: balance.Connections})
	if got, err := say(t, address); err == nil {
		t.Errorf("got %q, want a reset", got)
	}
	await(t, func() bool { return b.Stats().Unavailable == 1 })
}

// Who is reset on one side is reset on the other, and that side is to blame.
func TestResetsAreHandedOn(t *testing.T) {
	cut := talk(t, "web-1", func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 5))
		_ = conn.(*net.TCPConn).SetLinger(0)
	})
	b, address := listen(t, balance.Config{Layer: balance.Connections, Backends: []balance.Backend{cut}})
	if got, err := say(t, address); err == nil {
		t.Errorf("got %q, want a reset", got)
	}
	await(t, func() bool { return b.Stats().Broken == 1 })

	told := make(chan error, 1)
	listening := talk(t, "web-2", func(conn net.Conn) {
		_, err := io.Copy(io.Discard, conn)
		told <- err
	})
	if err := errors.Join(b.Add(listening), b.Remove("web-1")); err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	await(t, func() bool { return state(t, b, "web-2").InFlight == 1 })
	_ = conn.(*net.TCPConn).SetLinger(0)
	_ = conn.Close()
	if err := <-told; err == nil {
		t.Error("the backend was told of a proper end, want a reset")
	}
	await(t, func() bool { return b.Stats().Cancelled == 1 })
}

// A client address always reaches the same backend, and many addresses reach all.
func TestConnectionsByClientAddress(t *testing.T) {
	b, address := listen(t, balance.Config{
		Layer:     balance.Connections,
		Algorithm: pick.IPHash,
		Backends:  []balance.Backend{upper(t, "web-1"), upper(t, "web-2")},
	})
	for range 5 {
		if _, err := say(t, address); err != nil {
			t.Fatal(err)
		}
	}
	await(t, func() bool { return b.Stats().Answered == 5 })
	if got := b.Stats().Backends; got[0].Answered != 0 && got[1].Answered != 0 {
		t.Errorf("got %+v, want all at one of them", got)
	}
}

// Keep-alive connections pin a client to its backend: the balancer sees no requests.
func TestKeepAlivePins(t *testing.T) {
	one, two := server(t, named("web-1")), server(t, named("web-2"))
	b, address := listen(t, balance.Config{
		Layer:    balance.Connections,
		Backends: []balance.Backend{at("web-1", one), at("web-2", two)},
	})
	transport := &http.Transport{}
	for range 10 {
		response, err := transport.RoundTrip(request(t, http.MethodGet, "http://"+address, ""))
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if string(body) != "web-1" {
			t.Errorf("got %s, want web-1 for all", body)
		}
	}
	transport.CloseIdleConnections()
	await(t, func() bool { return b.Stats().Answered == 1 })
}

func TestShutdownCutsConnections(t *testing.T) {
	b, address := listen(t, balance.Config{Layer: balance.Connections, Backends: []balance.Backend{upper(t, "web-1")}})
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	await(t, func() bool { return state(t, b, "web-1").InFlight == 1 })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.Shutdown(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	if got := b.Stats(); got.Cancelled != 1 || got.InFlight != 0 {
		t.Errorf("got %+v, want it cancelled", got)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Serve(listener); err != nil {
		t.Errorf("Serve after Shutdown: %v", err)
	}
	if _, err := net.Dial("tcp", listener.Addr().String()); err == nil {
		t.Error("the listener is open after Shutdown")
	}
}

func TestShutdownCutsRequests(t *testing.T) {
	begun, ended := make(chan struct{}), make(chan struct{})
	replica := server(t, func(_ http.ResponseWriter, r *http.Request) {
		close(begun)
		<-r.Context().Done()
		close(ended)
	})
	b, address := listen(t, balance.Config{Backends: []balance.Backend{at("web-1", replica)}})
	failed := make(chan error, 1)
	go func() {
		transport := &http.Transport{}
		defer transport.CloseIdleConnections()
		response, err := transport.RoundTrip(request(t, http.MethodGet, "http://"+address, ""))
		if err == nil {
			_ = response.Body.Close()
		}
		failed <- err
	}()
	<-begun
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.Shutdown(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	if err := <-failed; err == nil {
		t.Error("the client has an answer")
	}
	<-ended
	await(t, func() bool { return b.Stats().Cancelled == 1 })
}

// Of a backend that was removed no connection stays open, neither an idle one nor that of
// a request that was under way.
func TestRemovedBackendIsLeftAlone(t *testing.T) {
	var opened, closed atomic.Int32
	begun, release := make(chan struct{}), make(chan struct{})
	replica := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			close(begun)
			<-release
		}
	}))
	replica.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			opened.Add(1)
		case http.StateClosed:
			closed.Add(1)
		default:
		}
	}
	replica.Start()
	t.Cleanup(replica.Close)
	b, address := listen(t, balance.Config{Backends: []balance.Backend{at("web-1", replica)}})
	var group sync.WaitGroup
	group.Go(func() { fetch(t, request(t, http.MethodGet, "http://"+address+"/slow", "")) })
	<-begun
	fetch(t, request(t, http.MethodGet, "http://"+address+"/", ""))
	if err := b.Remove("web-1"); err != nil {
		t.Fatal(err)
	}
	await(t, func() bool { return closed.Load() == 1 })
	close(release)
	group.Wait()
	await(t, func() bool { return opened.Load() == 2 && closed.Load() == 2 })
}
