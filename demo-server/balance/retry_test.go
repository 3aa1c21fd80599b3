package balance_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/floodmark/floodmark/demo-server/balance"
	"github.com/floodmark/floodmark/demo-server/balance/pick"
)

// kill sends requests by three clients while one of four replicas is killed, and returns
// how many failed.
func kill(t *testing.T, config balance.Config) (failed int, stats balance.Stats) {
	t.Helper()
	const requests = 1000
	var servers []*httptest.Server
	for _, b := range backends(4) {
		s := server(t, named(b.Name))
		servers = append(servers, s)
		config.Backends = append(config.Backends, at(b.Name, s))
	}
	b, address := listen(t, config)
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	var sent, lost atomic.Int32
	var once sync.Once
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() {
			for {
				n := sent.Add(1)
				if n > requests {
					return
				}
				if n == requests/3 {
					once.Do(func() {
						servers[1].CloseClientConnections()
						servers[1].Close()
					})
				}
				response, err := transport.RoundTrip(request(t, http.MethodGet, "http://"+address, ""))
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := io.Copy(io.Discard, response.Body); err != nil || response.StatusCode != http.StatusOK {
					lost.Add(1)
				}
				_ = response.Body.Close()
			}
		})
	}
	group.Wait()
	return int(lost.Load()), b.Stats()
}

// One of four replicas is killed. Three failures in a row eject it, and of three clients
// two more may have a request under way there.
func TestKillOneOfFour(t *testing.T) {
	eject := balance.Ejection{Failures: 3, For: time.Hour}
	if failed, stats := kill(t, balance.Config{Ejection: eject}); failed < 1 || failed > 5 || stats.Backends[1].Ejections != 1 {
		t.Errorf("without retries: %d failed, want 1 to 5: %+v", failed, stats)
	}
	if failed, stats := kill(t, balance.Config{Ejection: eject, Retries: 1}); failed != 0 || stats.Retries < 3 {
		t.Errorf("with one retry: %d failed, want none: %+v", failed, stats)
	}
	if failed, stats := kill(t, balance.Config{Retries: 1}); failed != 0 || stats.Retries < 100 {
		t.Errorf("with one retry and no ejection: %d failed, want none: %+v", failed, stats)
	}
}

// closing is a server that takes requests and then closes the connection.
func closing(calls *atomic.Int32) http.HandlerFunc {
	return func(_ http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		_, _ = io.ReadAll(r.Body)
		panic(http.ErrAbortHandler)
	}
}

// What is retried: whatever could not be sent, and what may be done twice.
func TestWhatIsRetried(t *testing.T) {
	echo := func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Fprint(w, r.Method, " ", len(body))
	}
	dead := httptest.NewServer(nil)
	dead.Close()
	tests := []struct {
		name    string
		method  string
		body    int
		chunked bool
		refused bool // the first backend takes no connections
		status  int
	}{
		{"GET", http.MethodGet, 0, false, false, 200},
		{"PUT with a body", http.MethodPut, 5000, false, false, 200},
		{"DELETE with a body of unknown length", http.MethodDelete, 5000, true, false, 200},
		{"PUT with a long body", http.MethodPut, 100_000, false, false, 502},
		{"POST", http.MethodPost, 10, false, false, 502},
		{"PATCH without a body", http.MethodPatch, 0, false, false, 502},
		{"POST, refused", http.MethodPost, 10, false, true, 200},
		{"POST with a long body, refused", http.MethodPost, 100_000, true, true, 200},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var calls atomic.Int32
			first := at("web-1", server(t, closing(&calls)))
			if test.refused {
				first = at("web-1", dead)
			}
			b, address := listen(t, balance.Config{
				Backends: []balance.Backend{first, at("web-2", server(t, echo))},
				Retries:  1,
			})
			r := request(t, test.method, "http://"+address, strings.Repeat("x", test.body))
			if test.chunked {
				r.ContentLength, r.Body = -1, io.NopCloser(r.Body)
			}
			got := fetch(t, r)
			if got.status != test.status {
				t.Fatalf("got %d %s, want %d", got.status, got.body, test.status)
			}
			if want := fmt.Sprint(test.method, " ", test.body); test.status == http.StatusOK && got.body != want {
				t.Errorf("the second backend got %q, want %q", got.body, want)
			}
			if got := calls.Load(); !test.refused && got != 1 {
				t.Errorf("the first backend was asked %d times, want once", got)
			}
			if got := b.Stats(); got.Retries != map[int]uint64{200: 1, 502: 0}[test.status] {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// A retry goes to those that were not tried, as often as it may.
func TestRetriesGoElsewhere(t *testing.T) {
	for retries, want := range []int{502, 502, 200, 200} {
		synctest.Test(t, func(t *testing.T) {
			var net network
			net.serve(t, "web-3:80", named("web-3"))
			b := balancer(t, balance.Config{Backends: backends(3), Dial: net.Dial, Retries: retries, Sticky: balance.Sticky{Cookie: "replica"}})
			if status, _ := ask(t, b); status != want {
				t.Errorf("%d retries: got %d, want %d", retries, status, want)
			}
			got := b.Stats()
			if got.Retries != uint64(min(retries, 2)) || got.Sessions.Begun != 1 || got.Backends[0].RetriedFrom != uint64(min(retries, 1)) {
				t.Errorf("%d retries: got %+v", retries, got)
			}
		})
	}
}

// With everything broken, retries stay within their share of requests.
func TestRetryBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var net network
		b := balancer(t, balance.Config{
			Backends: backends(2), Dial: net.Dial, Retries: 1, Algorithm: pick.Random,
			Budget: balance.Budget{Share: 0.1, PerSecond: 1},
		})
		for range 10 * 60 { // a minute at 10 a second
			if status, _ := ask(t, b); status != http.StatusBadGateway {
				t.Fatalf("got %d, want 502", status)
			}
			time.Sleep(100 * time.Millisecond)
		}
		// Ten seconds have 100 requests: 10 retries of the share and 10 that are always allowed.
		got := b.Stats()
		if got.Retries < 110 || got.Retries > 130 || got.Retries+got.RetriesDenied != 600 {
			t.Errorf("got %d retries and %d denied, want about 120 of 600", got.Retries, got.RetriesDenied)
		}
	})
}

func TestClientsBodyBreaksOff(t *testing.T) {
	replica := server(t, func(_ http.ResponseWriter, r *http.Request) { _, _ = io.ReadAll(r.Body) })
	b := balancer(t, balance.Config{
		Backends: []balance.Backend{at("web-1", replica)}, Retries: 1,
		Ejection: balance.Ejection{Failures: 1},
	})
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPut, "/", io.MultiReader(strings.NewReader("some"), broken{}))
	r.ContentLength = 100
	recorder := httptest.NewRecorder()
	b.ServeHTTP(recorder, r)
	if got := b.Stats(); recorder.Code != http.StatusBadRequest || got.Cancelled != 1 || got.Backends[0].Failed != 0 {
		t.Errorf("got %d and %+v, want 400, and the client to blame", recorder.Code, got)
	}
}

// broken is a reader that fails.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
