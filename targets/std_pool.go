package targets

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
)

// manyStreams is how many streams a connection is expected to take before the first
// one was opened: servers that set a limit mostly set 100 and more.
const manyStreams = 100

// A stdPool is the HTTP/2 connections to one place, which all users share. Each
// request takes a stream of a connection, and waits in line for one if all are in
// use and no further connection may be opened.
//
// [http.Transport.MaxConnsPerHost] is not used: with HTTP/2, it makes whoever finds
// all streams taken wait for a dial that never comes.
type stdPool struct {
	transport *Transport
	limit     int  // of connections; 0: none
	reuse     bool // otherwise each connection serves one request

	wake    chan struct{}  // a connection's state has changed
	waiting atomic.Int64   // len(line), for those without the lock
	done    chan struct{}  // ends the watching goroutine
	watcher sync.WaitGroup // that goroutine

	mu       sync.Mutex
	conns    []*stdConn
	dialling int
	streams  int // how many the last connection took when it was opened
	line     []chan turn
}

// A turn is what somebody gets who has waited in line: a stream of a connection, or
// the right to dial one if conn is nil.
type turn struct{ conn *stdConn }

// newStdPool returns a pool, which must be closed.
func newStdPool(tr *Transport) *stdPool {
	p := &stdPool{transport: tr, limit: tr.MaxConnections, reuse: tr.target.Reuse, wake: make(chan struct{}, 1), done: make(chan struct{}), streams: manyStreams}
	if !p.reuse {
		p.streams = 1
	}
	p.watcher.Go(p.watch)
	return p
}

// acquire returns a connection with a stream reserved, or nil for somebody who shall
// dial and then call opened. It reports whether it had to wait for that.
func (p *stdPool) acquire(ctx context.Context) (conn *stdConn, waited bool, err error) {
	p.mu.Lock()
	if len(p.line) == 0 {
		if now, ok := p.next(1); ok {
			p.mu.Unlock()
			return now.conn, false, nil
		}
	}
	mine := make(chan turn, 1)
	p.line = append(p.line, mine)
	p.waiting.Add(1)
	p.serve() // what became free before waiting was counted has woken nobody
	p.mu.Unlock()
	select {
	case got := <-mine:
		return got.conn, true, nil
	case <-ctx.Done():
		p.leave(mine)
		return nil, true, ctx.Err()
	}
}

// leave takes somebody out of the line, who may have got a turn meanwhile.
func (p *stdPool) leave(mine chan turn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if at := slices.Index(p.line, mine); at >= 0 {
		p.line = slices.Delete(p.line, at, at+1)
		p.waiting.Add(-1)
		return
	}
	if got := <-mine; got.conn != nil {
		got.conn.http.Release()
	} else {
		p.dialling--
	}
	p.serve()
}

// opened tells how a dial ended: with a connection, of which one stream is the
// caller's, or with nil.
func (p *stdPool) opened(conn *stdConn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dialling--
	if conn != nil {
		p.conns = append(p.conns, conn)
		if p.reuse {
			p.streams = max(1, conn.http.Available())
			conn.http.SetStateHook(p.changed)
		}
		_ = conn.http.Reserve() // fails where the request will
		p.transport.took(conn)
	}
	p.serve()
}

// released tells that a request on the connection has ended.
func (p *stdPool) released(conn *stdConn) {
	if p.reuse && p.waiting.Load() == 0 && !conn.leaving() {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.reuse {
		conn.abandon()
	}
	p.prune()
	p.serve()
}

// changed is called by a connection whose state has changed, perhaps with locks of
// net/http's or the pool's held: it only leaves word.
func (p *stdPool) changed(*http.ClientConn) {
	if p.waiting.Load() == 0 {
		return
	}
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// watch serves the line whenever a connection's state has changed.
func (p *stdPool) watch() {
	for {
		select {
		case <-p.done:
			return
		case <-p.wake:
			p.mu.Lock()
			p.serve()
			p.mu.Unlock()
		}
	}
}

// serve gives turns to as many in line as there are, in their order.
func (p *stdPool) serve() {
	for len(p.line) > 0 {
		now, ok := p.next(len(p.line))
		if !ok {
			return
		}
		p.line[0] <- now
		p.line = slices.Delete(p.line, 0, 1)
		p.waiting.Add(-1)
	}
}

// next returns a turn for the first of so many that want one, if there is one. A
// connection is dialled if those that are being dialled will not do for all.
func (p *stdPool) next(wanted int) (now turn, ok bool) {
	for _, conn := range p.conns {
		if p.transport.expired(conn) {
			conn.retired.Store(true)
		}
	}
	p.prune()
	open := 0
	for _, conn := range p.conns {
		if conn.leaving() {
			continue
		}
		open++
		if p.reuse && conn.http.Reserve() == nil {
			p.transport.took(conn)
			return turn{conn}, true
		}
	}
	if p.limit > 0 && open+p.dialling >= p.limit || wanted <= p.dialling*(p.streams-1) {
		return turn{}, false
	}
	p.dialling++
	return turn{}, true
}

// prune forgets the connections that have ended, and ends those that are leaving
// and have nothing under way.
func (p *stdPool) prune() {
	p.conns = slices.DeleteFunc(p.conns, func(conn *stdConn) bool {
		if conn.http.Err() != nil {
			return true
		}
		ended := conn.leaving() && conn.http.InFlight() == 0
		if ended {
			conn.abandon()
		}
		return ended
	})
}

// close ends all connections and waits for the watcher.
func (p *stdPool) close() {
	close(p.done)
	p.watcher.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range p.conns {
		_ = conn.http.Close()
	}
	p.conns = nil
}
