//go:build unix

package targets

import (
	"net"
	"syscall"
)

// A probe looks at a socket without reading from it or waiting.
type probe struct {
	raw   syscall.RawConn // nil: nothing to look at
	look  func(fd uintptr)
	quiet bool
	peek  [1]byte
}

// init makes the probe look at conn.
func (p *probe) init(conn net.Conn) {
	sys, ok := conn.(syscall.Conn)
	if !ok {
		return
	}
	raw, err := sys.SyscallConn()
	if err != nil {
		return
	}
	p.raw = raw
	p.look = func(fd uintptr) { // made once, so that looking allocates nothing
		_, _, err := syscall.Recvfrom(int(fd), p.peek[:], syscall.MSG_PEEK)
		p.quiet = err == syscall.EAGAIN || err == syscall.EINTR
	}
}

// idle reports whether the socket is open and nothing waits to be read. Go's
// sockets never block, so that an open and empty one answers EAGAIN.
func (p *probe) idle() bool {
	if p.raw == nil {
		return true
	}
	return p.raw.Control(p.look) == nil && p.quiet
}
