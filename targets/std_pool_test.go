package targets

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/floodmark/floodmark/measure"
)

// Fifty users at once never use more streams, nor connections, than they may; and as
// many as they may, since the server answers only when so many have come.
func TestStreamsAreLimited(t *testing.T) {
	const users, rounds = 50, 4
	tests := []struct{ streams, connections, atOnce, dialed int }{
		{1, 1, 1, 1},
		{10, 1, 10, 1},
		{100, 1, 50, 1},
		{10, 3, 30, 3},
		{1, 5, 5, 5},
		{10, 0, 50, 5},
		{1, 0, 50, 50},
	}
	for _, p := range []Protocol{H2, H2C} {
		for _, tt := range tests {
			t.Run(fmt.Sprintf("%v streams %d connections %d", p, tt.streams, tt.connections), func(t *testing.T) {
				t.Parallel()
				var mu sync.Mutex
				now, most := map[string]int{}, 0
				gathered := make(chan struct{})
				server := start(t, p, tt.streams, func(_ http.ResponseWriter, r *http.Request) {
					mu.Lock()
					now[r.RemoteAddr]++
					total := 0
					for _, n := range now {
						total += n
					}
					if now[r.RemoteAddr] > tt.streams {
						t.Errorf("%d streams on one connection", now[r.RemoteAddr])
					}
					if most = max(most, total); total == tt.atOnce {
						select {
						case <-gathered:
						default:
							close(gathered)
						}
					}
					mu.Unlock()
					<-gathered
					mu.Lock()
					now[r.RemoteAddr]--
					mu.Unlock()
				})
				target := at(t, server.url)
				transport := server.transport(t, target, p)
				transport.MaxConnections = tt.connections
				req := compile(t, target, "/")
				var all sync.WaitGroup
				for range users {
					all.Go(func() {
						client := transport.NewClient()
						defer client.Close()
						var resp Response
						for range rounds {
							client.Send(t.Context(), req, &resp)
							if resp.Outcome != measure.Status2xx {
								t.Errorf("outcome %v: %s", resp.Outcome, resp.Detail)
							}
						}
					})
				}
				all.Wait()
				if got := int(server.dialed.Load()); most != tt.atOnce || got != tt.dialed {
					t.Errorf("%d requests at once on %d connections, want %d on %d", most, got, tt.atOnce, tt.dialed)
				}
			})
		}
	}
}

// waitFor waits until a condition holds that other goroutines bring about.
func waitFor(cond func() bool) {
	for !cond() {
		runtime.Gosched()
	}
}

// full starts a server of one stream at a time, which is taken until free is closed.
func full(t *testing.T, free chan struct{}, timeout time.Duration) (*Transport, Target) {
	t.Helper()
	var asked atomic.Int64
	server := start(t, H2C, 1, func(http.ResponseWriter, *http.Request) {
		asked.Add(1)
		<-free
	})
	target := at(t, server.url)
	transport := server.transport(t, target, H2C)
	transport.MaxConnections = 1
	holder := transport.NewClient()
	req := compile(t, target, "/")
	done := make(chan struct{})
	t.Cleanup(func() { <-done })
	go func() {
		defer close(done)
		var resp Response
		holder.Send(t.Context(), req, &resp)
	}()
	waitFor(func() bool { return asked.Load() == 1 })
	target.Timeout = timeout
	return transport, target
}

// The wait for a stream is before Sent: lag, not service.
func TestSentAfterTheWaitForAStream(t *testing.T) {
	free := make(chan struct{})
	transport, target := full(t, free, 0)
	client := transport.NewClient()
	req := compile(t, target, "/")
	var resp Response
	done := make(chan struct{})
	go func() {
		defer close(done)
		client.Send(t.Context(), req, &resp)
	}()
	waitFor(func() bool { return transport.pool(placeOf(req)).waiting.Load() == 1 })
	before := time.Now()
	close(free)
	<-done
	if resp.Outcome != measure.Status2xx || resp.Sent.Before(before) || resp.Connect > 0 {
		t.Errorf("outcome %v, sent %v before the stream was free, connect %v: %s", resp.Outcome, before.Sub(resp.Sent), resp.Connect, resp.Detail)
	}
}

// Whoever gets no stream in time has not been sent at all.
func TestWaitForAStreamEnds(t *testing.T) {
	free := make(chan struct{})
	transport, target := full(t, free, 50*time.Millisecond)
	defer close(free)
	client := transport.NewClient()
	req := compile(t, target, "/")
	var resp Response
	client.Send(t.Context(), req, &resp)
	if resp.Outcome != measure.Timeout || string(resp.Detail) != "waiting for a free stream: the timeout of 50ms passed" || resp.BytesOut > 0 {
		t.Errorf("outcome %v, %d bytes out: %s", resp.Outcome, resp.BytesOut, resp.Detail)
	}
	target.Timeout = 0
	req = compile(t, target, "/")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		client.Send(ctx, req, &resp)
	}()
	pool := transport.pool(placeOf(req))
	waitFor(func() bool { return pool.waiting.Load() == 1 })
	cancel()
	<-done
	if resp.Outcome != measure.None || len(resp.Detail) > 0 || resp.BytesOut > 0 || pool.waiting.Load() != 0 {
		t.Errorf("outcome %v, detail %q; %d bytes out, %d waiting", resp.Outcome, resp.Detail, resp.BytesOut, pool.waiting.Load())
	}
}

// A connection that the server leaves while idle is replaced without a failure.
func TestStreamsLeaveWithTheServer(t *testing.T) {
	for _, silent := range []bool{false, true} { // GOAWAY first, or nothing
		t.Run(fmt.Sprint("silent ", silent), func(t *testing.T) {
			server := serveFrames(t, "", func(conn net.Conn, stream uint32) bool {
				io.WriteString(conn, frame(frameHeaders, flagEndHeaders|flagEndStream, stream, "\x88"))
				if !silent {
					io.WriteString(conn, frame(frameGoAway, 0, 0, number(stream)+number(0)))
				}
				return !silent
			})
			target := at(t, server.url)
			transport := standard(t, target, H2C)
			transport.MaxConnections = 1
			client := transport.NewClient()
			req := compile(t, target, "/")
			for i := range int64(5) {
				var resp Response
				client.Send(t.Context(), req, &resp)
				if resp.Outcome != measure.Status2xx || server.dialed.Load() != i+1 {
					t.Errorf("outcome %v on %d connections, want one each: %s", resp.Outcome, server.dialed.Load(), resp.Detail)
				}
				pool := transport.pool(placeOf(req))
				waitFor(func() bool { // the farewell is on its way
					pool.mu.Lock()
					defer pool.mu.Unlock()
					return !slices.ContainsFunc(pool.conns, func(c *stdConn) bool { return !c.leaving() })
				})
			}
		})
	}
}

// A timeout on a connection from which nothing was heard must not bind the next
// request to it.
func TestStreamsLeaveADeadConnection(t *testing.T) {
	var dials atomic.Int64
	server := serveRaw(t, func(s *scripted, conn net.Conn) {
		alive := dials.Add(1) > 1
		io.ReadFull(conn, make([]byte, framePreface))
		io.WriteString(conn, frame(frameSettings, 0, 0, maxStreams(1)))
		for {
			got, err := readFrame(conn)
			if err != nil {
				return
			}
			if alive && got.kind == frameHeaders {
				io.WriteString(conn, frame(frameHeaders, flagEndHeaders|flagEndStream, got.stream, "\x88"))
			}
		}
	})
	target := at(t, server.url)
	transport := standard(t, target, H2C)
	transport.MaxConnections = 1
	client := transport.NewClient()
	for i, want := range []measure.Outcome{measure.Timeout, measure.Status2xx, measure.Status2xx} {
		target.Timeout = 0
		if i == 0 {
			target.Timeout = time.Second
		}
		var resp Response
		client.Send(t.Context(), compile(t, target, "/"), &resp)
		if resp.Outcome != want {
			t.Errorf("exchange %d: outcome %v, want %v: %s", i, resp.Outcome, want, resp.Detail)
		}
	}
	if got := dials.Load(); got != 2 {
		t.Errorf("%d connections, want 2", got)
	}
}

// A meddler is a context that does something whenever it is asked for a value.
type meddler struct {
	context.Context
	meddle func()
}

func (m meddler) Value(key any) any {
	m.meddle()
	return m.Context.Value(key)
}

// The server's farewell comes when a stream was reserved and nothing written: the
// request goes elsewhere, and that is no failure.
func TestStreamsLeaveBeforeTheRequestIsSent(t *testing.T) {
	conns := make(chan net.Conn, 2)
	server := serveFrames(t, "", func(conn net.Conn, stream uint32) bool {
		conns <- conn
		_, err := io.WriteString(conn, frame(frameHeaders, flagEndHeaders|flagEndStream, stream, "\x88"))
		return err == nil
	})
	target := at(t, server.url)
	transport := standard(t, target, H2C)
	transport.MaxConnections = 1
	client := transport.NewClient()
	req := compile(t, target, "/")
	var resp Response
	client.Send(t.Context(), req, &resp)
	first := transport.pool(placeOf(req)).conns[0].http
	waitFor(func() bool { return first.InFlight() == 0 })
	meddled := false
	ctx := meddler{t.Context(), func() {
		if !meddled && first.InFlight() == 1 { // reserved
			meddled = true
			io.WriteString(<-conns, frame(frameGoAway, 0, 0, number(1)+number(0)))
			waitFor(func() bool { return first.Available() == 0 })
		}
	}}
	client.Send(ctx, req, &resp)
	if resp.Outcome != measure.Status2xx || resp.Connect == 0 || !meddled {
		t.Errorf("outcome %v, connect %v, meddled %v: %s", resp.Outcome, resp.Connect, meddled, resp.Detail)
	}
	if asked, dialed := server.asked.Load(), server.dialed.Load(); asked != 2 || dialed != 2 {
		t.Errorf("%d requests on %d connections, want 2 on 2", asked, dialed)
	}
}

// A server may allow more streams later: whoever waits gets one, though no request has
// ended.
func TestStreamsGrowWithTheServersSettings(t *testing.T) {
	conns := make(chan net.Conn, 2)
	server := serveFrames(t, maxStreams(1), func(conn net.Conn, _ uint32) bool {
		conns <- conn
		return true
	})
	target := at(t, server.url)
	transport := standard(t, target, H2C)
	transport.MaxConnections = 1
	req := compile(t, target, "/")
	var all sync.WaitGroup
	defer all.Wait()
	for range 2 {
		all.Go(func() {
			var resp Response
			transport.NewClient().Send(t.Context(), req, &resp)
			if resp.Outcome != measure.Status2xx {
				t.Errorf("outcome %v: %s", resp.Outcome, resp.Detail)
			}
		})
	}
	conn := <-conns
	pool := transport.pool(placeOf(req))
	waitFor(func() bool { return pool.waiting.Load() == 1 })
	io.WriteString(conn, frame(frameSettings, 0, 0, maxStreams(2)))
	<-conns // the second request has come, while the first has no answer
	for stream := range uint32(2) {
		io.WriteString(conn, frame(frameHeaders, flagEndHeaders|flagEndStream, 2*stream+1, "\x88"))
	}
}
