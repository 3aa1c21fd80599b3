package dial

import (
	"errors"
	"net"
	"os"
	"syscall"
)

// An ExhaustedError error means that this machine ran out of something that connections
// are made of. The system's error, such as EMFILE, is below it for errors.Is.
type ExhaustedError struct {
	What string // what has run out
	Fix  string // what to do about it
	Err  error
}

func (e *ExhaustedError) Error() string {
	return "this machine has " + e.What + ": " + e.Fix + ": " + e.Err.Error()
}

// Unwrap returns the system's error.
func (e *ExhaustedError) Unwrap() error { return e.Err }

// explain says in words what this machine, not the target, has run out of. Other
// errors stay as they are.
func explain(err error) error {
	switch {
	case isPortLess(err):
		return &ExhaustedError{"no free port left", "reuse connections, add local_ips, or widen sysctl net.ipv4.ip_local_port_range", bare(err)}
	case errors.Is(err, syscall.EMFILE):
		return &ExhaustedError{"no file descriptor left", "raise ulimit -n, or use fewer connections", bare(err)}
	case errors.Is(err, syscall.ENFILE):
		return &ExhaustedError{"no file descriptor left", "raise sysctl fs.file-max, or use fewer connections", bare(err)}
	case errors.Is(err, syscall.ENOBUFS), errors.Is(err, syscall.ENOMEM):
		return &ExhaustedError{"no memory left for sockets", "use fewer connections, or raise sysctl net.ipv4.tcp_mem", bare(err)}
	}
	return err
}

// isPortLess reports whether no port was free. Binding to an address that this
// machine has lost says the same, but in another call.
func isPortLess(err error) bool {
	call, ok := errors.AsType[*os.SyscallError](err)
	return ok && errors.Is(call.Err, syscall.EADDRNOTAVAIL) && call.Syscall != "bind" ||
		errors.Is(err, syscall.EADDRINUSE)
}

// bare drops the addresses around a system's error, as room for words is scarce.
func bare(err error) error {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Err
	}
	return err
}
