package faults

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// put switches a fault of a link on.
func put(t *testing.T, links *Links, line string) Active {
	t.Helper()
	spec, err := ParseLine(line)
	if err != nil {
		t.Fatal(err)
	}
	active, err := links.Add(spec)
	if err != nil {
		t.Fatal(err)
	}
	return active
}

// between starts a server and returns links to it from web-2, a client on them that keeps
// its connections, and the number of requests the server has seen.
func between(t *testing.T) (links *Links, get func(context.Context) (string, error), seen *atomic.Int64) {
	t.Helper()
	seen = new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen.Add(1)
		_, _ = io.Copy(w, io.MultiReader(strings.NewReader(healthy), r.Body))
	}))
	t.Cleanup(server.Close)
	links = &Links{From: End{Part: "web", Node: "web-2"}}
	transport := &http.Transport{DialContext: links.Dial(End{Part: "database"}, new(net.Dialer).DialContext)}
	t.Cleanup(transport.CloseIdleConnections)
	t.Cleanup(func() { links.Close() })
	get = func(ctx context.Context) (string, error) {
		// A POST is not sent again by the transport.
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL, strings.NewReader("!"))
		if err != nil {
			return "", err
		}
		response, err := transport.RoundTrip(request)
		if err != nil {
			return "", err
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		return string(body), err
	}
	return links, get, seen
}

// wantAnswer asks once and returns how long it took.
func wantAnswer(t *testing.T, get func(context.Context) (string, error)) time.Duration {
	t.Helper()
	start := time.Now()
	if body, err := get(t.Context()); body != healthy+"!" || err != nil {
		t.Errorf("got %q, %v, want %q", body, err, healthy+"!")
	}
	return time.Since(start)
}

func atLeast(t *testing.T, got, want time.Duration) {
	t.Helper()
	if got < want {
		t.Errorf("took %v, want at least %v", got, want)
	}
}

func TestLinkLatency(t *testing.T) {
	links, get, _ := between(t)
	wantAnswer(t, get) // the connection is there
	active := put(t, links, "link=web-database latency=50ms jitter=10ms")
	for range 3 {
		atLeast(t, wantAnswer(t, get), 40*time.Millisecond)
	}
	if got := links.List(); len(got) != 1 || got[0].Hits != 3 {
		t.Errorf("got %+v, want 3 hits", got)
	}
	links.Remove(active.ID)
	put(t, links, "link=web-1-database latency=10m") // somebody else's
	put(t, links, "link=web-cache latency=10m")
	wantAnswer(t, get)
}

// A dial takes the latency once, and so does the first exchange.
func TestLinkLatencyOfANewConnection(t *testing.T) {
	links, get, _ := between(t)
	put(t, links, "link=web-2-database latency=30ms")
	atLeast(t, wantAnswer(t, get), 60*time.Millisecond)
}

func TestLinkLoss(t *testing.T) {
	links, get, _ := between(t)
	wantAnswer(t, get)
	put(t, links, "link=web-database loss=50%")
	slow := 0
	for range 4 { // two of which wait, one of them twice
		if wantAnswer(t, get) >= retransmission {
			slow++
		}
	}
	if slow < 2 || links.List()[0].Hits != 2 {
		t.Errorf("got %d slow ones and %d hits, want 2", slow, links.List()[0].Hits)
	}
}

func TestLossesInARow(t *testing.T) {
	f := newFault(1, Spec{Loss: All / 2, Link: "a-b"})
	times := make(map[time.Duration]int)
	for range 64 {
		times[f.onExchange()]++
	}
	for i, want := range []int{32, 16, 8, 4, 2, 1, 1} {
		took := retransmission * (1<<i - 1) // 0, 200ms, 600ms, 1.4s…
		if got := times[took]; got < want-1 || got > want+1 {
			t.Errorf("%v: got %d of 64, want %d", took, got, want)
		}
	}
}

// Resets fall on so many answers, which the server has given.
func TestLinkReset(t *testing.T) {
	links, get, seen := between(t)
	put(t, links, "link=web-database reset=20%")
	failed := 0
	for range 20 {
		if _, err := get(t.Context()); errors.Is(err, syscall.ECONNRESET) {
			failed++
		} else if err != nil {
			t.Error(err)
		}
	}
	if failed != 4 || seen.Load() != 20 {
		t.Errorf("got %d failed of %d, want 4 of 20", failed, seen.Load())
	}
}

func TestLinkCut(t *testing.T) {
	links, get, seen := between(t)
	wantAnswer(t, get)
	active := put(t, links, "link=web-database cut")
	open := 0
	for range links.lines.Range {
		open++
	}
	if open != 0 {
		t.Errorf("%d connections outlived the cut", open)
	}
	for range 3 {
		if _, err := get(t.Context()); !errors.Is(err, syscall.ECONNREFUSED) && !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("got %v, want a refusal", err)
		}
	}
	if got := seen.Load(); got != 1 {
		t.Errorf("the server saw %d requests, want 1", got)
	}
	links.Remove(active.ID)
	wantAnswer(t, get)
}

// Both ends of a connection that is being read see the cut as a reset.
func TestCutIsAReset(t *testing.T) {
	links, near, far := wire(t)
	result := make(chan error)
	go func() { _, err := near.Read(make([]byte, 1)); result <- err }()
	put(t, links, "link=web-database cut")
	if err := <-result; !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("near: got %v, want %v", err, syscall.ECONNRESET)
	}
	if _, err := far.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("far: got %v, want %v", err, syscall.ECONNRESET)
	}
	if _, err := near.Write([]byte("x")); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("a later Write: got %v, want %v", err, syscall.ECONNRESET)
	}
}

// wire returns both ends of a connection on links.
func wire(t *testing.T) (links *Links, near, far net.Conn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	links = &Links{From: End{Part: "web", Node: "web-2"}}
	to := func(address string) End {
		if address != listener.Addr().String() {
			t.Errorf("asked who is at %s", address)
		}
		return End{Part: "database"}
	}
	near, err = links.DialBy(to, new(net.Dialer).DialContext)(t.Context(), "tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	far, err = listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { near.Close(); far.Close(); links.Close() })
	return links, near, far
}

func TestLinkHang(t *testing.T) {
	links, get, seen := between(t)
	wantAnswer(t, get)
	active := put(t, links, "link=web-database hang")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := get(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("on an open connection: got %v, want %v", err, context.DeadlineExceeded)
	}
	ctx, cancel = context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := get(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("dialing: got %v, want %v", err, context.DeadlineExceeded)
	}
	if got := seen.Load(); got != 1 {
		t.Errorf("the server saw %d requests, want 1", got)
	}
	var group sync.WaitGroup
	for range 5 {
		group.Go(func() { wantAnswer(t, get) })
	}
	links.Remove(active.ID)
	group.Wait()
}

// What arrives during a hang is there after it, and a deadline that passes meanwhile
// loses nothing.
func TestHangKeepsWhatArrives(t *testing.T) {
	links, near, far := wire(t)
	active := put(t, links, "link=web-database hang")
	if _, err := far.Write([]byte("early")); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		near.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
		if n, err := near.Read(make([]byte, 9)); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("got %d bytes, %v, want a timeout", n, err)
		}
	}
	near.SetWriteDeadline(time.Now().Add(10 * time.Millisecond))
	var timeout net.Error
	if _, err := near.Write([]byte("x")); !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("Write: got %v, want a timeout", err)
	}
	near.SetDeadline(time.Time{})
	links.Remove(active.ID)
	buffer := make([]byte, 3)
	if _, err := io.ReadFull(near, buffer); string(buffer) != "ear" || err != nil {
		t.Errorf("got %q, %v, want ear", buffer, err)
	}
	far.Close()
	if rest, err := io.ReadAll(near); string(rest) != "ly" || err != nil {
		t.Errorf("got %q, %v, want ly", rest, err)
	}
}

// Whoever is held is let go by a deadline in the past and by Close.
func TestHeldReadIsLetGo(t *testing.T) {
	links, near, far := wire(t)
	put(t, links, "link=web-database hang")
	result := make(chan error)
	read := func() { _, err := near.Read(make([]byte, 9)); result <- err }
	if _, err := far.Write([]byte("early")); err != nil {
		t.Fatal(err)
	}
	go read()
	near.SetReadDeadline(time.Unix(1, 0))
	if err := <-result; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got %v, want %v", err, os.ErrDeadlineExceeded)
	}
	near.SetReadDeadline(time.Time{})
	go read()
	near.Close()
	if err := <-result; !errors.Is(err, net.ErrClosed) {
		t.Errorf("got %v, want %v", err, net.ErrClosed)
	}
}

// A latency that outlasts the deadline delivers later.
func TestLatencyBeyondTheDeadline(t *testing.T) {
	links, near, far := wire(t)
	put(t, links, "link=web-database latency=60ms")
	start := time.Now()
	if _, err := near.Write([]byte("?")); err != nil {
		t.Fatal(err)
	}
	if _, err := far.Write([]byte("!")); err != nil {
		t.Fatal(err)
	}
	near.SetReadDeadline(start.Add(20 * time.Millisecond))
	if _, err := near.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got %v, want %v", err, os.ErrDeadlineExceeded)
	}
	near.SetReadDeadline(time.Time{})
	if n, err := near.Read(make([]byte, 1)); n != 1 || err != nil {
		t.Errorf("got %d bytes, %v, want 1", n, err)
	}
	atLeast(t, time.Since(start), 60*time.Millisecond)
}

// The other end speaks first, on a connection that was made under the fault.
func TestLatencyOfAGreeting(t *testing.T) {
	links := &Links{From: End{Part: "web"}}
	put(t, links, "link=web-database latency=30ms")
	near, far := net.Pipe()
	defer far.Close()
	start := time.Now()
	conn, err := links.Dial(End{Part: "database"}, func(context.Context, string, string) (net.Conn, error) { return near, nil })(t.Context(), "tcp", "")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	go far.Write([]byte("hello, and more"))
	if _, err := conn.Read(make([]byte, 5)); err != nil {
		t.Error(err)
	}
	atLeast(t, time.Since(start), 60*time.Millisecond)
	if _, err := conn.Read(make([]byte, 9)); err != nil || links.List()[0].Hits != 1 {
		t.Errorf("got %v and %d hits, want one exchange", err, links.List()[0].Hits)
	}
	if err := conn.(interface{ CloseWrite() error }).CloseWrite(); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("CloseWrite of a pipe: got %v", err)
	}
}

func TestLineClosesItsHalf(t *testing.T) {
	_, near, far := wire(t)
	go func() {
		sent, _ := io.ReadAll(far)
		_, _ = far.Write(bytes.ToUpper(sent))
		far.Close()
	}()
	if _, err := io.Copy(near, strings.NewReader("to the end")); err != nil {
		t.Error(err)
	}
	if err := near.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
		t.Error(err)
	}
	if got, err := io.ReadAll(near); string(got) != "TO THE END" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestLinksRefuse(t *testing.T) {
	var links Links
	if _, err := links.Add(Spec{Errors: All}); err == nil || !strings.Contains(err.Error(), "add link=") {
		t.Errorf("got %v, want a link to be asked for", err)
	}
	if _, err := links.Add(Spec{Link: "a-b"}); err == nil {
		t.Error("got no error for no fault")
	}
	dial := links.Dial(End{Part: "b"}, new(net.Dialer).DialContext)
	if conn, err := dial(t.Context(), "tcp", strings.TrimPrefix(unused(t), "http://")); err == nil {
		conn.Close()
		t.Error("reached nobody")
	}
}

// Whatever is switched under load: every request is answered or fails, and in the end,
// with the faults off, the link works and nothing is left.
func TestLinksUnderLoad(t *testing.T) {
	links, get, _ := between(t)
	stop := make(chan struct{})
	var answered, failed atomic.Int64
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
				if body, err := get(ctx); err != nil {
					failed.Add(1)
				} else if answered.Add(1); body != healthy+"!" {
					t.Errorf("got %q, want the answer", body)
				}
				cancel()
			}
		})
	}
	for i := range 60 {
		words := []string{"cut", "hang", "latency=2ms jitter=2ms", "reset=30%", "loss=1%"}
		active := put(t, links, "link=web-database "+words[i%len(words)])
		for before := answered.Load() + failed.Load(); answered.Load()+failed.Load() < before+10; {
			if err := pause(t.Context(), time.Millisecond); err != nil {
				t.Fatal(err)
			}
		}
		links.Remove(active.ID)
	}
	for before := answered.Load(); answered.Load() == before; { // it works again
		if err := pause(t.Context(), time.Millisecond); err != nil {
			t.Fatal(err)
		}
	}
	close(stop)
	group.Wait()
	if failed.Load() == 0 || answered.Load() == 0 {
		t.Errorf("got %d answers and %d failures, want some of both", answered.Load(), failed.Load())
	}
}

// Without a fault nothing is allocated on the way.
func TestLineWithoutFaultsIsFree(t *testing.T) {
	_, near, far := wire(t)
	go io.Copy(far, far)
	buffer := make([]byte, 64)
	if got := testing.AllocsPerRun(100, func() {
		_, _ = near.Write(buffer)
		_, _ = io.ReadFull(near, buffer)
	}); got != 0 {
		t.Errorf("got %v allocations, want none", got)
	}
}

// nowhere is a connection that takes and gives everything at once.
type nowhere struct{ net.Conn }

func (nowhere) Read(p []byte) (int, error)  { return len(p), nil }
func (nowhere) Write(p []byte) (int, error) { return len(p), nil }

func BenchmarkLine(b *testing.B) {
	links := new(Links)
	l := newLine(nowhere{}, &exchange{links: links}, func() {})
	p := make([]byte, 64)
	b.ReportAllocs()
	for b.Loop() {
		_, _ = l.Write(p)
		_, _ = l.Read(p)
	}
}
