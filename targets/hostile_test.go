package targets

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/floodmark/floodmark/measure"
)

// TestAnswers holds what servers do, right and wrong, and what it is called.
func TestAnswers(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\n"
	interim := "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"
	tests := []struct {
		name    string
		script  func(net.Conn, *http.Request) bool
		want    measure.Outcome
		status  int
		detail  string // part of the detail
		timeout time.Duration
	}{
		{"whole", says(ok + "Content-Length: 2\r\n\r\nhi"), measure.Status2xx, 200, "", 0},
		{"empty", says(ok + "Content-Length: 0\r\n\r\n"), measure.Status2xx, 200, "", 0},
		{"until it closes", says(ok + "\r\nhello"), measure.Status2xx, 200, "", 0},
		{"HTTP/1.0", says("HTTP/1.0 200 OK\r\n\r\nhello"), measure.Status2xx, 200, "", 0},
		{"no reason phrase", says("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n"), measure.Status2xx, 200, "", 0},
		{"bare line feeds", says("HTTP/1.1 200 OK\nContent-Length: 2\n\nhi"), measure.Status2xx, 200, "", 0},
		{"chunked", says(ok + "Transfer-Encoding: chunked\r\n\r\n2;x=y\r\nhi\r\n0\r\nTrailer: x\r\n\r\n"), measure.Status2xx, 200, "", 0},
		{"gzip as it is", says(ok + "Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1f\x8b!"), measure.Status2xx, 200, "", 0},
		{"no content", says("HTTP/1.1 204 No Content\r\n\r\n"), measure.Status2xx, 204, "", 0},
		{"not modified, with the length of what is not sent", says("HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n"), measure.Status3xx, 304, "", 0},
		{"redirect", says("HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"), measure.Status3xx, 302, "", 0},
		{"client error", says("HTTP/1.1 404 Not Found\r\nContent-Length: 12\r\n\r\nno\x1b[31m\r\nway"), measure.Status4xx, 404, "no[31mway", 0},
		{"server error", says("HTTP/1.1 503 Service Unavailable\r\n\r\nfull"), measure.Status5xx, 503, "full", 0},
		{"compressed error", says("HTTP/1.1 500 Oh\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b!"), measure.Status5xx, 500, "", 0},
		{"switching protocols", says("HTTP/1.1 101 Switching Protocols\r\n\r\n"), measure.Status1xx, 101, "", 0},
		{"interim answers", says(strings.Repeat(interim, 16) + ok + "Content-Length: 0\r\n\r\n"), measure.Status2xx, 200, "", 0},
		{"one interim answer too many", says(strings.Repeat(interim, 17) + ok + "Content-Length: 0\r\n\r\n"), measure.Malformed, 0, "more than 16 interim", 0},
		{"endless interim answers", repeats("", interim), measure.Malformed, 0, "interim", 0},
		{"interim answer only", says("HTTP/1.1 100 Continue\r\n\r\n"), measure.Reset, 0, "closed", 0},
		{"bytes after the answer", says(ok + "Content-Length: 2\r\n\r\nhiHTTP/1.1 500 No\r\n\r\n"), measure.Status2xx, 200, "", 0},

		{"nothing", says(""), measure.Reset, 0, "waiting for the answer: the connection was closed", 0},
		{"reset", resets(""), measure.Reset, 0, "waiting for the answer", 0},
		{"reset in the head", resets(ok), measure.Reset, 0, "", 0},
		{"closed in the head", says(ok + "Content-Le"), measure.Malformed, 0, "reading the answer's head: the connection was closed", 0},
		{"no status line", says("Content-Length: 2\r\n\r\nhi"), measure.Malformed, 0, "malformed HTTP", 0},
		{"another protocol", says("SSH-2.0-OpenSSH_9.2\r\n"), measure.Malformed, 0, `but with "SSH-2.0-OpenSSH_9.2\r\n"`, 0},
		{"binary", says("\x15\x03\x01\x00\x02\x02\x46"), measure.Malformed, 0, `but with "\x15\x03\x01`, 0},
		{"empty lines", says("\r\n\r\n"), measure.Malformed, 0, "", 0},
		{"HTTP/0.9", says("<html>hello</html>\n"), measure.Malformed, 0, "", 0},
		{"status without number", says("HTTP/1.1 OK\r\n\r\n"), measure.Malformed, 0, "", 0},
		{"negative status", says("HTTP/1.1 -20 OK\r\n\r\n"), measure.Malformed, 0, "", 0},
		{"status too small", says("HTTP/1.1 099 Hm\r\nContent-Length: 0\r\n\r\n"), measure.Malformed, 99, "", 0},
		{"status too large", says("HTTP/1.1 999 Hm\r\nContent-Length: 0\r\n\r\n"), measure.Malformed, 999, "", 0},
		{"header without colon", says(ok + "nonsense\r\n\r\n"), measure.Malformed, 0, "", 0},
		{"space before the colon", says(ok + "Content-Length : 2\r\n\r\nhi"), measure.Malformed, 0, "valid name", 0},
		{"negative length", says(ok + "Content-Length: -1\r\n\r\n"), measure.Malformed, 0, "", 0},
		{"length of words", says(ok + "Content-Length: two\r\n\r\nhi"), measure.Malformed, 0, "", 0},
		{"length beyond 64 bits", says(ok + "Content-Length: 99999999999999999999\r\n\r\nhi"), measure.Malformed, 0, "", 0},
		{"two lengths", says(ok + "Content-Length: 2\r\nContent-Length: 3\r\n\r\nhi!"), measure.Malformed, 0, "", 0},
		{"same length twice", says(ok + "Content-Length: 2\r\nContent-Length: 2\r\n\r\nhi"), measure.Status2xx, 200, "", 0},
		{"length and chunked", says(ok + "Content-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"), measure.Status2xx, 200, "", 0},
		{"unknown encoding", says(ok + "Transfer-Encoding: gzip\r\n\r\nhi"), measure.Malformed, 0, "", 0},
		{"endless headers", repeats(ok, "X-A: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n"), measure.Malformed, 0, "longer than 1 MiB", 0},
		{"endless header line", repeats(ok+"X-A: ", strings.Repeat("a", 4096)), measure.Malformed, 0, "longer than 1 MiB", 0},
		{"endless status line", repeats("HTTP/1.1 200 ", strings.Repeat("a", 4096)), measure.Malformed, 0, "longer than 1 MiB", 0},
		{"endless interim head", repeats("HTTP/1.1 100 Continue\r\n", strings.Repeat("a: b\r\n", 500)), measure.Malformed, 0, "longer than 1 MiB", 0},

		{"body too short", says(ok + "Content-Length: 9\r\n\r\nhi"), measure.BodyShort, 200, "reading the body: the connection was closed after 2 of 9 bytes", 0},
		{"no body of some length", says(ok + "Content-Length: 9\r\n\r\n"), measure.BodyShort, 200, "", 0},
		{"short error body", says("HTTP/1.1 500 Oh\r\nContent-Length: 9\r\n\r\nhi"), measure.BodyShort, 500, "reading the body", 0},
		{"chunk too short", says(ok + "Transfer-Encoding: chunked\r\n\r\n9\r\nhi"), measure.BodyShort, 200, "7 bytes before the end of a chunk", 0},
		{"no last chunk", says(ok + "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n"), measure.BodyShort, 200, "before the last chunk", 0},
		{"no chunk", says(ok + "Transfer-Encoding: chunked\r\n\r\n"), measure.BodyShort, 200, "", 0},
		{"trailer cut", says(ok + "Transfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\n"), measure.BodyShort, 200, "within the trailers", 0},
		{"chunk size of words", says(ok + "Transfer-Encoding: chunked\r\n\r\nhello\r\n"), measure.Malformed, 200, "", 0},
		{"negative chunk", says(ok + "Transfer-Encoding: chunked\r\n\r\n-1\r\n"), measure.Malformed, 200, "", 0},
		{"huge chunk size", says(ok + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n"), measure.Malformed, 200, "", 0},
		{"chunk longer than told", says(ok + "Transfer-Encoding: chunked\r\n\r\n2\r\nhiho\r\n0\r\n\r\n"), measure.Malformed, 200, "", 0},
		{"endless chunk extension", repeats(ok+"Transfer-Encoding: chunked\r\n\r\n2;", strings.Repeat("x", 4096)), measure.Malformed, 200, "", 0},
		{"reset in the body", resets(ok + "Content-Length: 9\r\n\r\nhi"), measure.Reset, 200, "", 0},

		{"silence", stalls(""), measure.Timeout, 0, "waiting for the answer: the timeout of 300ms passed", 300 * time.Millisecond},
		{"silence in the head", stalls(ok), measure.Timeout, 0, "reading the answer's head: the timeout", 300 * time.Millisecond},
		{"silence in the body", stalls(ok + "Content-Length: 9\r\n\r\nhi"), measure.Timeout, 200, "reading the body: the timeout", 300 * time.Millisecond},
		{"endless body", repeats(ok+"\r\n", strings.Repeat("a", 1000)), measure.Timeout, 200, "reading the body", 300 * time.Millisecond},
		{"endless chunks", repeats(ok+"Transfer-Encoding: chunked\r\n\r\n", "5\r\nhello\r\n"), measure.Timeout, 200, "reading the body", 300 * time.Millisecond},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			target := at(t, serve(t, tt.script).url)
			target.Timeout = tt.timeout
			client := target.NewClient()
			defer client.Close()
			var resp Response
			client.Send(t.Context(), compile(t, target, "/"), &resp)
			if resp.Outcome != tt.want || !strings.Contains(string(resp.Detail), tt.detail) {
				t.Errorf("outcome %v, detail %q, want %v and %q", resp.Outcome, resp.Detail, tt.want, tt.detail)
			}
			// What of an answer had been read when the reset came is a matter of luck.
			if resp.Status != tt.status && resp.Outcome != measure.Reset {
				t.Errorf("status %d, want %d", resp.Status, tt.status)
			}
			if resp.Done.Before(resp.Sent) || resp.FirstByte.IsZero() != (resp.BytesIn == 0) {
				t.Errorf("sent %v, first byte %v, done %v, %d bytes", resp.Sent, resp.FirstByte, resp.Done, resp.BytesIn)
			}
			if len(resp.Detail) > maxDetail {
				t.Errorf("detail of %d bytes", len(resp.Detail))
			}
		})
	}
}

func TestAnswerToHeadHasNoBody(t *testing.T) {
	server := serve(t, func(conn net.Conn, _ *http.Request) bool {
		_, err := io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n")
		return err == nil
	})
	target := at(t, server.url)
	req, err := target.Compile(http.MethodHead, "/", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	client := target.NewClient()
	defer client.Close()
	for range 3 {
		var resp Response
		client.Send(t.Context(), req, &resp)
		if resp.Outcome != measure.Status2xx {
			t.Fatalf("outcome %v: %s", resp.Outcome, resp.Detail)
		}
	}
	if got := server.dialed.Load(); got != 1 {
		t.Errorf("%d connections, want 1", got)
	}
}

// A server may refuse a body that it has not read: its answer counts.
func TestAnswerBeforeTheRequestIsWritten(t *testing.T) {
	server := serve(t, func(conn net.Conn, _ *http.Request) bool {
		io.WriteString(conn, "HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig")
		conn.(*net.TCPConn).CloseWrite()
		conn.Read(make([]byte, 1000)) // leaves most of the body unread, so that closing resets
		return false
	})
	target := at(t, server.url)
	req, err := target.Compile(http.MethodPost, "/", nil, make([]byte, 32<<20))
	if err != nil {
		t.Fatal(err)
	}
	client := target.NewClient()
	defer client.Close()
	var resp Response
	client.Send(t.Context(), req, &resp)
	// The reset may overtake the answer; it must not become anything else.
	if resp.Outcome != measure.Status4xx && resp.Outcome != measure.Reset {
		t.Errorf("outcome %v: %s", resp.Outcome, resp.Detail)
	}
	if len(client.conns) != 0 {
		t.Error("the connection was kept")
	}
}

func TestRandomGarbage(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	pieces := []string{
		"HTTP/1.1 200 OK\r\n", "HTTP/1.0 500 No\r\n", "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n",
		"\r\n", "5\r\nhello\r\n", "0\r\n", "hello", "\n", ":", " ", "HTTP/1.1 100 \r\n\r\n", "Connection: close\r\n",
	}
	answers := make(chan string, 1)
	server := serve(t, func(conn net.Conn, _ *http.Request) bool {
		conn.Write([]byte(<-answers))
		return false
	})
	target := at(t, server.url)
	req := compile(t, target, "/")
	client := target.NewClient()
	defer client.Close()
	for range 300 {
		var text strings.Builder
		for range random.IntN(8) {
			if random.IntN(4) == 0 {
				fmt.Fprintf(&text, "%c%c", random.IntN(256), random.IntN(256))
			}
			text.WriteString(pieces[random.IntN(len(pieces))])
		}
		answers <- text.String()
		var resp Response
		client.Send(t.Context(), req, &resp)
		switch resp.Outcome {
		case measure.None, measure.Timeout, measure.Network, measure.Refused, measure.DNS, measure.TLS:
			t.Fatalf("%q: outcome %v: %s", text.String(), resp.Outcome, resp.Detail)
		default:
		}
	}
}
