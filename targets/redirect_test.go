package targets

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/floodmark/floodmark/measure"
)

// hop is what a server saw of one request.
type hop struct{ method, path, body, auth, contentType string }

// hopping starts a server that redirects /<status>/<n>/... n times and remembers
// what it saw.
func hopping(t *testing.T) (url string, seen func() []hop) {
	t.Helper()
	hops := make(chan hop, 100)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		hops <- hop{r.Method, r.URL.Path, string(body), r.Header.Get("Authorization"), r.Header.Get("Content-Type")}
		var status, left int
		if n, _ := fmt.Sscanf(r.URL.Path, "/%d/%d", &status, &left); n == 2 && left > 0 {
			w.Header().Set("Location", fmt.Sprintf("../%d/%d", status, left-1))
			w.WriteHeader(status)
			return
		}
		if to := r.URL.Query().Get("to"); to != "" {
			w.Header().Set("Location", to)
			w.WriteHeader(http.StatusFound)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL, func() []hop {
		var out []hop
		for len(hops) > 0 {
			out = append(out, <-hops)
		}
		return out
	}
}

func TestRedirectsByStatus(t *testing.T) {
	url, seen := hopping(t)
	tests := []struct {
		status       int
		method, then string
		keepsBody    bool
		hops         int
	}{
		{301, "POST", "GET", false, 2},
		{302, "POST", "GET", false, 2},
		{303, "POST", "GET", false, 2},
		{303, "PUT", "GET", false, 2},
		{303, "HEAD", "HEAD", false, 2},
		{302, "PUT", "PUT", true, 2},
		{307, "POST", "POST", true, 2},
		{308, "POST", "POST", true, 2},
		{300, "POST", "POST", true, 1},
		{304, "GET", "GET", true, 1},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.status, tt.method), func(t *testing.T) {
			target := at(t, url)
			target.Redirects = 3
			client := target.NewClient()
			defer client.Close()
			headers := []Header{{"Content-Type", "text/plain"}, {"Authorization", "me"}}
			req, err := target.Compile(tt.method, fmt.Sprintf("/%d/1", tt.status), headers, []byte("hi"))
			if err != nil {
				t.Fatal(err)
			}
			var resp Response
			client.Send(t.Context(), req, &resp)
			hops := seen()
			if len(hops) != tt.hops {
				t.Fatalf("%d requests, want %d: %v", len(hops), tt.hops, hops)
			}
			last := hops[len(hops)-1]
			if last.method != tt.then || (last.body == "hi") != tt.keepsBody || (last.contentType != "") != tt.keepsBody {
				t.Errorf("last request %+v, want %s, its body %v", last, tt.then, tt.keepsBody)
			}
			if last.auth != "me" {
				t.Errorf("authorization %q to the same host, want it kept", last.auth)
			}
			if len(client.conns) != 1 {
				t.Errorf("%d connections, want 1", len(client.conns))
			}
		})
	}
}

func TestRedirectLimit(t *testing.T) {
	url, seen := hopping(t)
	tests := []struct {
		limit, hops int
		want        measure.Outcome
	}{{0, 1, measure.Status3xx}, {2, 3, measure.Status3xx}, {3, 4, measure.Status2xx}, {9, 4, measure.Status2xx}}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.limit), func(t *testing.T) {
			target := at(t, url)
			target.Redirects = tt.limit
			client := target.NewClient()
			defer client.Close()
			var resp Response
			client.Send(t.Context(), compile(t, target, "/302/3"), &resp)
			if resp.Outcome != tt.want || len(seen()) != tt.hops {
				t.Errorf("outcome %v: %s", resp.Outcome, resp.Detail)
			}
			if (resp.Location != "") != (tt.want == measure.Status3xx) {
				t.Errorf("location %q", resp.Location)
			}
			if resp.Connect == 0 || !resp.Sent.Before(resp.FirstByte) || resp.BytesOut < int64(tt.hops*80) {
				t.Errorf("connect %v, %d bytes out: not those of all hops", resp.Connect, resp.BytesOut)
			}
		})
	}
}

func TestRedirectElsewhere(t *testing.T) {
	url, seen := hopping(t)
	other, seenOther := hopping(t)
	tests := []struct {
		name, to string
		want     measure.Outcome
		detail   string
		others   int
	}{
		{"other port, allowed", other + "/", measure.Status2xx, "", 1},
		{"host not allowed", "http://evil.test/", measure.Status3xx, "not followed: host evil.test is not in allow_hosts", 0},
		{"other scheme", "file:///etc/passwd", measure.Status3xx, "not followed", 0},
		{"no url", "http://%zz", measure.Status3xx, "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			target := at(t, url)
			target.Redirects = 3
			client := target.NewClient()
			defer client.Close()
			req, err := target.Compile("GET", "/?to="+strings.ReplaceAll(tt.to, "%", "%25"), []Header{{"Authorization", "me"}}, nil)
			if err != nil {
				t.Fatal(err)
			}
			var resp Response
			client.Send(t.Context(), req, &resp)
			if resp.Outcome != tt.want || !strings.Contains(string(resp.Detail), tt.detail) {
				t.Errorf("outcome %v, detail %q, want %v and %q", resp.Outcome, resp.Detail, tt.want, tt.detail)
			}
			seen()
			hops := seenOther()
			if len(hops) != tt.others {
				t.Fatalf("%d requests elsewhere, want %d", len(hops), tt.others)
			}
			if tt.others > 0 && hops[0].auth != "" {
				t.Error("credentials went to another server")
			}
		})
	}
}
