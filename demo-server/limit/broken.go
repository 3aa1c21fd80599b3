package limit

import (
	"context"
	"net"
	"time"
)

// A dialer makes connections.
type dialer func(ctx context.Context, network, addr string) (net.Conn, error)

// orBroken dials, and returns a connection that is broken where there is none to be had.
// go-redis keeps the goroutine that tries again, and writes a line to standard error, for
// failures to dial only: with this, an error is an error like others, the next decision
// tries again by itself, and nothing is left when the client is closed.
func (d dialer) orBroken(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, reason := d(ctx, network, addr)
	if reason == nil {
		return conn, nil
	}
	return broken{reason}, nil
}

// A broken connection fails, always for the same reason.
type broken struct{ reason error }

// Read fails.
func (b broken) Read([]byte) (int, error) { return 0, b.reason }

// Write fails.
func (b broken) Write([]byte) (int, error) { return 0, b.reason }

// Close does nothing.
func (broken) Close() error { return nil }

// LocalAddr returns an address that is nobody's.
func (broken) LocalAddr() net.Addr { return new(net.TCPAddr) }

// RemoteAddr returns an address that is nobody's.
func (broken) RemoteAddr() net.Addr { return new(net.TCPAddr) }

// SetDeadline does nothing: all fails at once.
func (broken) SetDeadline(time.Time) error { return nil }

// SetReadDeadline does nothing.
func (broken) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline does nothing.
func (broken) SetWriteDeadline(time.Time) error { return nil }
