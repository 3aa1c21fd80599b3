package shop

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/floodmark/floodmark/demo-server/capacity"
)

// always returns a source of one service time.
func always(t *testing.T, text string) *capacity.Source {
	t.Helper()
	law, err := capacity.ParseLaw("fixed:" + text)
	if err != nil {
		t.Fatal(err)
	}
	return capacity.NewSource(law, 1)
}

func TestEndpointsCostWhatTheyCost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		s.Source = always(t, "10ms")
		s.Sources = map[string]*capacity.Source{"GET /api/cart": always(t, "30ms"), "POST /api/login": nil}
		s.Custom = []Endpoint{{Pattern: "GET /own", Source: always(t, "70ms")}, {Pattern: "GET /plain"}}
		h := s.Handler()
		for _, test := range []struct {
			method, path string
			want         time.Duration
		}{
			{"GET", "/api/products/7", 10 * time.Millisecond},
			{"GET", "/api/cart", 30 * time.Millisecond},
			{"POST", "/api/login", 0},
			{"GET", "/own", 70 * time.Millisecond},
			{"GET", "/plain", 10 * time.Millisecond},
			{"GET", "/static/logo.svg", 10 * time.Millisecond},
			{"GET", "/healthz", 0},
			{"GET", "/nowhere", 0},
		} {
			begun := time.Now()
			ask(h, test.method, test.path, "", demo)
			if got := time.Since(begun); got != test.want {
				t.Errorf("%s %s: took %v, want %v", test.method, test.path, got, test.want)
			}
		}
	})
}

// places are workers that nobody waits for.
type places chan struct{}

var errNoWorker = errors.New("all workers are busy")

func (p places) Take(context.Context) error {
	select {
	case p <- struct{}{}:
		return nil
	default:
		return errNoWorker
	}
}

func (p places) Release() { <-p }

// A worker is held for the whole request, waiting for others included, and given back.
func TestWorkers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t)
		p := make(places, 1)
		s.Workers = p
		s.Custom = []Endpoint{{Pattern: "GET /wait", Calls: []Call{{Name: "wait", Do: func(context.Context) (bool, error) {
			time.Sleep(time.Second)
			return false, nil
		}}}}}
		h := s.Handler()
		var group sync.WaitGroup
		group.Go(func() { ask(h, "GET", "/wait", "") })
		synctest.Wait()
		got := ask(h, "GET", "/api/products/7", "")
		if want := `{"error":"all workers are busy"}` + "\n"; got.Code != http.StatusServiceUnavailable || got.Body.String() != want || got.Header().Get("Retry-After") != "1" {
			t.Errorf("got %d %s %v, want 503 %s", got.Code, got.Body, got.Header(), want)
		}
		if got := ask(h, "GET", "/healthz", ""); got.Code != http.StatusOK {
			t.Errorf("health: got %d, want 200", got.Code)
		}
		group.Wait()
		if got := ask(h, "GET", "/api/products/7", ""); got.Code != http.StatusOK || len(p) != 0 {
			t.Errorf("afterwards: got %d with %d workers taken", got.Code, len(p))
		}
		if s := s.Stats(); s.Refused != 1 || s.Answered != 2 || s.Requests != 3 {
			t.Errorf("got %+v", s)
		}
	})
}

// The utilisation is that of the last half second, whatever was before.
func TestUtilisation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t) // four slots
		s.ReportUtilisation, s.Source = true, always(t, "50ms")
		h := s.Handler()
		last := ""
		for range 40 { // one slot of four
			last = ask(h, "GET", "/api/products/7", "").Header().Get(UtilisationHeader)
		}
		if last != "0.250" {
			t.Errorf("one of four busy: got %s, want 0.250", last)
		}
		for range 40 { // two of four, half of the time
			var group sync.WaitGroup
			for range 4 {
				group.Go(func() { ask(h, "GET", "/api/products/7", "") })
			}
			group.Wait()
			time.Sleep(50 * time.Millisecond)
			last = ask(h, "GET", "/api/products/7", "").Header().Get(UtilisationHeader)
		}
		if last < "0.400" || last > "0.430" { // 5 of 12
			t.Errorf("got %s, want 5/12", last)
		}
	})
}

// A panic is a request, too.
func TestPanicIsCounted(t *testing.T) {
	s := open(t)
	s.Custom = []Endpoint{{Pattern: "GET /panic", Calls: []Call{{Do: func(context.Context) (bool, error) { panic(http.ErrAbortHandler) }}}}}
	h := s.Handler()
	func() {
		defer func() { _ = recover() }()
		ask(h, "GET", "/panic", "")
	}()
	if s := s.Stats(); s.Failed != 1 || s.InFlight != 0 {
		t.Errorf("got %+v, want one that failed", s)
	}
}

func TestRepeatsStayBounded(t *testing.T) {
	s := open(t)
	h := s.Handler()
	for i := range maxRepeats + 50 {
		key := "Idempotency-Key: k" + strconv.Itoa(i)
		if got := ask(h, "POST", "/api/orders", `{"product":7}`, demo, key); got.Code != http.StatusCreated {
			t.Fatalf("got %d %s", got.Code, got.Body)
		}
	}
	if got := len(s.repeats.byKey); got != maxRepeats {
		t.Errorf("got %d keys, want %d", got, maxRepeats)
	}
}
