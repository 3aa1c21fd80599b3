package targets

import (
	"cmp"
	"context"
	"io"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/floodmark/floodmark/measure"
)

// A sender is what both implementations are.
type sender interface {
	Send(ctx context.Context, req *Request, resp *Response)
	Close()
}

// senders are the two ways to speak HTTP/1.1.
func senders(tb testing.TB, target Target) map[string]sender {
	tb.Helper()
	own, std := target.NewClient(), standard(tb, target, H1).NewClient()
	tb.Cleanup(own.Close)
	tb.Cleanup(std.Close)
	return map[string]sender{"client": own, "std": std}
}

// standard returns a transport that is closed with the test.
func standard(tb testing.TB, target Target, p Protocol) *Transport {
	tb.Helper()
	transport, err := target.NewTransport(p)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(transport.Close)
	return transport
}

// TestSendersAgree does the same to both implementations, three times in a row, and
// wants the same of them and of their connections.
func TestSendersAgree(t *testing.T) {
	const (
		ok     = "HTTP/1.1 200 OK\r\n"
		silent = time.Second
		idle   = "closed while idle"
	)
	interim := "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"
	keeps := func(text string) func(net.Conn, *http.Request) bool {
		return func(conn net.Conn, _ *http.Request) bool {
			_, err := io.WriteString(conn, text)
			return err == nil
		}
	}
	tests := []struct {
		name    string
		script  func(net.Conn, *http.Request) bool
		want    measure.Outcome
		status  int
		method  string        // GET if empty
		timeout time.Duration // long if 0; then it is waited for once only
	}{
		{"kept", keeps(hello), measure.Status2xx, 200, "", 0},
		{"empty", keeps(ok + "Content-Length: 0\r\n\r\n"), measure.Status2xx, 200, "", 0},
		{"chunked", keeps(ok + "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX: y\r\n\r\n"), measure.Status2xx, 200, "", 0},
		{"gzip as it is", keeps(ok + "Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1f\x8b!"), measure.Status2xx, 200, "", 0},
		{"no content", keeps("HTTP/1.1 204 No Content\r\n\r\n"), measure.Status2xx, 204, "", 0},
		{"head", keeps(ok + "Content-Length: 99\r\n\r\n"), measure.Status2xx, 200, "HEAD", 0},
		{"post", keeps(hello), measure.Status2xx, 200, "POST", 0},
		{"not modified", keeps("HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n"), measure.Status3xx, 304, "", 0},
		{"redirect", keeps("HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"), measure.Status3xx, 302, "", 0},
		{"client error", keeps("HTTP/1.1 404 No\r\nContent-Length: 12\r\n\r\nno\x1b[31m\r\nway"), measure.Status4xx, 404, "", 0},
		{"long error", keeps("HTTP/1.1 500 No\r\nContent-Length: 20000\r\n\r\n" + strings.Repeat("oh no ", 20000/6) + "oh"), measure.Status5xx, 500, "", 0},
		{"interim answers", keeps(strings.Repeat(interim, 16) + hello), measure.Status2xx, 200, "", 0},
		{"until it closes", says(ok + "\r\nhello"), measure.Status2xx, 200, "", 0},
		{"HTTP/1.0", says("HTTP/1.0 200 OK\r\n\r\nhello"), measure.Status2xx, 200, "", 0},
		{"connection: close", keeps(ok + "Connection: close\r\nContent-Length: 2\r\n\r\nhi"), measure.Status2xx, 200, "", 0},
		{idle, says(hello), measure.Status2xx, 200, "", 0},
		{"switching protocols", keeps("HTTP/1.1 101 Switching Protocols\r\n\r\n"), measure.Status1xx, 101, "", 0},

		{"nothing", says(""), measure.Reset, 0, "", 0},
		{"reset", resets(""), measure.Reset, 0, "", 0},
		{"closed in the head", says(ok + "Content-Le"), measure.Malformed, 0, "", 0},
		{"interim answer only", says(interim), measure.Reset, 0, "", 0},
		{"one interim answer too many", keeps(strings.Repeat(interim, 17) + hello), measure.Malformed, 0, "", 0},
		{"another protocol", says("SSH-2.0-OpenSSH_9.2\r\n"), measure.Malformed, 0, "", 0},
		{"binary", keeps("\x15\x03\x01\x00\x02\x02\x46\r\n"), measure.Malformed, 0, "", 0},
		{"status too small", keeps("HTTP/1.1 099 Hm\r\nContent-Length: 0\r\n\r\n"), measure.Malformed, 99, "", 0},
		{"status too large", keeps("HTTP/1.1 999 Hm\r\nContent-Length: 0\r\n\r\n"), measure.Malformed, 999, "", 0},
		{"two lengths", keeps(ok + "Content-Length: 2\r\nContent-Length: 3\r\n\r\nhi!"), measure.Malformed, 0, "", 0},
		{"endless headers", repeats(ok, "X-A: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n"), measure.Malformed, 0, "", 0},
		{"body too short", says(ok + "Content-Length: 9\r\n\r\nhi"), measure.BodyShort, 200, "", 0},
		{"short error body", says("HTTP/1.1 500 Oh\r\nContent-Length: 9\r\n\r\nhi"), measure.BodyShort, 500, "", 0},
		{"no last chunk", says(ok + "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n"), measure.BodyShort, 200, "", 0},
		{"chunk size of words", keeps(ok + "Transfer-Encoding: chunked\r\n\r\nhello\r\n"), measure.Malformed, 200, "", 0},
		{"silence", stalls(""), measure.Timeout, 0, "", silent},
		{"silence in the head", stalls(ok), measure.Timeout, 0, "", silent},
		{"silence in the body", stalls(ok + "Content-Length: 9\r\n\r\nhi"), measure.Timeout, 200, "", silent},
		{"endless body", repeats(ok+"\r\n", strings.Repeat("a", 1000)), measure.Timeout, 200, "", silent},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, tt.script)
			target := at(t, server.url)
			target.Timeout = tt.timeout
			req, err := target.Compile(cmp.Or(tt.method, http.MethodGet), "/a?b=c", []Header{{"X-A", "b"}}, nil)
			if err != nil {
				t.Fatal(err)
			}
			var seen []Response
			var counts [][2]int64
			for _, name := range []string{"client", "std"} {
				dialed, asked := server.dialed.Load(), server.asked.Load()
				s := senders(t, target)[name]
				for round := 0; round == 0 || round < 3 && tt.timeout == 0; round++ {
					var resp Response
					s.Send(t.Context(), req, &resp)
					if resp.Outcome != tt.want || resp.Status != tt.status {
						t.Errorf("%s: outcome %v, status %d, want %v and %d: %s", name, resp.Outcome, resp.Status, tt.want, tt.status, resp.Detail)
					}
					if resp.Done.Before(resp.Sent) || resp.FirstByte.IsZero() != (resp.BytesIn == 0) || resp.BytesOut == 0 {
						t.Errorf("%s: sent %v, first byte %v, done %v; %d bytes in, %d out", name,
							resp.Sent, resp.FirstByte, resp.Done, resp.BytesIn, resp.BytesOut)
					}
					tells := resp.Status >= 400 || resp.Outcome > measure.Status5xx
					if tells != (len(resp.Detail) > 0) || len(resp.Detail) > maxDetail {
						t.Errorf("%s: detail %q", name, resp.Detail)
					}
					seen = append(seen, resp)
					for tt.name == idle && keepsIdle(s) { // the server's end is on its way
						runtime.Gosched()
					}
				}
				counts = append(counts, [2]int64{server.dialed.Load() - dialed, server.asked.Load() - asked})
			}
			if counts[0] != counts[1] {
				t.Errorf("connections and requests: client %v, std %v", counts[0], counts[1])
			}
			for i := range len(seen) / 2 {
				agree(t, &seen[i], &seen[i+len(seen)/2])
			}
		})
	}
}

// keepsIdle reports whether the sender keeps a connection that it would use again.
func keepsIdle(s sender) bool {
	switch s := s.(type) {
	case *Client:
		return slices.ContainsFunc(s.conns, func(c *connection) bool { return c.socket.probe.idle() })
	case *StdClient:
		return slices.ContainsFunc(s.kept, (*stdConn).idle)
	}
	return false
}

// agree compares what both made of the same answer.
func agree(t *testing.T, own, std *Response) {
	t.Helper()
	if (own.Connect > 0) != (std.Connect > 0) || own.Location != std.Location {
		t.Errorf("connect %v and %v, location %q and %q", own.Connect, std.Connect, own.Location, std.Location)
	}
	if own.BytesOut != std.BytesOut {
		t.Errorf("%d and %d bytes out", own.BytesOut, std.BytesOut)
	}
	if own.Outcome > measure.Status5xx {
		return // the words differ, and how much was read of what is wrong
	}
	if own.BytesIn != std.BytesIn || string(own.Detail) != string(std.Detail) {
		t.Errorf("%d and %d bytes in, detail %q and %q", own.BytesIn, std.BytesIn, own.Detail, std.Detail)
	}
}
