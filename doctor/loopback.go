package doctor

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/floodmark/floodmark/health"
	"github.com/floodmark/floodmark/quantity"
)

// From where on the loopback's ceiling is worth a word, in exchanges per second.
const lowCeiling, uselessCeiling = 10_000, 1_000

// loopbackUsers is how many connections exchange at a time.
const loopbackUsers = 16

// request and answer of the loopback's exchanges: about the least that two programs
// say to each other.
const request = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"

func answer() []byte {
	body := strings.Repeat("x", 100)
	return []byte("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + body)
}

// ceiling is how many exchanges this machine makes with itself, and what one costs.
type ceiling struct {
	perSecond float64
	cpu       time.Duration // of an exchange, server included; negative if not known
}

// measureLoopback lets a minimal client and a minimal server in this process exchange
// for a time.
func measureLoopback(ctx context.Context, length time.Duration) (ceiling, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return ceiling{}, err
	}
	var servers, users sync.WaitGroup
	servers.Go(func() { serveAll(listener, &servers, answerAll) })
	defer servers.Wait()
	defer listener.Close() //nolint:errcheck // it only ends the server
	start, cpu := time.Now(), health.CPUTime()
	var done atomic.Int64
	faults := make([]error, loopbackUsers)
	for i := range faults {
		users.Go(func() {
			var n int64
			n, faults[i] = exchangeUntil(ctx, listener.Addr().String(), start.Add(length))
			done.Add(n)
		})
	}
	users.Wait()
	for _, err := range faults {
		if err != nil {
			return ceiling{}, err
		}
	}
	elapsed, used := time.Since(start), health.CPUTime()-cpu
	c := ceiling{perSecond: float64(done.Load()) / elapsed.Seconds(), cpu: used / time.Duration(max(done.Load(), 1))}
	if cpu < 0 {
		c.cpu = -1
	}
	return c, nil
}

// serveAll hands each connection to a goroutine of its own until the listener is
// closed. When there is no descriptor for another, it closes the listener itself, so
// that the clients which still wait for one do not wait for ever.
func serveAll(listener net.Listener, group *sync.WaitGroup, serve func(net.Conn)) {
	defer listener.Close() //nolint:errcheck // it may be closed already
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		group.Go(func() {
			serve(conn)
			_ = conn.Close()
		})
	}
}

// answerAll answers each request of a connection until its client closes it. Requests
// are so short that they come in one piece, and one at a time.
func answerAll(conn net.Conn) {
	buffer, reply := make([]byte, 4096), answer()
	for {
		n, err := conn.Read(buffer)
		if err != nil || !bytes.HasSuffix(buffer[:n], []byte("\r\n\r\n")) {
			return
		}
		if _, err := conn.Write(reply); err != nil {
			return
		}
	}
}

// patience is how long an answer of this machine to itself may take.
const patience = 5 * time.Second

// exchangeUntil exchanges over one connection until a time, and returns how often.
func exchangeUntil(ctx context.Context, addr string, end time.Time) (n int64, err error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return 0, err
	}
	defer conn.Close() //nolint:errcheck // all was read
	_ = conn.SetDeadline(end.Add(patience))
	buffer, line := make([]byte, len(answer())), []byte(request)
	for ctx.Err() == nil && time.Now().Before(end) {
		if _, err := conn.Write(line); err != nil {
			return n, err
		}
		if _, err := io.ReadFull(conn, buffer); err != nil {
			return n, err
		}
		n++
	}
	return n, ctx.Err()
}

// judgeLoopback judges the ceiling.
func judgeLoopback(c ceiling) Check {
	value := fmt.Sprintf("%s exchanges/s", quantity.Count(int64(c.perSecond)))
	numbers := map[string]float64{"exchanges_per_second": c.perSecond}
	if c.cpu >= 0 {
		value += fmt.Sprintf(", %.1fµs of CPU each", float64(c.cpu)/1e3)
		numbers["cpu_seconds_each"] = c.cpu.Seconds()
	}
	check := found("loopback", value+" (client and server share this machine)", numbers)
	const fix = "stop other programs, or use a machine with more cores"
	switch {
	case c.perSecond < uselessCeiling:
		return check.bad("hardly any load can be made here", fix, "")
	case c.perSecond < lowCeiling:
		return check.warn("a load against a target on this machine stays below that", fix, "")
	}
	return check
}
