package faults

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// behind starts a server behind a gate.
func behind(t *testing.T) (*Gate, *http.Client, string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gate := NewGate(listener)
	server := &http.Server{ReadTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, healthy)
	})}
	var group sync.WaitGroup
	group.Go(func() {
		if err := server.Serve(gate); !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("got %v, want %v", err, http.ErrServerClosed)
		}
	})
	transport := new(http.Transport)
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		if err := server.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		group.Wait()
		if got := len(gate.lines); got != 0 {
			t.Errorf("%d connections are left", got)
		}
	})
	return gate, &http.Client{Transport: transport}, "http://" + listener.Addr().String()
}

func TestGateHangs(t *testing.T) {
	gate, client, url := behind(t)
	wantHealthy(t, client, url) // its connection stays
	gate.Hang(true)
	gate.Hang(true) // no harm
	var group sync.WaitGroup
	for range 3 { // on the connection that is open and on new ones
		group.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
			defer cancel()
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
			if err != nil {
				t.Error(err)
				return
			}
			response, err := client.Do(request)
			if err == nil {
				response.Body.Close()
			}
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v, want %v", err, context.DeadlineExceeded)
			}
		})
	}
	group.Wait()
	group.Go(func() { wantHealthy(t, client, url) })
	gate.Hang(false)
	gate.Hang(false)
	group.Wait()
}

func TestGateCuts(t *testing.T) {
	gate, client, url := behind(t)
	address := strings.TrimPrefix(url, "http://")
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Read(make([]byte, 1)); err != nil { // the server has it
		t.Fatal(err)
	}
	gate.Cut(true)
	if _, err := io.Copy(io.Discard, conn); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("an open connection: got %v, want %v", err, syscall.ECONNRESET)
	}
	for range 3 {
		if _, _, err := get(t, client, url); err == nil {
			t.Error("got an answer, want none")
		}
	}
	gate.Cut(false)
	wantHealthy(t, client, url)
}

// The server ends while it hangs.
func TestGateIsClosedWhileItHangs(t *testing.T) {
	gate, client, url := behind(t)
	gate.Hang(true)
	var group sync.WaitGroup
	group.Go(func() { wantHealthy(t, client, url) })
	group.Go(func() {
		for { // until the server has the connection, or its end would refuse it
			gate.mu.Lock()
			n := len(gate.lines)
			gate.mu.Unlock()
			if n > 0 {
				break
			}
			_ = pause(t.Context(), time.Millisecond)
		}
		gate.Hang(false)
	})
	group.Wait()
	gate.Hang(true) // the end of behind must get over it: idle connections are held
}

// Deadlines that pass while a process stands still are noticed when it goes on.
func TestGateFreezesDeadlines(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gate := NewGate(listener)
	defer gate.Close()
	client, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	server, err := gate.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	gate.Hang(true)
	const hang = 40 * time.Millisecond
	start := time.Now()
	server.SetReadDeadline(start.Add(time.Millisecond))
	timer := time.AfterFunc(hang, func() { gate.Hang(false) })
	defer timer.Stop()
	_, err = server.Read(make([]byte, 1))
	var timeout net.Error
	if !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("got %v, want a timeout", err)
	}
	atLeast(t, time.Since(start), hang)
}
