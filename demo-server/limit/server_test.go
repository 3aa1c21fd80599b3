package limit_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/floodmark/floodmark/demo-server/limit"
	"go.uber.org/goleak"
)

func ExampleLimiter() {
	limiter, err := limit.New(limit.Config{
		Policy: limit.Policy{Algorithm: limit.FixedWindow, Limit: 1, Window: 24 * time.Hour},
		Key:    limit.Header("X-API-Key"),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	handler := limiter.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	for _, key := range []string{"ann", "bob", "ann"} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("X-API-Key", key)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		fmt.Println(key, w.Code)
	}
	// Output:
	// ann 200
	// bob 200
	// ann 429
}

// Two gateways that listen, a Redis that listens, clients with addresses of their own:
// each client gets the limit once, over both; and when Redis dies, one gateway lets
// everybody through and the other one nobody.
func TestGatewaysEndToEnd(t *testing.T) {
	defer goleak.VerifyNone(t)
	standIn, err := limit.StartStandIn("")
	if err != nil {
		t.Fatal(err)
	}
	var limiters []*limit.Limiter
	var gateways []*httptest.Server
	for _, closed := range []bool{false, true} {
		store, err := limit.NewRedis(limit.RedisConfig{Addr: standIn.Addr(), Timeout: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := store.Close(); err != nil {
				t.Error(err)
			}
		}()
		l, err := limit.New(limit.Config{
			Policy: limit.Policy{Algorithm: limit.SlidingLog, Limit: 10, Window: time.Hour},
			Key:    limit.Header("X-User"), Store: store, FailClosed: closed,
		})
		if err != nil {
			t.Fatal(err)
		}
		gateway := httptest.NewServer(l.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})))
		defer gateway.Close()
		limiters, gateways = append(limiters, l), append(gateways, gateway)
	}
	get := func(i int, user string) (int, error) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, gateways[i].URL, nil)
		if err != nil {
			return 0, err
		}
		r.Header.Set("X-User", user)
		response, err := gateways[i].Client().Do(r)
		if err != nil {
			return 0, err
		}
		return response.StatusCode, response.Body.Close()
	}
	var mu sync.Mutex
	got := map[string]map[int]int{"ann": {}, "bob": {}}
	var group sync.WaitGroup
	for i := range 60 {
		group.Go(func() {
			user := []string{"ann", "bob"}[i/2%2]
			status, err := get(i%2, user)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			got[user][status]++
		})
	}
	group.Wait()
	for user, statuses := range got {
		if statuses[http.StatusOK] != 10 || statuses[http.StatusTooManyRequests] != 20 {
			t.Errorf("%s: got %v, want 10 times 200 and 20 times 429", user, statuses)
		}
	}
	if err := standIn.Close(); err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{http.StatusOK, http.StatusServiceUnavailable} {
		if status, err := get(i, "ann"); status != want || err != nil {
			t.Errorf("gateway %d without Redis: got %d, %v, want %d", i, status, err, want)
		}
		s := limiters[i].Stats()
		if s.Requests != 31 || s.Admitted+s.Refused != 30 || s.Unchecked+s.Unavailable != 1 || s.Store.Errors != 1 {
			t.Errorf("gateway %d: got %+v, want 30 of 31 decided, 1 error", i, s)
		}
	}
}
