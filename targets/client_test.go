package targets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/floodmark/floodmark/measure"
)

const hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

// polite answers every request and keeps the connection.
func polite(conn net.Conn, _ *http.Request) bool {
	_, err := io.WriteString(conn, hello)
	return err == nil
}

func TestClientKeepsItsConnection(t *testing.T) {
	for _, reuse := range []bool{true, false} {
		t.Run(fmt.Sprintf("reuse %v", reuse), func(t *testing.T) {
			server := serve(t, polite)
			target := at(t, server.url)
			target.Reuse = reuse
			req := compile(t, target, "/")
			client := target.NewClient()
			defer client.Close()
			const n = 20
			var resp Response
			for i := range n {
				client.Send(t.Context(), req, &resp)
				if resp.Outcome != measure.Status2xx {
					t.Fatalf("outcome %v: %s", resp.Outcome, resp.Detail)
				}
				if dialled := i == 0 || !reuse; (resp.Connect > 0) != dialled {
					t.Errorf("exchange %d: connect took %v", i, resp.Connect)
				}
				if resp.BytesIn != int64(len(hello)) || resp.BytesOut != int64(len(req.bytes)) {
					t.Errorf("%d bytes in, %d out, want %d and %d", resp.BytesIn, resp.BytesOut, len(hello), len(req.bytes))
				}
				if resp.FirstByte.Before(resp.Sent) || resp.Done.Before(resp.FirstByte) {
					t.Errorf("sent %v, first byte %v, done %v", resp.Sent, resp.FirstByte, resp.Done)
				}
			}
			want := int64(n)
			if reuse {
				want = 1
			}
			if got := server.dialed.Load(); got != want {
				t.Errorf("%d connections, want %d", got, want)
			}
			if got := server.asked.Load(); got != n {
				t.Errorf("the server counted %d requests, want %d", got, n)
			}
		})
	}
}

// Connections that must not be used again, and what a server counts then.
func TestClientDialsAnew(t *testing.T) {
	once := func(text string) func(net.Conn, *http.Request) bool {
		return func(conn net.Conn, _ *http.Request) bool {
			_, err := io.WriteString(conn, text)
			return err == nil
		}
	}
	tests := []struct {
		name   string
		script func(net.Conn, *http.Request) bool
	}{
		{"closed while idle", says(hello)},
		{"reset while idle", resets(hello)},
		{"connection: close", once("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")},
		{"HTTP/1.0", once("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n")},
		{"bytes left over", once(hello + "x")},
		{"an answer nobody asked for", once(hello + hello)},
		{"switched protocols", once("HTTP/1.1 101 Switching Protocols\r\n\r\n")},
		{"odd status", once("HTTP/1.1 700 Hm\r\nContent-Length: 0\r\n\r\n")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := serve(t, tt.script)
			target := at(t, server.url)
			req := compile(t, target, "/")
			client := target.NewClient()
			defer client.Close()
			const n = 5
			for range n {
				var resp Response
				client.Send(t.Context(), req, &resp)
				if resp.Status == 0 {
					t.Fatalf("outcome %v: %s", resp.Outcome, resp.Detail)
				}
				for _, conn := range client.conns { // the server's end is on its way
					for conn.socket.idle() {
						runtime.Gosched()
					}
				}
			}
			if dialed, asked := server.dialed.Load(), server.asked.Load(); dialed != n || asked != n {
				t.Errorf("%d connections and %d requests, want %d of each", dialed, asked, n)
			}
		})
	}
}

// A kept connection that breaks under a request is a reset, and never a second try.
func TestClientNeverRepeatsARequest(t *testing.T) {
	requests := 0
	server := serve(t, func(conn net.Conn, _ *http.Request) bool {
		if requests++; requests == 1 {
			return polite(conn, nil)
		}
		return false
	})
	target := at(t, server.url)
	req := compile(t, target, "/")
	client := target.NewClient()
	defer client.Close()
	var resp Response
	client.Send(t.Context(), req, &resp)
	client.Send(t.Context(), req, &resp)
	if resp.Outcome != measure.Reset || server.asked.Load() != 2 {
		t.Errorf("outcome %v after %d requests, want a reset after 2", resp.Outcome, server.asked.Load())
	}
}

func TestClientKeepsFewConnections(t *testing.T) {
	client := (Target{}).NewClient()
	defer client.Close()
	for range 3 * maxKept {
		server := serve(t, polite)
		target := at(t, server.url)
		client.target = target
		var resp Response
		client.Send(t.Context(), compile(t, target, "/"), &resp)
		if resp.Outcome != measure.Status2xx {
			t.Fatalf("outcome %v: %s", resp.Outcome, resp.Detail)
		}
	}
	if got := len(client.conns); got != maxKept {
		t.Errorf("%d connections kept, want %d", got, maxKept)
	}
}

func TestDialFaults(t *testing.T) {
	system := func(no syscall.Errno) error {
		return &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", no)}
	}
	tests := []struct {
		name   string
		err    error
		want   measure.Outcome
		detail string
	}{
		{"refused", system(syscall.ECONNREFUSED), measure.Refused, "connection refused"},
		{"reset", system(syscall.ECONNRESET), measure.Reset, "reset by peer"},
		{"system timeout", system(syscall.ETIMEDOUT), measure.Timeout, "connecting: the timeout"},
		{"deadline", &net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}, measure.Timeout, "connecting: the timeout"},
		{"no such host", &net.DNSError{Err: "no such host", Name: "shop.test", IsNotFound: true}, measure.DNS, "shop.test"},
		{"silent name server", &net.DNSError{Err: "i/o timeout", Name: "shop.test", IsTimeout: true}, measure.Timeout, "connecting"},
		{"unreachable", system(syscall.ENETUNREACH), measure.Network, "unreachable"},
		{"out of ports", system(syscall.EADDRNOTAVAIL), measure.Network, "no free port"},
		{"out of descriptors", system(syscall.EMFILE), measure.Network, "no file descriptor"},
		{"anything", errors.New("no luck\x1b"), measure.Network, "connecting: no luck"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			target := at(t, "http://shop.test")
			client := target.NewClient()
			defer client.Close()
			client.dial = func(context.Context, string, bool) (net.Conn, error) { return nil, tt.err }
			var resp Response
			client.Send(t.Context(), compile(t, target, "/"), &resp)
			if resp.Outcome != tt.want || !strings.Contains(string(resp.Detail), tt.detail) || strings.Contains(string(resp.Detail), "\x1b") {
				t.Errorf("outcome %v, detail %q, want %v and %q", resp.Outcome, resp.Detail, tt.want, tt.detail)
			}
			if resp.Status != 0 || resp.Done.Before(resp.Sent) || resp.Connect != 0 {
				t.Errorf("response %+v", resp)
			}
		})
	}
}

func TestNobodyListens(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	target := at(t, "http://"+listener.Addr().String())
	listener.Close()
	client := target.NewClient()
	defer client.Close()
	var resp Response
	client.Send(t.Context(), compile(t, target, "/"), &resp)
	if resp.Outcome != measure.Refused {
		t.Errorf("outcome %v: %s", resp.Outcome, resp.Detail)
	}
}

// The end of the context ends every kind of wait at once, without an outcome, and
// the client goes on with another context.
func TestContextEndsExchange(t *testing.T) {
	reached := make(chan struct{}, 8)
	bare, err := net.Listen("tcp", "127.0.0.1:0") // accepts in the kernel, says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer bare.Close()
	server := serve(t, func(conn net.Conn, req *http.Request) bool {
		switch req.URL.Path {
		case "/ok":
			return polite(conn, req)
		case "/body":
			io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi")
		}
		reached <- struct{}{}
		return stalls("")(conn, req)
	})
	tests := []struct{ name, url string }{
		{"waiting for the answer", server.url + "/head"},
		{"reading the body", server.url + "/body"},
		{"TLS handshake", "https://" + bare.Addr().String()},
		{"connecting", "http://127.0.0.1:1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			target := at(t, server.url)
			client := target.NewClient()
			defer client.Close()
			dial := client.dial
			client.dial = func(ctx context.Context, address string, tunnel bool) (net.Conn, error) {
				if address == "127.0.0.1:1" {
					reached <- struct{}{}
					<-ctx.Done()
					return nil, ctx.Err()
				}
				if address == bare.Addr().String() {
					reached <- struct{}{}
				}
				return dial(ctx, address, tunnel)
			}
			var resp Response
			client.Send(t.Context(), compile(t, target, "/ok"), &resp)

			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan struct{})
			go func() {
				defer close(done)
				client.Send(ctx, compile(t, target, tt.url), &resp)
			}()
			<-reached
			cancel()
			<-done
			if resp.Outcome != measure.None || resp.Status != 0 || len(resp.Detail) > 0 {
				t.Errorf("outcome %v, status %d, detail %q, want none", resp.Outcome, resp.Status, resp.Detail)
			}
			client.Send(ctx, compile(t, target, "/ok"), &resp)
			if resp.Outcome != measure.None {
				t.Errorf("after the end: outcome %v", resp.Outcome)
			}
			client.Send(t.Context(), compile(t, target, "/ok"), &resp)
			if resp.Outcome != measure.Status2xx {
				t.Errorf("with another context: outcome %v: %s", resp.Outcome, resp.Detail)
			}
		})
	}
}

// Bodies of all sizes, as a real server frames them.
func TestClientAgainstNetHTTP(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		w.Write(body) // chunked from 2 KiB on
	}))
	defer server.Close()
	target := at(t, server.URL)
	client := target.NewClient()
	defer client.Close()
	for _, size := range []int{0, 1, 100, 2047, 2049, bufferSize, 100_000, 3 << 20} {
		req, err := target.Compile(http.MethodPost, "/", nil, make([]byte, size))
		if err != nil {
			t.Fatal(err)
		}
		var resp Response
		client.Send(t.Context(), req, &resp)
		if resp.Outcome != measure.Status2xx || resp.BytesIn <= int64(size) || resp.BytesOut != int64(len(req.bytes)) {
			t.Errorf("%d bytes: outcome %v, %d in, %d out: %s", size, resp.Outcome, resp.BytesIn, resp.BytesOut, resp.Detail)
		}
		if len(client.conns) != 1 {
			t.Errorf("%d bytes: the connection was not kept", size)
		}
	}
}

func TestTimeoutCoversDialling(t *testing.T) {
	target := at(t, "http://shop.test")
	target.Timeout = 20 * time.Millisecond
	client := target.NewClient()
	defer client.Close()
	client.dial = func(ctx context.Context, _ string, _ bool) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	var resp Response
	client.Send(t.Context(), compile(t, target, "/"), &resp)
	if resp.Outcome != measure.Timeout || resp.Done.Sub(resp.Sent) < target.Timeout {
		t.Errorf("outcome %v after %v: %s", resp.Outcome, resp.Done.Sub(resp.Sent), resp.Detail)
	}
}
