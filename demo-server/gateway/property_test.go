package gateway

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Whatever comes, every request is in one counter, by its status, and the upstream hears
// of those alone that the gateway has not answered itself.
func TestEveryRequestIsCountedOnce(t *testing.T) {
	token, expired := sign(t), sign(t, "exp", time.Now().Add(-time.Hour).Unix())
	rapid.Check(t, func(rt *rapid.T) {
		e := &echo{}
		calls := 0
		g := build(t, e, Config{
			JWT: hs256(), APIKeys: []APIKey{{Key: "k", User: "bob"}}, MaxHeader: 2000, MaxBody: 10,
			Routes: []Route{
				{Pattern: "GET /cached", Cache: time.Hour}, {Pattern: "/open", Public: true}, {Pattern: "/scoped", Scopes: []string{"orders"}},
			},
			RateLimit: func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if calls++; calls%4 == 0 {
						w.WriteHeader(http.StatusTooManyRequests)
						return
					}
					next.ServeHTTP(w, r)
				})
			},
		})
		byStatus := map[int]uint64{}
		cachedHere := uint64(0)
		for range rapid.IntRange(1, 30).Draw(rt, "requests") {
			target := rapid.SampledFrom([]string{"/cached", "/cached", "/open", "/scoped", "/nowhere", "/open/../cached", "/open%2f"}).Draw(rt, "target")
			method := rapid.SampledFrom([]string{"GET", "GET", "POST"}).Draw(rt, "method")
			body := rapid.SampledFrom([]string{"", "", "a body too large"}).Draw(rt, "body")
			headers := rapid.SampledFrom([][]string{
				{"Authorization: Bearer " + token}, {"Authorization: Bearer " + expired}, {"X-API-Key: k"}, {"X-API-Key: x"}, {}, {"X: " + strings.Repeat("y", 3000)},
			}).Draw(rt, "headers")
			asked := e.asked.Load()
			got := ask(g, method, target, body, headers...)
			byStatus[got.Code]++
			if got.Header().Get("X-Cache") == "hit" {
				cachedHere++
			}
			if reached := e.asked.Load() > asked; reached != (got.Code == http.StatusOK && got.Header().Get("X-Cache") != "hit") {
				rt.Fatalf("%s %s: %d, and the upstream was asked: %v", method, target, got.Code, reached)
			}
			if s := g.Stats(); s.InFlight != 0 || s.Forwarded != e.asked.Load() {
				rt.Fatalf("got %+v, want %d forwarded", s, e.asked.Load())
			}
		}
		s := g.Stats()
		if s.Malformed != byStatus[400]+byStatus[413]+byStatus[431] || s.Unrouted != byStatus[404]+byStatus[405] || s.Unauthorised != byStatus[401] ||
			s.Forbidden != byStatus[403] || s.Limited != byStatus[429] || s.Cached != cachedHere || s.Answered != byStatus[200]-cachedHere {
			rt.Fatalf("got %+v, want %v with %d cached", s, byStatus, cachedHere)
		}
	})
}

// A path that passes means one thing, however often it is decoded and cleaned.
func unambiguous(p string) bool {
	u, err := url.ParseRequestURI(p) // as a server does
	if err != nil || checkPath(u) != nil {
		return true
	}
	for range 3 {
		if strings.ContainsAny(p, "\x00\r\n\\") || strings.Contains(p, "//") || path.Clean(p) != strings.TrimSuffix(p, "/") && p != "/" {
			return false
		}
		slashes := strings.Count(p, "/")
		next, err := url.PathUnescape(p)
		if err != nil {
			return true
		}
		if p = next; strings.Count(p, "/") != slashes {
			return false
		}
	}
	return true
}

func TestPathsThatPassAreClear(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.SampledFrom([]string{"/", "/", "a", ".", "..", "%2e", "%2E", "%2f", "%5C", `\`, "%25", "2e", "2f", ";", "%00", "é", " ", "%20"}), 1, 8).Draw(t, "parts")
		if p := "/" + strings.Join(parts, ""); !unambiguous(p) {
			t.Fatalf("%q passes", p)
		}
	})
}

func FuzzPath(f *testing.F) {
	for _, p := range []string{"/", "/a/b", "//a", "/a/../b", "/%2e%2e/", "/a%2fb", "/%252e%252e/", "/..;/a", `/\`, "/é%2f", "/ %2f"} {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, p string) {
		if strings.HasPrefix(p, "/") && !strings.ContainsAny(p, "?#") && !unambiguous(p) {
			t.Errorf("%q passes", p)
		}
	})
}

// What a hop costs: the same request over a kept connection, straight to the upstream and
// through a gateway that checks a token.
func BenchmarkHop(b *testing.B) {
	up := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"id":7}`)) }))
	defer up.Close()
	g, err := New(Config{
		Upstreams: map[string]string{"shop": up.URL}, JWT: hs256(), APIKeys: []APIKey{{Key: "k", User: "bob"}},
		Routes: []Route{{Pattern: "GET /products/{id}"}, {Pattern: "GET /cached/{id}", Cache: time.Hour}},
	})
	if err != nil {
		b.Fatal(err)
	}
	defer g.Close()
	front := httptest.NewServer(g)
	defer front.Close()
	for _, bench := range []struct{ name, url, header, value string }{
		{"direct", up.URL + "/products/7", "X-Api-Key", "k"},
		{"forwarded", front.URL + "/products/7", "X-Api-Key", "k"},
		{"forwarded with JWT", front.URL + "/products/7", "Authorization", "Bearer " + sign(b, "exp", time.Now().Add(time.Hour).Unix())},
		{"cached", front.URL + "/cached/7", "X-Api-Key", "k"},
		{"refused", front.URL + "/products/7", "X-Api-Key", "x"},
	} {
		b.Run(bench.name, func(b *testing.B) {
			client := front.Client()
			b.ReportAllocs()
			for b.Loop() {
				r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, bench.url, nil)
				if err != nil {
					b.Fatal(err)
				}
				r.Header.Set(bench.header, bench.value)
				response, err := client.Do(r)
				if err != nil {
					b.Fatal(err)
				}
				response.Body.Close()
			}
		})
	}
}
