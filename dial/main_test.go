package dial

import (
	"context"
	"net"
	"net/netip"
	"strconv"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// dialer returns a Dialer that is closed at the end of the test.
func dialer(tb testing.TB, o Options) *Dialer {
	tb.Helper()
	d, err := New(o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(d.Close)
	return d
}

// connect opens a connection and closes it at the end of the test.
func connect(tb testing.TB, d *Dialer, address string) net.Conn {
	tb.Helper()
	conn, err := d.Connect(tb.Context(), address, false)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { conn.Close() })
	return conn
}

// A door accepts connections, counts them and notes where they come from.
type door struct {
	address string
	port    uint16
	entered atomic.Int64
	from    chan netip.Addr
}

// open listens on an address and port; port 0 is any.
func open(tb testing.TB, host string, port uint16) *door {
	tb.Helper()
	d := &door{from: make(chan netip.Addr, 1000)}
	own := accept(tb, net.JoinHostPort(host, strconv.Itoa(int(port))), func(conn net.Conn) {
		d.entered.Add(1)
		d.from <- conn.RemoteAddr().(*net.TCPAddr).AddrPort().Addr()
	})
	d.address, d.port = own.String(), own.Port()
	return d
}

// accept listens on an address, and serves and closes one connection after another
// until the test ends. It returns where it listens.
func accept(tb testing.TB, address string, serve func(net.Conn)) netip.AddrPort {
	tb.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		tb.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serve(conn)
			conn.Close()
		}
	}()
	tb.Cleanup(func() {
		listener.Close()
		<-done
	})
	return listener.Addr().(*net.TCPAddr).AddrPort()
}

// fixed answers every lookup with the same addresses.
func fixed(ips ...string) func(context.Context, string, string) ([]netip.Addr, error) {
	return func(context.Context, string, string) ([]netip.Addr, error) { return addrs(ips...), nil }
}

func addrs(ips ...string) []netip.Addr {
	var out []netip.Addr
	for _, ip := range ips {
		out = append(out, netip.MustParseAddr(ip))
	}
	return out
}

// port is a door's port as a URL's.
func (d *door) portText() string { return strconv.Itoa(int(d.port)) }
