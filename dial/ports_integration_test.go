//go:build integration && linux

package dial

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// Where no source address is asked for, a port serves connections to different
// addresses: twenty ports are enough for forty connections to three of them, and
// leave room for what else has one of the ports.
func TestPortsServeManyAddresses(t *testing.T) {
	const ports = 20
	last := lastPort(t)
	var addresses []string
	for _, ip := range []string{"127.77.9.1", "127.77.9.2", "127.77.9.3"} {
		addresses = append(addresses, open(t, ip, 0).address)
	}
	d := dialer(t, Options{})
	d.system.Control = func(_, _ string, raw syscall.RawConn) error {
		var failed error
		err := raw.Control(func(fd uintptr) {
			failed = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_LOCAL_PORT_RANGE, last<<16|(last-ports+1))
		})
		return errors.Join(err, failed)
	}
	for i := range 2 * ports {
		conn, err := d.Connect(t.Context(), addresses[i%len(addresses)], false)
		if errors.Is(err, syscall.ENOPROTOOPT) {
			t.Fatal("this kernel, older than 6.3, cannot give a socket a range of ports")
		}
		if err != nil {
			t.Fatalf("connection %d: %v", i+1, err)
		}
		defer conn.Close()
	}
}

// lastPort returns the last of the ports that the system gives to connections.
func lastPort(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	if err != nil {
		t.Fatal(err)
	}
	var first, last int
	if _, err := fmt.Sscan(string(text), &first, &last); err != nil {
		t.Fatal(err)
	}
	return last
}
