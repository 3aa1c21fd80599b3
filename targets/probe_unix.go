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
	p.look = p.at // as a value, made once, so that looking allocates nothing
}

// at looks at a descriptor.
func (p *probe) at(fd uintptr) {
	_, err := peek(fd, p.peek[:])
	p.quiet = again(err)
}

// idle reports whether the socket is open and nothing waits to be read. Go's
// sockets never block, so that an open and empty one answers EAGAIN.
func (p *probe) idle() bool {
	if p.raw == nil {
		return true
	}
	return p.raw.Control(p.look) == nil && p.quiet
}
