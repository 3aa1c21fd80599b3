package loadgen

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/targets"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// against returns a generator that asks a real server.
func against(tb testing.TB, server *httptest.Server) *Generator {
	tb.Helper()
	base, err := url.Parse(server.URL)
	if err != nil {
		tb.Fatal(err)
	}
	target := targets.Target{BaseURL: base, Reuse: true}
	req, err := target.Compile(http.MethodGet, "/", nil, nil)
	if err != nil {
		tb.Fatal(err)
	}
	mix := mixOf(tb, targets.Step{Name: "home", Request: req})
	return &Generator{
		Mix:       mix,
		NewSender: func(int) Sender { return target.NewClient() },
		Recorder:  measure.NewRecorder(Series(mix, nil), nil, 2),
		Start:     time.Now(),
		Drain:     time.Minute,
	}
}

// descriptors counts the open ones, or returns 0 where that cannot be told.
func descriptors() int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(entries)
}

// Runs leave nothing behind, and the server counts what the generator counts.
func TestManyRunsLeaveNothing(t *testing.T) {
	var served atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served.Add(1) }))
	defer server.Close()
	var planned int64
	var goroutines, open int
	for i := range 101 {
		if i == 1 { // the first run makes what stays, such as the poller's descriptors
			goroutines, open = settled(server, 1<<30, 1<<30)
		}
		g := against(t, server)
		if i%2 == 0 {
			g.RunOpen(t.Context(), nil, every(100*time.Microsecond, 20))
		} else {
			g.RunClosed(t.Context(), nil, crowdOf(3, Span{0, time.Minute}), 20)
		}
		got := total(g)
		if got.Planned != 20 || got.Succeeded != 20 {
			t.Fatalf("run %d: %+v %v", i, got.Counts, got.Exemplars)
		}
		planned += got.Planned
	}
	if served.Load() != planned {
		t.Errorf("the server counted %d requests, the generator %d", served.Load(), planned)
	}
	// The server's side of the last connections ends a moment later; if anything
	// were left behind, this would never return.
	settled(server, goroutines, open)
}

// settled waits until there are no more goroutines and descriptors than given, and
// returns their numbers.
func settled(server *httptest.Server, goroutines, open int) (int, int) {
	for {
		server.CloseClientConnections()
		if n, fds := runtime.NumGoroutine(), descriptors(); n <= goroutines && fds <= open {
			return n, fds
		}
		runtime.Gosched()
	}
}

// Cancelling ends requests that hang in a real server, at once.
func TestCancelReachesTheWire(t *testing.T) {
	const n = 5
	reached := make(chan struct{}, n)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		reached <- struct{}{}
		<-r.Context().Done()
	}))
	defer server.Close()
	g := against(t, server)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		for range n {
			<-reached
		}
		cancel()
	}()
	result := g.RunOpen(ctx, nil, slices.Values(make([]time.Duration, n)))
	wantCounts(t, total(g).Counts, measure.Counts{Planned: n, InFlight: n})
	if result.Arrivals != n {
		t.Errorf("result = %+v", result)
	}
}

// A server that closes connections whenever it likes, as often as not while the
// pacer sends on them, neither hangs the run nor loses a request.
func TestFickleServer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var asked atomic.Int64
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { fickle(conn, &asked) })
		}
	})
	server := &httptest.Server{URL: "http://" + listener.Addr().String()}
	for _, quantum := range []time.Duration{0, time.Millisecond} {
		g := against(t, server)
		g.Quantum = quantum
		before := asked.Load()
		const n = 4000
		g.RunOpen(t.Context(), nil, every(50*time.Microsecond, n))
		got := total(g)
		if got.Planned != n || got.Finished() != n {
			t.Errorf("quantum %v: %+v", quantum, got.Counts)
		}
		// What was sent on a connection just before it closed may have been read or not.
		if served := asked.Load() - before; served > n || got.Succeeded > served {
			t.Errorf("quantum %v: the server read %d requests, %d succeeded", quantum, served, got.Succeeded)
		}
		if got.Outcomes[measure.Status2xx]+got.Outcomes[measure.Reset] != n {
			t.Errorf("quantum %v: outcomes %v, %v", quantum, got.Outcomes, got.Exemplars)
		}
	}
	listener.Close()
	serving.Wait()
}

// fickle answers some requests and closes without a word.
func fickle(conn net.Conn, asked *atomic.Int64) {
	defer conn.Close()
	reader := bufio.NewReader(conn)
	for {
		if _, err := http.ReadRequest(reader); err != nil {
			return
		}
		n := asked.Add(1)
		if _, err := io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"); err != nil || n%5 == 0 {
			return
		}
	}
}
