package targets

import (
	"bufio"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
)

// A scripted server reads each request and then lets a script do what it likes.
type scripted struct {
	url    string
	dialed atomic.Int64 // connections accepted
	asked  atomic.Int64 // requests read
}

// serve starts a scripted server; it ends with the test. Script is called after
// each request, and closes the connection by returning false.
func serve(tb testing.TB, script func(conn net.Conn, req *http.Request) bool) *scripted {
	tb.Helper()
	return serveRaw(tb, func(s *scripted, conn net.Conn) { s.talk(conn, script) })
}

// serveRaw starts a server that hands each connection to talk and closes it
// afterwards; it ends with the test.
func serveRaw(tb testing.TB, talk func(s *scripted, conn net.Conn)) *scripted {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	s := &scripted{url: "http://" + listener.Addr().String()}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			s.dialed.Add(1)
			all.Go(func() {
				defer conn.Close()
				talk(s, conn)
			})
		}
	})
	tb.Cleanup(func() {
		listener.Close()
		all.Wait()
	})
	return s
}

// talk serves one connection.
func (s *scripted) talk(conn net.Conn, script func(net.Conn, *http.Request) bool) {
	r := bufio.NewReader(conn)
	for {
		req, err := http.ReadRequest(r)
		if err != nil {
			return
		}
		s.asked.Add(1)
		if !script(conn, req) {
			return
		}
	}
}

// says returns a script that answers with the text and closes.
func says(text string) func(net.Conn, *http.Request) bool {
	return func(conn net.Conn, _ *http.Request) bool {
		conn.Write([]byte(text))
		return false
	}
}

// repeats returns a script that writes the text again and again until it cannot.
func repeats(first, text string) func(net.Conn, *http.Request) bool {
	return func(conn net.Conn, _ *http.Request) bool {
		_, err := conn.Write([]byte(first))
		for err == nil {
			_, err = conn.Write([]byte(text))
		}
		return false
	}
}

// resets returns a script that writes the text and breaks the connection.
func resets(text string) func(net.Conn, *http.Request) bool {
	return func(conn net.Conn, _ *http.Request) bool {
		conn.Write([]byte(text))
		conn.(*net.TCPConn).SetLinger(0)
		return false
	}
}

// stalls returns a script that writes the text and then waits for the client to
// give up.
func stalls(text string) func(net.Conn, *http.Request) bool {
	return func(conn net.Conn, _ *http.Request) bool {
		conn.Write([]byte(text))
		conn.Read(make([]byte, 1))
		return false
	}
}
