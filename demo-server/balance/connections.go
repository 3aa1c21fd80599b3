package balance

import (
	"context"
	"errors"
	"net"
	"sync"
	"syscall"
	"time"
)

// breather is how long to wait when the system has no descriptor for another connection.
const breather = 10 * time.Millisecond

// pumps are the listeners and connections of layer 4.
type pumps struct {
	mu        sync.Mutex
	ending    bool // no more listeners
	cut       bool // no more connections
	listeners []net.Listener
	conns     map[net.Conn]bool // both ends of all that is under way
	running   sync.WaitGroup
}

// take takes note of a listener, and reports false when it comes too late.
func (p *pumps) take(listener net.Listener) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ending {
		return false
	}
	p.listeners = append(p.listeners, listener)
	p.running.Add(1)
	return true
}

// open takes note of a connection, and reports false when it comes too late.
func (p *pumps) open(conn net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cut {
		return false
	}
	p.conns[conn] = true
	return true
}

// shut closes a connection.
func (p *pumps) shut(conn net.Conn) {
	_ = conn.Close() // it may be closed already
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, conn)
}

// shutdown closes the listeners and waits for the connections. When the context ends, it
// cuts them.
func (p *pumps) shutdown(ctx context.Context) error {
	p.mu.Lock()
	p.ending = true
	for _, listener := range p.listeners {
		_ = listener.Close() // it may be closed already
	}
	p.mu.Unlock()
	ended := make(chan struct{})
	go func() {
		p.running.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
	}
	p.mu.Lock()
	p.cut = true
	for conn := range p.conns {
		_ = conn.Close()
	}
	p.mu.Unlock()
	<-ended
	return ctx.Err()
}

// serveConnections takes connections until shutdown closes the listener.
func (b *Balancer) serveConnections(listener net.Listener) error {
	if !b.pumps.take(listener) {
		return listener.Close()
	}
	defer b.pumps.running.Done()
	for {
		conn, err := listener.Accept()
		switch {
		case err == nil:
			b.pumps.running.Go(func() { b.serveConnection(conn) })
		case errors.Is(err, net.ErrClosed):
			return nil
		case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE), errors.Is(err, syscall.ECONNABORTED):
			time.Sleep(breather)
		default:
			return err
		}
	}
}

// serveConnection hands a connection to a backend until both ends have ended it.
func (b *Balancer) serveConnection(client net.Conn) {
	p := b.pool.enter(host(client.RemoteAddr().String()), "")
	defer b.pool.leave(p)
	defer b.pumps.shut(client)
	backend := b.connect(p)
	if backend == nil {
		reset(client)
		return
	}
	defer b.pumps.shut(backend)
	if !b.pumps.open(client) || !b.pumps.open(backend) {
		b.pool.end(p, cancelled, 0)
		return
	}
	b.pool.end(p, pump(client, backend), 0)
}

// connect makes a connection to a backend, or to another one if that cannot be had:
// nothing was sent yet. It returns nil if there is none.
func (b *Balancer) connect(p *passage) net.Conn {
	for len(p.tried) <= b.config.Retries {
		m, err := b.pool.begin(p)
		if err != nil {
			return nil
		}
		ctx, cancel := context.WithTimeout(b.background, dialTimeout)
		conn, err := b.config.Dial(ctx, "tcp", m.backend.Address)
		cancel()
		if err == nil {
			return conn
		}
		b.pool.end(p, failed, 0)
	}
	return nil
}
