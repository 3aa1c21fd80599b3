package faults

import (
	"errors"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// errCut is what both ends of a broken connection get from their systems.
const errCut = syscall.ECONNRESET

// A force is what holds up a line.
type force interface {
	// hung returns what is closed once the line may move again; nil: it moves.
	hung() <-chan struct{}
	// sends notes that something is about to be written.
	sends()
	// due returns when what has arrived may be read, or that the connection breaks instead.
	// The zero time is now.
	due() (at time.Time, breaks bool)
}

// A line is a connection under a force. It has the methods of a TCP connection that make
// sense then; not ReadFrom and WriteTo, which would let bytes past the force, so that
// io.Copy reads and writes like everybody.
type line struct {
	net.Conn
	force force
	// frozen is for a process that stands still: its deadlines pass unnoticed until it goes on.
	frozen bool
	gone   func() // once, when the line has ended

	reading, writing deadline
	over             chan struct{} // closed by end
	once             sync.Once
	cut              atomic.Bool

	kept atomic.Pointer[arrival] // read, but not yet handed over
	mu   sync.Mutex              // of who hands over what is kept
}

// An arrival is what was read of a connection, when it may be handed over.
type arrival struct {
	data []byte
	err  error
	at   time.Time
}

func newLine(conn net.Conn, force force, gone func()) *line {
	return &line{Conn: conn, force: force, gone: gone, over: make(chan struct{})}
}

// Read reads, and hands over when the force lets it. What a deadline kept it from handing
// over is kept for the next Read.
func (l *line) Read(p []byte) (int, error) {
	if l.kept.Load() != nil {
		if n, ok, err := l.resume(p); ok {
			return n, err
		}
	}
	n, err := l.Conn.Read(p)
	if l.cut.Load() {
		return 0, l.broken("read")
	}
	if errors.Is(err, os.ErrDeadlineExceeded) && !l.frozen {
		return n, err
	}
	var at time.Time
	if n > 0 {
		var breaks bool
		if at, breaks = l.force.due(); breaks {
			l.breakOff()
			return 0, l.broken("read")
		}
	}
	if at.IsZero() && l.force.hung() == nil {
		return n, err
	}
	if stop := l.hold("read", at, &l.reading); stop != nil {
		if errors.Is(stop, os.ErrDeadlineExceeded) && n > 0 {
			l.kept.Store(&arrival{data: append([]byte(nil), p[:n]...), err: err, at: at})
		}
		return 0, stop
	}
	return n, err
}

// resume hands over what is kept, or reports false if another reader has it.
func (l *line) resume(p []byte) (n int, ok bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	kept := l.kept.Load()
	if kept == nil {
		return 0, false, nil
	}
	if stop := l.hold("read", kept.at, &l.reading); stop != nil {
		return 0, true, stop
	}
	n = copy(p, kept.data)
	if n < len(kept.data) {
		l.kept.Store(&arrival{data: kept.data[n:], err: kept.err})
		return n, true, nil
	}
	l.kept.Store(nil)
	return n, true, kept.err
}

// Write writes when the force lets it.
func (l *line) Write(p []byte) (int, error) {
	if l.force.hung() != nil {
		if stop := l.hold("write", time.Time{}, &l.writing); stop != nil {
			return 0, stop
		}
	}
	l.force.sends()
	n, err := l.Conn.Write(p)
	if err != nil && l.cut.Load() {
		return n, l.broken("write")
	}
	return n, err
}

// hold waits until the instant given and until the line is not hung, or returns why it
// does not.
func (l *line) hold(op string, until time.Time, d *deadline) error {
	for {
		hung := l.force.hung()
		left := time.Until(until)
		switch {
		case l.cut.Load():
			return l.broken(op)
		case left <= 0 && hung == nil:
			return nil
		case left > 0:
			hung = nil // later
		}
		if stop := l.rest(op, left, hung, d); stop != nil {
			return stop
		}
	}
}

// rest waits for the time given, if it is above 0, or for the channel, or for a change
// of the deadline, which its caller looks at again.
func (l *line) rest(op string, left time.Duration, hung <-chan struct{}, d *deadline) error {
	at, changed := d.watch()
	if l.frozen {
		at = time.Time{}
	}
	if !at.IsZero() {
		if time.Until(at) <= 0 {
			return l.fails(op, os.ErrDeadlineExceeded)
		}
		if until := time.Until(at); left <= 0 || until < left {
			left = until
		}
	}
	var timeout <-chan time.Time
	if left > 0 {
		timer := time.NewTimer(left)
		defer timer.Stop()
		timeout = timer.C
	}
	select {
	case <-timeout:
	case <-hung:
	case <-changed:
	case <-l.over:
		if !l.cut.Load() {
			return l.fails(op, net.ErrClosed)
		}
	}
	return nil
}

// Close closes the connection, and whoever waits for it returns.
func (l *line) Close() error {
	l.end()
	return l.Conn.Close()
}

// breakOff closes the connection with a TCP reset, for both ends.
func (l *line) breakOff() {
	l.cut.Store(true)
	l.end()
	cut(l.Conn)
}

func (l *line) end() {
	l.once.Do(func() {
		close(l.over)
		l.gone()
	})
}

func (l *line) broken(op string) error { return l.fails(op, os.NewSyscallError(op, errCut)) }

func (l *line) fails(op string, why error) error {
	local := l.LocalAddr()
	return &net.OpError{Op: op, Net: local.Network(), Source: local, Addr: l.RemoteAddr(), Err: why}
}

// SetDeadline is SetReadDeadline and SetWriteDeadline.
func (l *line) SetDeadline(t time.Time) error {
	l.reading.set(t)
	l.writing.set(t)
	return l.Conn.SetDeadline(t)
}

// SetReadDeadline also ends a Read that the force holds.
func (l *line) SetReadDeadline(t time.Time) error {
	l.reading.set(t)
	return l.Conn.SetReadDeadline(t)
}

// SetWriteDeadline also ends a Write that the force holds.
func (l *line) SetWriteDeadline(t time.Time) error {
	l.writing.set(t)
	return l.Conn.SetWriteDeadline(t)
}

// CloseWrite says to the other end that nothing more will come, if the connection can.
func (l *line) CloseWrite() error {
	if half, ok := l.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return l.fails("close", errors.ErrUnsupported)
}

// SetLinger is that of a TCP connection: with 0, Close resets.
func (l *line) SetLinger(seconds int) error {
	if plain, ok := l.Conn.(interface{ SetLinger(int) error }); ok {
		return plain.SetLinger(seconds)
	}
	return l.fails("set", errors.ErrUnsupported)
}

// A deadline is when a Read or Write has to end. The zero value is never.
type deadline struct {
	mu      sync.Mutex
	at      time.Time
	changed chan struct{} // made by who watches, closed by who sets
}

func (d *deadline) set(at time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.at = at
	if d.changed != nil {
		close(d.changed)
		d.changed = nil
	}
}

// watch returns the deadline and what is closed when it is set anew.
func (d *deadline) watch() (time.Time, <-chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.changed == nil {
		d.changed = make(chan struct{})
	}
	return d.at, d.changed
}
