//go:build unix

package targets

import (
	"context"
	"net"
	"net/http"
	"runtime"
	"testing"
	"time"

	"github.com/floodmark/floodmark/measure"
)

// A server may close its half of a connection between the look at it and the turn
// that sends, and never break it. That is an end of the connection, not an answer
// that takes too long.
func TestFarewellBeforeTheTurnIsNoTimeout(t *testing.T) {
	conns := make(chan net.Conn, 1)
	server := serve(t, func(conn net.Conn, req *http.Request) bool {
		if req.URL.Path == "/lost" {
			return true // is read, and nothing follows
		}
		conns <- conn
		return polite(conn, req)
	})
	target := at(t, server.url)
	target.Timeout = 5 * time.Second
	client := warm(t, target)
	defer client.Close()
	conn := (<-conns).(*net.TCPConn)
	meanwhile := func() {
		if err := conn.CloseWrite(); err != nil {
			t.Fatal(err)
		}
		for client.conns[0].socket.idle() {
			runtime.Gosched()
		}
		pollerSeesAll(t)
	}
	var resp Response
	client.Send(&interlude{Context: t.Context(), act: meanwhile}, compile(t, target, "/lost"), &resp)
	if resp.Outcome != measure.Reset {
		t.Errorf("outcome %v after %v: %s, want a reset", resp.Outcome, resp.Done.Sub(resp.Sent), resp.Detail)
	}
}

// An interlude is a context that lets a test act when it is first asked how it is,
// which is after the look at a kept connection and before the turn.
type interlude struct {
	context.Context
	act func()
}

func (i *interlude) Err() error {
	if act := i.act; act != nil {
		i.act = nil
		act()
	}
	return i.Context.Err()
}

// pollerSeesAll returns when the runtime's poller has seen all that came so far: it
// is told of events in their order, and here of one that comes last.
func pollerSeesAll(t *testing.T) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	near, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer near.Close()
	far, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	raw, err := near.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	written := false
	err = raw.Read(func(uintptr) bool {
		if written {
			return true // the poller has told of it
		}
		written = true
		if _, err := far.Write([]byte{1}); err != nil {
			t.Error(err)
			return true
		}
		return false
	})
	if err != nil {
		t.Fatal(err)
	}
}
