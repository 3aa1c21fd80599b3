package targets

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/floodmark/floodmark/measure"
)

// A replay is a connection whose peer says something once it is spoken to, and
// then closes.
type replay struct {
	answer *bytes.Reader
	once   sync.Once
	spoken chan struct{}
	closed chan struct{}
}

func newReplay(answer []byte) *replay {
	return &replay{answer: bytes.NewReader(answer), spoken: make(chan struct{}), closed: make(chan struct{})}
}

func (r *replay) Read(p []byte) (int, error) {
	select {
	case <-r.spoken:
		return r.answer.Read(p)
	case <-r.closed:
		return 0, net.ErrClosed
	}
}

func (r *replay) Write(p []byte) (int, error) {
	r.once.Do(func() { close(r.spoken) })
	return len(p), nil
}

func (r *replay) Close() error {
	select {
	case <-r.closed:
	default:
		close(r.closed)
	}
	return nil
}

func (r *replay) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (r *replay) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (r *replay) SetDeadline(time.Time) error      { return nil }
func (r *replay) SetReadDeadline(time.Time) error  { return nil }
func (r *replay) SetWriteDeadline(time.Time) error { return nil }

// FuzzResponse answers a request with anything: the exchange ends, is classified,
// and agrees with net/http's client on what is an answer and what is in it.
func FuzzResponse(f *testing.F) {
	for _, seed := range []string{
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
		"HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n\r\n",
		"HTTP/1.0 500 No\r\n\r\nhello",
		"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 400 No\r\nContent-Length: 2\r\n\r\nno",
		"HTTP/1.1 503 No\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
		"HTTP/1.1 500 No\r\nContent-Length: 50\r\n\r\nhello",
		"HTTP/1.1 999 Hm\r\n\r\nhello", "HTTP/1.1 101 Hm\r\n\r\nhello", "HTTP/1.1 304 Hm\r\nContent-Length: 3\r\n\r\n",
		"HTTP/1.1 000 Hm\r\n\r\n", "garbage", "", "\r\n",
	} {
		f.Add([]byte(seed))
	}
	target := at(f, "http://shop.test")
	req := compile(f, target, "/")
	f.Fuzz(func(t *testing.T, answer []byte) {
		client := target.NewClient()
		defer client.Close()
		client.dial = func(context.Context, string, bool) (net.Conn, error) { return newReplay(answer), nil }
		var resp Response
		client.Send(t.Context(), req, &resp)
		switch resp.Outcome {
		case measure.Reset, measure.Malformed, measure.BodyShort:
		default:
			if resp.Outcome != measure.StatusOutcome(resp.Status) {
				t.Fatalf("outcome %v of status %d: %s", resp.Outcome, resp.Status, resp.Detail)
			}
		}
		if resp.BytesIn > int64(len(answer)) {
			t.Errorf("%d bytes in, of %d", resp.BytesIn, len(answer))
		}
		compare(t, answer, &resp)
	})
}

// compare checks a response against what net/http's client makes of the bytes.
func compare(t *testing.T, answer []byte, resp *Response) {
	t.Helper()
	if interim := bytes.Count(answer, []byte("HTTP/")); interim > 5 {
		return // it takes fewer interim answers
	}
	transport := &http.Transport{
		DisableCompression: true,
		DisableKeepAlives:  true,
		DialContext:        func(context.Context, string, string) (net.Conn, error) { return newReplay(answer), nil },
	}
	defer transport.CloseIdleConnections()
	want, err := transport.RoundTrip(plainRequest(t))
	var body []byte
	if err == nil {
		if want.StatusCode != http.StatusSwitchingProtocols { // it has no body for us
			body, err = io.ReadAll(want.Body)
		}
		want.Body.Close()
	}
	whole := resp.Outcome >= measure.Status1xx && resp.Outcome <= measure.Status5xx
	if err == nil && measure.StatusOutcome(want.StatusCode) == measure.Malformed {
		err = errors.New("a status of no class, which net/http lets pass")
	}
	if whole != (err == nil) {
		t.Fatalf("outcome %v, status %d: %s; net/http: %v", resp.Outcome, resp.Status, resp.Detail, err)
	}
	if !whole {
		return
	}
	if resp.Status != want.StatusCode {
		t.Errorf("status %d, net/http %d", resp.Status, want.StatusCode)
	}
	printable := string(appendPrintable(nil, body))
	if tells := resp.Status >= 400 && want.Header.Get("Content-Encoding") == ""; tells && !strings.HasPrefix(printable, string(resp.Detail)) {
		t.Errorf("detail %q, net/http's body %q", resp.Detail, printable)
	}
}

// plainRequest returns the request for net/http's client.
func plainRequest(t *testing.T) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://shop.test/", nil)
	if err != nil {
		t.Fatal(err)
	}
	return req
}
