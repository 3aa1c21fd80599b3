package faults

import (
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// A Gate is a listener before a server of this process, which imitates what signals do to
// a process of its own. Its methods may be called by any number of goroutines at once. It
// is made by NewGate and has no goroutine of its own.
type Gate struct {
	net.Listener

	thawed atomic.Pointer[chan struct{}] // closed when the hang is over; nil: there is none; set under mu

	mu     sync.Mutex
	severs bool
	shut   bool
	lines  map[*line]struct{} // open
}

// NewGate returns the listener with a gate before it.
func NewGate(listener net.Listener) *Gate {
	return &Gate{Listener: listener, lines: make(map[*line]struct{})}
}

// Hang lets the server stand still, or go on: connections are still accepted, as a stopped
// process's system does for it, but nothing is read, written or timed out. A server is not
// shut down in an orderly way while it hangs: Hang(false) comes first, or Close.
func (g *Gate) Hang(on bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case on && !g.shut && g.thawed.Load() == nil:
		g.thawed.Store(new(make(chan struct{})))
	case !on && g.thawed.Load() != nil:
		close(*g.thawed.Swap(nil))
	}
}

// Cut puts the server out of reach, or back: its connections are reset, and new ones are
// accepted and reset at once. A port that refuses would have to be closed, and could be
// taken by somebody else before it is opened again.
func (g *Gate) Cut(on bool) {
	g.mu.Lock()
	g.severs = on
	var open []*line
	if on {
		for l := range g.lines {
			open = append(open, l)
		}
	}
	g.mu.Unlock()
	for _, l := range open { // which take the lock as they end
		l.breakOff()
	}
}

// Accept returns the next connection.
func (g *Gate) Accept() (net.Conn, error) {
	for {
		conn, err := g.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if l := g.let(conn); l != nil {
			return l, nil
		}
		cut(conn)
	}
}

// let takes a connection in, or returns nil if the server is out of reach.
func (g *Gate) let(conn net.Conn) *line {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.severs {
		return nil
	}
	l := newLine(conn, passing{g}, nil)
	l.frozen = true
	l.gone = func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		delete(g.lines, l)
	}
	g.lines[l] = struct{}{}
	return l
}

// Close closes the listener and ends a hang for good, so that the server can end. The
// connections are the server's to close.
func (g *Gate) Close() error {
	g.mu.Lock()
	g.shut = true
	g.mu.Unlock()
	g.Hang(false)
	return g.Listener.Close()
}

// passing is what a gate does to a connection.
type passing struct{ gate *Gate }

func (p passing) hung() <-chan struct{} {
	if thawed := p.gate.thawed.Load(); thawed != nil {
		return *thawed
	}
	return nil
}

func (passing) sends() {}

func (passing) due() (time.Time, bool) { return time.Time{}, false }
