package dial

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// bindWithoutPort makes binding a source address leave the choice of the port to
// connect, which knows the other end: one port then serves connections to
// different addresses. Else each source address would have only as many connections
// as ports, to all targets together.
func bindWithoutPort(network, _ string, raw syscall.RawConn) error {
	if network != "tcp4" && network != "tcp6" {
		return nil
	}
	var failed error
	err := raw.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1) //nolint:gosec // a descriptor is a small number
	})
	if err != nil {
		return err
	}
	return failed
}
