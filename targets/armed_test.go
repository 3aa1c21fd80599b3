package targets

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"runtime"
	"testing"
	"time"

	"github.com/floodmark/floodmark/measure"
)

// warm returns a client of the server that has had one exchange, so that it has a
// connection to arm.
func warm(t *testing.T, target Target) *Client {
	t.Helper()
	client := target.NewClient()
	t.Cleanup(client.Close)
	var resp Response
	client.Send(t.Context(), compile(t, target, "/"), &resp)
	if resp.Outcome != measure.Status2xx {
		t.Fatalf("outcome %v: %s", resp.Outcome, resp.Detail)
	}
	return client
}

// An awaiting is a call of Await on its own goroutine.
type awaiting struct {
	resp Response
	done chan bool
}

// arm calls Await and returns once the client is ready.
func arm(ctx context.Context, client *Client) *awaiting {
	a := &awaiting{done: make(chan bool, 1)}
	ready := make(chan struct{})
	go func() {
		a.done <- client.Await(ctx, func() bool { close(ready); return true }, &a.resp)
	}()
	<-ready
	return a
}

func TestStartSendsForWhoAwaits(t *testing.T) {
	server := serve(t, polite)
	target := at(t, server.url)
	req := compile(t, target, "/")
	client := warm(t, target)
	for range 100 {
		a := arm(t.Context(), client)
		before := time.Now()
		if !client.Start(req) {
			t.Fatal("Start refused")
		}
		if !<-a.done {
			t.Fatal("Await had no exchange")
		}
		if a.resp.Outcome != measure.Status2xx || a.resp.BytesIn != int64(len(hello)) || a.resp.BytesOut != int64(len(req.bytes)) {
			t.Fatalf("response %+v", a.resp)
		}
		if a.resp.Sent.Before(before) || a.resp.FirstByte.Before(a.resp.Sent) || a.resp.Done.Before(a.resp.FirstByte) {
			t.Fatalf("started %v, sent %v, first byte %v, done %v", before, a.resp.Sent, a.resp.FirstByte, a.resp.Done)
		}
		if client.Start(req) {
			t.Fatal("a second Start sent something")
		}
	}
	if server.dialed.Load() != 1 || server.asked.Load() != 101 {
		t.Errorf("%d connections, %d requests, want 1 and 101", server.dialed.Load(), server.asked.Load())
	}
}

func TestStartOverTLS(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		server, roots := secure(t, &tls.Config{MinVersion: version, MaxVersion: version})
		target := at(t, server.URL)
		target.Dialer = trusting(t, roots)
		req := compile(t, target, "/")
		client := warm(t, target)
		for range 20 {
			a := arm(t.Context(), client)
			if !client.Start(req) || !<-a.done || a.resp.Outcome != measure.Status2xx || a.resp.TLS != 0 {
				t.Fatalf("TLS %x: response %+v", version, a.resp)
			}
		}
	}
}

// What Start refuses leaves the connection as it is.
func TestStartRefuses(t *testing.T) {
	server, other := serve(t, polite), serve(t, polite)
	target := at(t, server.url)
	large, err := target.Compile(http.MethodPost, "/", nil, make([]byte, maxStart))
	if err != nil {
		t.Fatal(err)
	}
	client := warm(t, target)
	for name, req := range map[string]*Request{
		"nothing": nil, "too large": large, "elsewhere": compile(t, at(t, other.url), "/"),
	} {
		a := arm(t.Context(), client)
		if client.Start(req) || <-a.done {
			t.Errorf("%s was sent", name)
		}
	}
	var resp Response
	client.Send(t.Context(), compile(t, target, "/"), &resp)
	if resp.Outcome != measure.Status2xx || server.dialed.Load() != 1 || other.asked.Load() != 0 {
		t.Errorf("outcome %v after %d connections", resp.Outcome, server.dialed.Load())
	}
}

func TestAwaitWithNothingToArm(t *testing.T) {
	target := at(t, serve(t, polite).url)
	never := func() bool { t.Error("ready was called"); return true }
	client := target.NewClient()
	defer client.Close()
	var resp Response
	if client.Await(t.Context(), never, &resp) {
		t.Error("an exchange without a connection")
	}
	target.Reuse = false
	if warm(t, target).Await(t.Context(), never, &resp) {
		t.Error("an exchange on a connection that is not kept")
	}
	target.Reuse, target.Connections.Shared = true, true
	if warm(t, target).Await(t.Context(), never, &resp) {
		t.Error("an exchange on a connection that is shared")
	}
}

func TestAwaitEndsWhenReadySaysNo(t *testing.T) {
	server := serve(t, polite)
	client := warm(t, at(t, server.url))
	var resp Response
	if client.Await(t.Context(), func() bool { return false }, &resp) || len(client.conns) != 1 {
		t.Errorf("an exchange, or %d connections left, want none and 1", len(client.conns))
	}
}

// A server that closes, or says what nobody asked for, ends the wait: then the
// connection is gone, and nothing can be started.
func TestAwaitNoticesTheServer(t *testing.T) {
	for name, act := range map[string]func(net.Conn){
		"closes": func(conn net.Conn) { conn.Close() },
		"resets": func(conn net.Conn) { conn.(*net.TCPConn).SetLinger(0); conn.Close() },
		"talks":  func(conn net.Conn) { io.WriteString(conn, "x") },
	} {
		t.Run(name, func(t *testing.T) {
			conns := make(chan net.Conn, 1)
			server := serve(t, func(conn net.Conn, req *http.Request) bool {
				conns <- conn
				return polite(conn, req)
			})
			target := at(t, server.url)
			client := warm(t, target)
			a := arm(t.Context(), client)
			act(<-conns)
			if <-a.done || len(client.conns) != 0 {
				t.Errorf("an exchange, or %d connections left, want none", len(client.conns))
			}
			if client.Start(compile(t, target, "/")) || server.asked.Load() != 1 {
				t.Errorf("%d requests, want 1", server.asked.Load())
			}
		})
	}
}

// A server that closed right behind its answer, before anybody waited, is noticed too.
func TestAwaitNoticesWhatCameBefore(t *testing.T) {
	server := serve(t, says(hello))
	client := warm(t, at(t, server.url))
	for client.conns[0].socket.idle() {
		runtime.Gosched() // until the farewell is here
	}
	var resp Response
	if client.Await(t.Context(), func() bool { t.Error("ready was called"); return true }, &resp) || len(client.conns) != 0 {
		t.Errorf("an exchange, or %d connections left, want none", len(client.conns))
	}
}

// A connection that rested longer than allowed is not used, armed or not.
func TestStartRefusesWhatRestedTooLong(t *testing.T) {
	server := serve(t, polite)
	target := at(t, server.url)
	target.Connections.IdleTimeout = time.Millisecond
	client := warm(t, target)
	a := arm(t.Context(), client)
	for !client.conns[0].expired(client.now()) {
		runtime.Gosched()
	}
	req := compile(t, target, "/")
	if client.Start(req) || <-a.done {
		t.Error("an exchange on a connection that rested too long")
	}
	var resp Response
	client.Send(t.Context(), req, &resp)
	if resp.Outcome != measure.Status2xx || server.dialed.Load() != 2 {
		t.Errorf("outcome %v on connection %d, want 2xx on the second", resp.Outcome, server.dialed.Load())
	}
}

func TestContextEndsAwait(t *testing.T) {
	server := serve(t, func(conn net.Conn, req *http.Request) bool {
		if req.URL.Path == "/hang" {
			return stalls("")(conn, req)
		}
		return polite(conn, req)
	})
	target := at(t, server.url)
	for _, started := range []bool{false, true} {
		client := warm(t, target)
		ctx, cancel := context.WithCancel(t.Context())
		a := arm(ctx, client)
		if started && !client.Start(compile(t, target, "/hang")) {
			t.Fatal("Start refused")
		}
		cancel()
		if <-a.done != started || a.resp.Outcome != measure.None {
			t.Errorf("started %v: outcome %v", started, a.resp.Outcome)
		}
		var resp Response
		client.Send(t.Context(), compile(t, target, "/"), &resp)
		if resp.Outcome != measure.Status2xx {
			t.Errorf("with another context: outcome %v: %s", resp.Outcome, resp.Detail)
		}
	}
}

// The timeout counts from Start, however long the connection rested before.
func TestTimeoutOfWhatWasStarted(t *testing.T) {
	server := serve(t, func(conn net.Conn, req *http.Request) bool {
		if req.URL.Path == "/hang" {
			return stalls("")(conn, req)
		}
		return polite(conn, req)
	})
	target := at(t, server.url)
	target.Timeout = 40 * time.Millisecond
	client := warm(t, target)
	a := arm(t.Context(), client)
	time.Sleep(3 * target.Timeout) // it is the passing of time that must do no harm
	if !client.Start(compile(t, target, "/")) || !<-a.done || a.resp.Outcome != measure.Status2xx {
		t.Fatalf("after a rest: outcome %v: %s", a.resp.Outcome, a.resp.Detail)
	}
	a = arm(t.Context(), client)
	if !client.Start(compile(t, target, "/hang")) || !<-a.done {
		t.Fatal("Start refused")
	}
	if took := a.resp.Done.Sub(a.resp.Sent); a.resp.Outcome != measure.Timeout || took < target.Timeout {
		t.Errorf("outcome %v after %v: %s", a.resp.Outcome, took, a.resp.Detail)
	}
}
