package limit

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"
)

// BenchmarkDecide is a decision in each store: of the key of everybody, and of one of
// ten thousand. Redis's is the stand-in's, over a socket.
func BenchmarkDecide(b *testing.B) {
	for _, keys := range []int{1, 10_000} {
		names := make([]string, keys)
		for i := range names {
			names[i] = strconv.Itoa(i)
		}
		for _, a := range Algorithms() {
			p := Policy{Algorithm: a, Limit: 100}
			b.Run("memory/"+string(a)+"/keys="+strconv.Itoa(keys), func(b *testing.B) { decide(b, new(Memory), names, p) })
		}
	}
	standIn, err := StartStandIn("")
	if err != nil {
		b.Fatal(err)
	}
	defer standIn.Close()
	store, err := NewRedis(RedisConfig{Addr: standIn.Addr(), Timeout: time.Minute})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	for _, a := range Algorithms() {
		b.Run("stand-in/"+string(a), func(b *testing.B) { decide(b, store, []string{"key"}, Policy{Algorithm: a, Limit: 100}) })
	}
}

func decide(b *testing.B, s Store, keys []string, p Policy) {
	b.Helper()
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if _, err := s.Decide(b.Context(), keys[i%len(keys)], p); err != nil {
			b.Fatal(err)
		}
		i++
	}
}

// BenchmarkHandler is what a request costs more behind a limit: decision, headers and
// counters.
func BenchmarkHandler(b *testing.B) {
	l, err := New(Config{Policy: Policy{Limit: 1_000_000}, Key: IP()})
	if err != nil {
		b.Fatal(err)
	}
	handler := l.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	w := httptest.NewRecorder()
	b.ReportAllocs()
	for b.Loop() {
		clear(w.Header())
		handler.ServeHTTP(w, r)
	}
}
