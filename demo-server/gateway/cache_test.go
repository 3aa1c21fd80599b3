package gateway

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// numbered answers with a number that rises with each request, and headers.
func numbered(e *echo, headers ...string) {
	n := 0
	e.handle = func(w http.ResponseWriter, _ *http.Request) {
		n++
		for _, h := range headers {
			name, value, _ := strings.Cut(h, ": ")
			w.Header().Add(name, value)
		}
		_, _ = w.Write([]byte(strconv.Itoa(n)))
	}
}

func TestCacheOverTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &echo{}
		numbered(e)
		g := build(t, e, Config{Routes: []Route{{Pattern: "/", Public: true, Cache: 10 * time.Second}}})
		get := func(target, want, cache string, headers ...string) {
			t.Helper()
			got := ask(g, "GET", target, "", headers...)
			if got.Body.String() != want || got.Header().Get("X-Cache") != cache {
				t.Errorf("%s %v: got %s (%s), want %s (%s)", target, headers, got.Body, got.Header().Get("X-Cache"), want, cache)
			}
		}
		get("/a", "1", "miss")
		time.Sleep(9 * time.Second)
		get("/a", "1", "hit")
		if age := ask(g, "GET", "/a", "").Header().Get("Age"); age != "9" {
			t.Errorf("got age %q, want 9", age)
		}
		get("/a?x", "2", "miss")
		get("/b", "3", "miss")
		get("/a", "4", "miss", "Accept: text/html")
		get("/a", "5", "miss", "Accept-Encoding: br")
		get("http://other.test/a", "6", "miss")
		get("/a", "7", "bypass", "Range: bytes=0-1")
		get("/a", "8", "bypass", "If-None-Match: x")
		get("/a", "9", "bypass", "Cache-Control: foo, No-Cache")
		get("/a", "10", "bypass", "Pragma: no-cache")
		get("/a", "1", "hit")
		time.Sleep(time.Second)
		get("/a", "11", "miss")
		if got := ask(g, "POST", "/a", "").Body.String(); got != "12" {
			t.Errorf("POST: got %s, want 12", got)
		}
		if got := g.Stats(); got.Cached != 3 || got.Answered != 12 || e.asked.Load() != 12 {
			t.Errorf("got %+v, want 3 cached, 12 answered", got)
		}
	})
}

// What answers say about being kept, over 100 s with a request every 10.
func TestCacheHonoursAnswers(t *testing.T) {
	for _, tt := range []struct {
		headers []string
		asked   uint64 // of 10 requests
	}{
		{nil, 2},
		{[]string{"Cache-Control: public"}, 2},
		{[]string{"Cache-Control: max-age=20"}, 5},
		{[]string{"Cache-Control: max-age=20", "Age: 10"}, 10},
		{[]string{"Cache-Control: max-age=5, s-maxage=20"}, 5},
		{[]string{"Cache-Control: max-age=9999"}, 2},
		{[]string{"Cache-Control: max-age=0"}, 10},
		{[]string{"Cache-Control: max-age=-1"}, 10},
		{[]string{"Cache-Control: max-age=soon"}, 10},
		{[]string{"Cache-Control: no-store"}, 10},
		{[]string{"Cache-Control: public, NO-STORE"}, 10},
		{[]string{"Cache-Control: public", "Cache-Control: no-store"}, 10},
		{[]string{"Cache-Control: no-cache"}, 10},
		{[]string{"Cache-Control: private"}, 10},
		{[]string{"Set-Cookie: a=b"}, 10},
		{[]string{"Vary: Accept-Encoding, Accept"}, 2},
		{[]string{"Vary: Origin"}, 10},
		{[]string{"Vary: *"}, 10},
	} {
		synctest.Test(t, func(t *testing.T) {
			e := &echo{}
			numbered(e, tt.headers...)
			g := build(t, e, Config{Routes: []Route{{Pattern: "/", Public: true, Cache: 50 * time.Second}}})
			for range 10 {
				ask(g, "GET", "/", "")
				time.Sleep(10 * time.Second)
			}
			if got := e.asked.Load(); got != tt.asked {
				t.Errorf("%v: asked %d of 10 times, want %d", tt.headers, got, tt.asked)
			}
		})
	}
}

// Nobody gets what was kept for somebody else, and what everybody gets does not depend on
// who asked first.
func TestCacheKeepsUsersApart(t *testing.T) {
	e := &echo{}
	g := build(t, e, Config{
		JWT: hs256(), APIKeys: []APIKey{{Key: "k", User: "ada"}, {Key: "b", User: "bob"}},
		Routes: []Route{{Pattern: "/mine", Cache: time.Minute}, {Pattern: "/all", Public: true, Cache: time.Minute}},
	})
	for _, headers := range [][]string{
		{"Authorization: Bearer " + sign(t)}, {"X-API-Key: k"}, {"X-API-Key: b"}, // ada by token, and by key, are two
	} {
		for _, want := range []string{"miss", "hit"} {
			if got := ask(g, "GET", "/mine", "", headers...).Header().Get("X-Cache"); got != want {
				t.Errorf("%v: got %s, want %s", headers, got, want)
			}
		}
	}
	if got := ask(g, "GET", "/mine", "", "X-API-Key: nobody"); got.Code != http.StatusUnauthorized {
		t.Errorf("got %d, want 401 in spite of the cache", got.Code)
	}
	first := ask(g, "GET", "/all", "", "Authorization: Bearer x", "Cookie: a=b", "X-API-Key: k", "X-User: root", "X-Request-ID: first")
	h := hear(t, first.Body.Bytes()).Header
	for _, name := range []string{"Authorization", "Cookie", "X-Api-Key", "X-User"} {
		if h.Get(name) != "" {
			t.Errorf("the upstream of a public, cached route gets %s: %v", name, h[name])
		}
	}
	again := ask(g, "GET", "/all", "", "X-Request-ID: second")
	if again.Header().Get("X-Cache") != "hit" || again.Header().Get("X-Request-ID") != "second" || again.Body.String() != first.Body.String() {
		t.Errorf("got %v", again.Header())
	}
}

func TestCacheIsBounded(t *testing.T) {
	e := &echo{handle: func(w http.ResponseWriter, r *http.Request) {
		size, _ := strconv.Atoi(r.URL.RawQuery)
		_, _ = w.Write(make([]byte, size))
	}}
	g := build(t, e, Config{Routes: []Route{{Pattern: "/", Public: true, Cache: time.Hour}}, CacheBytes: 100_000, MaxTransform: 50_000})
	for i := range 500 {
		ask(g, "GET", fmt.Sprintf("/%d?1000", i), "")
	}
	if s := g.Stats(); s.CacheBytes > 100_000 || s.CacheEntries < 50 || s.CacheEntries > 100 {
		t.Errorf("got %d entries of %d bytes", s.CacheEntries, s.CacheBytes)
	}
	for range 2 { // too large to be kept, and passed on whole
		got := ask(g, "GET", "/?50001", "")
		if got.Body.Len() != 50_001 || got.Header().Get("X-Cache") != "miss" {
			t.Errorf("got %d bytes, %s", got.Body.Len(), got.Header().Get("X-Cache"))
		}
	}
}

// The cache holds what a plain list would: the newest answers that are not expired, the
// least recently used gone when there is no more room.
func TestCacheFollowsTheModel(t *testing.T) {
	type entry struct {
		key   string
		body  int
		until time.Time
	}
	rapid.Check(t, func(rt *rapid.T) {
		most := rapid.IntRange(1000, 6000).Draw(rt, "most")
		type move struct {
			put        bool
			key        string
			size, life int
		}
		moves := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) move {
			return move{rapid.Bool().Draw(t, "put"), rapid.SampledFrom([]string{"a", "b", "c", "d", "e"}).Draw(t, "key"), rapid.IntRange(0, 2500).Draw(t, "size"), rapid.IntRange(1, 9).Draw(t, "life")}
		}), 20, 80).Draw(rt, "moves")
		synctest.Test(t, func(t *testing.T) {
			c := newCache(most)
			var model []entry // most recently used first
			take := func(key string) (e entry, found bool) {
				for i, each := range model {
					if each.key == key {
						model = append(model[:i:i], model[i+1:]...)
						return each, true
					}
				}
				return entry{}, false
			}
			weight := func() (total int) {
				for _, e := range model {
					total += overhead + len(e.key) + e.body
				}
				return total
			}
			for i, mv := range moves {
				time.Sleep(time.Second)
				if mv.put {
					c.put(&kept{key: mv.key, body: make([]byte, mv.size), at: time.Now(), until: time.Now().Add(time.Duration(mv.life) * time.Second)})
					take(mv.key)
					if overhead+1+mv.size <= most {
						model = append([]entry{{mv.key, mv.size, time.Now().Add(time.Duration(mv.life) * time.Second)}}, model...)
						for weight() > most {
							model = model[:len(model)-1]
						}
					}
				} else {
					got := c.get(mv.key)
					want, found := take(mv.key)
					if found && time.Now().Before(want.until) {
						model = append([]entry{want}, model...)
					} else {
						found = false
					}
					if (got != nil) != found || found && len(got.body) != want.body {
						t.Fatalf("move %d: got %v, want %v %v", i, got != nil, found, want)
					}
				}
				if entries, bytes := c.size(); entries != len(model) || bytes != weight() || bytes > most {
					t.Fatalf("move %d: got %d of %d bytes, want %d of %d", i, entries, bytes, len(model), weight())
				}
			}
		})
	})
}
