package targets

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/floodmark/floodmark/measure"
)

// Twenty exchanges of one user over each protocol.
func TestStdProtocols(t *testing.T) {
	tests := []struct {
		protocol Protocol
		proto    string
		reuse    bool
		dialed   int64
	}{
		{H1, "HTTP/1.1", true, 1},
		{H1, "HTTP/1.1", false, 20},
		{H2, "HTTP/2.0", true, 1},
		{H2, "HTTP/2.0", false, 20},
		{H2C, "HTTP/2.0", true, 1},
		{H2C, "HTTP/2.0", false, 20},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%v reuse %v", tt.protocol, tt.reuse), func(t *testing.T) {
			server := start(t, tt.protocol, 0, func(w http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				if err != nil || r.Proto != tt.proto {
					t.Errorf("%s: %v", r.Proto, err)
				}
				w.Write(body)
			})
			target := at(t, server.url)
			target.Reuse = tt.reuse
			client := server.transport(t, target, tt.protocol).NewClient()
			defer client.Close()
			for i := range 20 {
				size := i * i * 100
				req, err := target.Compile(http.MethodPost, "/", nil, make([]byte, size))
				if err != nil {
					t.Fatal(err)
				}
				var resp Response
				client.Send(t.Context(), req, &resp)
				if resp.Outcome != measure.Status2xx || resp.BytesIn <= int64(size) || resp.BytesOut <= int64(size) {
					t.Fatalf("outcome %v, %d bytes in, %d out of %d: %s", resp.Outcome, resp.BytesIn, resp.BytesOut, size, resp.Detail)
				}
				first := i == 0 || !tt.reuse
				if (resp.Connect > 0) != first || (resp.TLS > 0) != (first && tt.protocol == H2) {
					t.Errorf("exchange %d: connect %v, TLS %v", i, resp.Connect, resp.TLS)
				}
				if resp.FirstByte.Before(resp.Sent) || resp.Done.Before(resp.FirstByte) {
					t.Errorf("sent %v, first byte %v, done %v", resp.Sent, resp.FirstByte, resp.Done)
				}
			}
			if got := server.dialed.Load(); got != tt.dialed {
				t.Errorf("%d connections, want %d", got, tt.dialed)
			}
		})
	}
}

// A kept connection that breaks under a request is a reset, and never a second try,
// though net/http could send a GET again.
func TestStdNeverRepeatsARequest(t *testing.T) {
	requests := 0
	server := serve(t, func(conn net.Conn, _ *http.Request) bool {
		if requests++; requests == 1 {
			return polite(conn, nil)
		}
		return false
	})
	target := at(t, server.url)
	client := standard(t, target, H1).NewClient()
	defer client.Close()
	req := compile(t, target, "/")
	var resp Response
	client.Send(t.Context(), req, &resp)
	client.Send(t.Context(), req, &resp)
	if resp.Outcome != measure.Reset || server.asked.Load() != 2 {
		t.Errorf("outcome %v after %d requests, want a reset after 2", resp.Outcome, server.asked.Load())
	}
}

// The end of the context ends every kind of wait at once, without an outcome, and
// the client goes on with another context.
func TestContextEndsStdExchange(t *testing.T) {
	for _, p := range []Protocol{H1, H2, H2C} {
		t.Run(p.String(), func(t *testing.T) {
			reached := make(chan struct{}, 1)
			server := start(t, p, 0, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/ok" {
					return
				}
				if r.URL.Path == "/body" {
					w.Write([]byte("hi"))
					w.(http.Flusher).Flush()
				}
				reached <- struct{}{}
				<-r.Context().Done()
			})
			target := at(t, server.url)
			client := server.transport(t, target, p).NewClient()
			defer client.Close()
			ok := compile(t, target, "/ok")
			for _, path := range []string{"/head", "/body"} {
				req := compile(t, target, path)
				var resp Response
				ctx, cancel := context.WithCancel(t.Context())
				done := make(chan struct{})
				go func() {
					defer close(done)
					client.Send(ctx, req, &resp)
				}()
				<-reached
				cancel()
				<-done
				if resp.Outcome != measure.None || resp.Status != 0 || len(resp.Detail) > 0 {
					t.Errorf("%s: outcome %v, status %d, detail %q, want none", path, resp.Outcome, resp.Status, resp.Detail)
				}
				client.Send(ctx, ok, &resp)
				if resp.Outcome != measure.None {
					t.Errorf("after the end: outcome %v", resp.Outcome)
				}
				client.Send(t.Context(), ok, &resp)
				if resp.Outcome != measure.Status2xx {
					t.Errorf("with another context: outcome %v: %s", resp.Outcome, resp.Detail)
				}
			}
		})
	}
}

// What the server reads is what was compiled, and nothing that net/http would add.
func TestStdSendsWhatWasCompiled(t *testing.T) {
	for _, p := range []Protocol{H1, H2, H2C} {
		t.Run(p.String(), func(t *testing.T) {
			seen := make(chan *http.Request, 1)
			server := start(t, p, 0, func(_ http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				r.Body = io.NopCloser(strings.NewReader(string(body)))
				seen <- r
			})
			target := at(t, server.url)
			target.Headers = []Header{{"Cookie", "a=b; c=d"}, {"X-Trace", "a"}, {"X-Trace", "b"}}
			client := server.transport(t, target, p).NewClient()
			defer client.Close()
			headers := []Header{{"host", "www.shop.test"}, {"user-agent", "mine"}, {"Connection", "x-hop"}, {"Expect", "100-continue"}}
			req, err := target.Compile("PATCH", "/a b/ü?q=x y&r=ü&empty=", headers, []byte("body"))
			if err != nil {
				t.Fatal(err)
			}
			var resp Response
			client.Send(t.Context(), req, &resp)
			if resp.Outcome != measure.Status2xx {
				t.Fatalf("outcome %v: %s", resp.Outcome, resp.Detail)
			}
			got := <-seen
			body, _ := io.ReadAll(got.Body)
			if got.Method != "PATCH" || got.RequestURI != "/a%20b/%C3%BC?q=x%20y&r=%C3%BC&empty=" || got.Host != "www.shop.test" || string(body) != "body" {
				t.Errorf("%s %s at %s with %q", got.Method, got.RequestURI, got.Host, body)
			}
			want := http.Header{
				"Accept": {"*/*"}, "Content-Length": {"4"}, "Cookie": {"a=b; c=d"},
				"User-Agent": {"mine"}, "X-Trace": {"a", "b"},
			}
			if p == H1 { // its server takes Expect for itself with HTTP/2
				want["Connection"], want["Expect"] = []string{"x-hop"}, []string{"100-continue"}
			}
			if fmt.Sprint(got.Header) != fmt.Sprint(want) {
				t.Errorf("headers\ngot  %v\nwant %v", got.Header, want)
			}
		})
	}
}

func TestStdFollowsRedirects(t *testing.T) {
	for _, p := range []Protocol{H1, H2, H2C} {
		t.Run(p.String(), func(t *testing.T) {
			var asked atomic.Int64
			server := start(t, p, 0, func(w http.ResponseWriter, r *http.Request) {
				asked.Add(1)
				if len(r.URL.Path) < 4 {
					http.Redirect(w, r, r.URL.Path+"x", http.StatusFound)
				}
			})
			target := at(t, server.url)
			for _, limit := range []int{0, 2, 9} {
				target.Redirects = limit
				client := server.transport(t, target, p).NewClient()
				var resp Response
				asked.Store(0)
				client.Send(t.Context(), compile(t, target, "/"), &resp)
				client.Close()
				want, hops, location := measure.Status3xx, int64(limit+1), "/"+strings.Repeat("x", limit+1)
				if limit == 9 {
					want, hops, location = measure.Status2xx, 4, ""
				}
				if resp.Outcome != want || asked.Load() != hops || resp.Location != location || resp.Connect == 0 {
					t.Errorf("limit %d: outcome %v after %d requests, location %q: %s", limit, resp.Outcome, asked.Load(), resp.Location, resp.Detail)
				}
			}
		})
	}
}
