package faults

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const healthy = "a healthy answer of some length"

// serve starts a healthy server behind the set and returns its URL and a client that
// opens a connection for each request.
func serve(t *testing.T, set *Set) (string, *http.Client) {
	t.Helper()
	server := httptest.NewServer(set.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Kept", "yes")
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, healthy)
	})))
	t.Cleanup(server.Close)
	t.Cleanup(func() { set.Clear() })
	transport := &http.Transport{DisableKeepAlives: true}
	return server.URL, &http.Client{Transport: transport}
}

// get returns status and body, or the error that the client saw.
func get(t *testing.T, client *http.Client, url string) (int, string, error) {
	t.Helper()
	response, err := client.Get(url)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return response.StatusCode, string(body), err
}

func wantHealthy(t *testing.T, client *http.Client, url string) {
	t.Helper()
	status, body, err := get(t, client, url)
	if status != http.StatusAccepted || body != healthy || err != nil {
		t.Errorf("got %d %q %v, want %d %q", status, body, err, http.StatusAccepted, healthy)
	}
}

func TestErrorsShare(t *testing.T) {
	var set Set
	url, client := serve(t, &set)
	add(t, &set, "errors=20%")
	failed := 0
	for range 50 {
		status, body, err := get(t, client, url)
		if err != nil {
			t.Fatal(err)
		}
		if status == http.StatusInternalServerError {
			failed++
			if want := `{"error":"injected fault"}` + "\n"; body != want {
				t.Errorf("got %q, want %q", body, want)
			}
		}
	}
	if failed != 10 {
		t.Errorf("got %d of 50 failed, want 10", failed)
	}
	if got := set.List()[0].Hits; got != 10 {
		t.Errorf("got %d hits, want 10", got)
	}
	set.Clear()
	wantHealthy(t, client, url)
}

func TestEndpointAlone(t *testing.T) {
	var set Set
	url, client := serve(t, &set)
	add(t, &set, `errors endpoint="GET /sick"`)
	wantHealthy(t, client, url+"/well")
	if status, _, err := get(t, client, url+"/sick"); status != http.StatusInternalServerError || err != nil {
		t.Errorf("got %d %v, want 500", status, err)
	}
}

func TestPartLeavesTheHandlerAlone(t *testing.T) {
	set := Set{Parts: []string{"payment"}}
	url, client := serve(t, &set)
	add(t, &set, "part=payment errors")
	wantHealthy(t, client, url)
}

func TestReset(t *testing.T) {
	var set Set
	url, client := serve(t, &set)
	add(t, &set, "reset")
	if _, _, err := get(t, client, url); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("got %v, want %v", err, syscall.ECONNRESET)
	}
}

func TestMalformed(t *testing.T) {
	var set Set
	url, client := serve(t, &set)
	add(t, &set, "malformed")
	if _, _, err := get(t, client, url); err == nil || !strings.Contains(err.Error(), "malformed HTTP") {
		t.Errorf("got %v, want malformed HTTP", err)
	}
}

func TestDelay(t *testing.T) {
	var set Set
	url, client := serve(t, &set)
	add(t, &set, "delay=30ms")
	start := time.Now()
	wantHealthy(t, client, url)
	if got, want := time.Since(start), 30*time.Millisecond; got < want {
		t.Errorf("answered after %v, want at least %v", got, want)
	}
}

func TestDelayWithJitter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var set Set
		add(t, &set, "delay=100ms jitter=100ms")
		handler := set.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		seen := make(map[time.Duration]bool)
		for range 20 {
			start := time.Now()
			handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
			got := time.Since(start)
			if got > 200*time.Millisecond {
				t.Errorf("answered after %v, want at most 200ms", got)
			}
			seen[got] = true
		}
		if len(seen) != 20 {
			t.Errorf("got %d different delays, want 20", len(seen))
		}
	})
}

func TestSlowBody(t *testing.T) {
	var set Set
	url, client := serve(t, &set)
	const over = 60 * time.Millisecond
	add(t, &set, "slowbody="+over.String())
	start := time.Now()
	response, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusAccepted || response.Header.Get("X-Kept") != "yes" {
		t.Errorf("got %d, %v, want the handler's status and header", response.StatusCode, response.Header)
	}
	body, err := io.ReadAll(response.Body)
	if got := time.Since(start); got < over {
		t.Errorf("body complete after %v, want at least %v", got, over)
	}
	if string(body) != healthy || err != nil {
		t.Errorf("got %q, %v, want %q", body, err, healthy)
	}
}

// A diary notes when each piece of a body was written.
type diary struct {
	*httptest.ResponseRecorder
	start  time.Time
	pieces map[time.Duration]int
}

func (d *diary) Write(p []byte) (int, error) {
	d.pieces[time.Since(d.start)] += len(p)
	return d.ResponseRecorder.Write(p)
}

func TestTricklePace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &diary{httptest.NewRecorder(), time.Now(), make(map[time.Duration]int)}
		trickle(t.Context(), d, make([]byte, 50), 5*time.Second) // 17 pieces of up to 3 bytes
		if got := len(d.pieces); got != 17 {
			t.Errorf("got %d pieces, want 17", got)
		}
		sent := 0
		for i := 1; i <= 17; i++ {
			sent = min(3*i, 50)
			if at := time.Duration(sent) * 100 * time.Millisecond; d.pieces[at] == 0 {
				t.Errorf("nothing was sent at %v: %v", at, d.pieces)
			}
		}
		if sent != 50 || d.Body.Len() != 50 {
			t.Errorf("got %d bytes, want 50", d.Body.Len())
		}
	})
}

func TestStallHoldsEveryAnswer(t *testing.T) {
	var set Set
	url, client := serve(t, &set)
	const stall = 80 * time.Millisecond
	start := time.Now()
	add(t, &set, "stall="+stall.String())
	var group sync.WaitGroup
	for range 5 {
		group.Go(func() {
			wantHealthy(t, client, url)
			if got := time.Since(start); got < stall {
				t.Errorf("answered after %v, want at least %v", got, stall)
			}
		})
	}
	group.Wait()
	if got := len(set.List()); got != 0 {
		t.Errorf("got %d faults after the stall, want 0", got)
	}
}

// A stall of minutes ends when it is removed, and a client that gives up before that is
// not waited for: the server's Close at the end would hang.
func TestStallIsLeftEarly(t *testing.T) {
	var set Set
	url, client := serve(t, &set)
	active := add(t, &set, "stall=10m")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if response, err := client.Do(request); err == nil {
		response.Body.Close()
		t.Errorf("got %s from a stalled server", response.Status)
	}
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		wantHealthy(t, client, url)
	}()
	if !set.Remove(active.ID) {
		t.Error("the stall was not on")
	}
	<-answered
}

// Where a connection cannot be taken from the server, the request is aborted.
func TestResetWithoutHijack(t *testing.T) {
	var set Set
	add(t, &set, "reset")
	defer func() {
		if got, ok := recover().(error); !ok || !errors.Is(got, http.ErrAbortHandler) {
			t.Errorf("got %v, want %v", got, http.ErrAbortHandler)
		}
	}()
	set.Handler(http.NotFoundHandler()).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
}

func TestResetOverTLS(t *testing.T) {
	var set Set
	server := httptest.NewTLSServer(set.Handler(http.NotFoundHandler()))
	defer server.Close()
	client := server.Client()
	defer client.CloseIdleConnections()
	add(t, &set, "reset")
	var network *net.OpError
	if _, _, err := get(t, client, server.URL); !errors.As(err, &network) || !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("got %v, want %v", err, syscall.ECONNRESET)
	}
}

func BenchmarkHandlerWithoutFaults(b *testing.B) {
	var set Set
	handler := set.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil)
	b.ReportAllocs()
	for b.Loop() {
		handler.ServeHTTP(w, r)
	}
}
