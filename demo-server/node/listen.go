package node

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
)

// Listen opens a TCP port. Its error names the address, and says what to do about one that
// is in use.
func Listen(addr string) (net.Listener, error) {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, &TakenError{addr: addr, reason: err}
	}
	return listener, err
}

// A TakenError says that an address is in use.
type TakenError struct {
	addr   string
	reason error
}

// Error names the address.
func (e *TakenError) Error() string {
	return fmt.Sprintf("listen on %s: the address is in use", e.addr)
}

// Hint says what to do about it.
func (e *TakenError) Hint() string {
	return "another demo server may be running; end it, or choose another address (port 0 takes a free one)"
}

// Unwrap returns the system's reason.
func (e *TakenError) Unwrap() error { return e.reason }
