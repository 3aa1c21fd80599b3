package demoserver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
)

// listen opens a TCP port.
func listen(addr string) (net.Listener, error) {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, &takenError{addr: addr, reason: err}
	}
	return listener, err
}

// A takenError says that an address is in use.
type takenError struct {
	addr   string
	reason error
}

// Error names the address.
func (e *takenError) Error() string {
	return fmt.Sprintf("listen on %s: the address is in use", e.addr)
}

// Hint says what to do about it.
func (e *takenError) Hint() string {
	return "another demo server may be running; end it, or choose another address (port 0 takes a free one)"
}

// Unwrap returns the system's reason.
func (e *takenError) Unwrap() error { return e.reason }
