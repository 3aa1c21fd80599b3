package dial

// Only Linux has all of 127.0.0.0/8 without asking. Where a test needs one port on
// several addresses, they are such that nobody else has it.

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestConnectInTurn(t *testing.T) {
	one := open(t, "127.77.1.1", 0)
	two := open(t, "127.77.1.2", one.port)
	three := open(t, "127.77.1.3", one.port)
	d := dialer(t, Options{DNS: DNS{Lookup: fixed("127.77.1.3", "127.77.1.1", "127.77.1.2")}})
	for range 30 {
		conn := connect(t, d, "shop.test:"+one.portText())
		<-map[string]*door{"127.77.1.1": one, "127.77.1.2": two, "127.77.1.3": three}[conn.RemoteAddr().(*net.TCPAddr).IP.String()].from
	}
	for _, door := range []*door{one, two, three} {
		if got := door.entered.Load(); got != 10 {
			t.Errorf("%s got %d connections, want 10", door.address, got)
		}
	}
}

func TestConnectFailsOver(t *testing.T) {
	well := open(t, "127.77.2.1", 0)
	d := dialer(t, Options{DNS: DNS{Lookup: fixed("127.77.2.1", "127.77.2.2", "127.77.2.3")}})
	for range 30 {
		connect(t, d, "shop.test:"+well.portText())
		<-well.from
	}
	dead := dialer(t, Options{DNS: DNS{Lookup: fixed("127.77.2.2", "127.77.2.3")}})
	if _, err := dead.Connect(t.Context(), "shop.test:"+well.portText(), false); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("error %v, want refused", err)
	}
}

func TestConnectFromLocalIPs(t *testing.T) {
	door := open(t, "127.0.0.1", 0)
	ips, err := ParseLocal("127.0.3.0/29")
	if err != nil {
		t.Fatal(err)
	}
	d := dialer(t, Options{LocalIPs: ips})
	counts := map[netip.Addr]int{}
	for range 5 * len(ips) {
		connect(t, d, door.address)
		counts[<-door.from]++
	}
	for _, ip := range ips {
		if counts[ip] != 5 {
			t.Errorf("%d connections from %v, want 5", counts[ip], ip)
		}
	}
	if len(ips) != 6 || len(counts) != 6 {
		t.Errorf("connections from %v, want from 6 addresses", counts)
	}
}

// The port is chosen by connect, so that one port serves many targets.
func TestConnectBindsWithoutPort(t *testing.T) {
	door := open(t, "127.0.0.1", 0)
	for _, tt := range []struct {
		ips  []netip.Addr
		want int
	}{{nil, 0}, {addrs("127.0.0.9"), 1}} {
		raw, err := connect(t, dialer(t, Options{LocalIPs: tt.ips}), door.address).(*net.TCPConn).SyscallConn()
		if err != nil {
			t.Fatal(err)
		}
		got := -1
		raw.Control(func(fd uintptr) {
			got, err = unix.GetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_BIND_ADDRESS_NO_PORT)
		})
		if got != tt.want || err != nil {
			t.Errorf("from %v: IP_BIND_ADDRESS_NO_PORT is %d, %v, want %d", tt.ips, got, err, tt.want)
		}
	}
}

func TestConnectSocketOptions(t *testing.T) {
	door := open(t, "127.0.0.1", 0)
	for _, tt := range []struct {
		options        Options
		noDelay, alive int
	}{
		{Options{}, 1, 0},
		{Options{Nagle: true}, 0, 0},
		{Options{KeepAlive: time.Minute}, 1, 1},
	} {
		raw, err := connect(t, dialer(t, tt.options), door.address).(*net.TCPConn).SyscallConn()
		if err != nil {
			t.Fatal(err)
		}
		var noDelay, alive int
		raw.Control(func(fd uintptr) {
			noDelay, _ = unix.GetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NODELAY)
			alive, _ = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_KEEPALIVE)
		})
		if noDelay != tt.noDelay || alive != tt.alive {
			t.Errorf("%+v: TCP_NODELAY %d, SO_KEEPALIVE %d, want %d and %d", tt.options, noDelay, alive, tt.noDelay, tt.alive)
		}
	}
}

// The second of two addresses gets its share of the time, though the first says
// nothing: a listener whose queue is full drops what knocks.
func TestConnectSharesItsTime(t *testing.T) {
	t.Parallel()
	well := open(t, "127.77.3.2", 0)
	full := fill(t, "127.77.3.1", well.port)
	d := dialer(t, Options{DNS: DNS{Lookup: fixed("127.77.3.1", "127.77.3.2")}})
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
	defer cancel()
	conn, err := d.Connect(ctx, "shop.test:"+well.portText(), false)
	if err != nil {
		t.Fatalf("%v, with %d connections in the full queue", err, full)
	}
	defer conn.Close()
	if got := conn.RemoteAddr().String(); got != well.address {
		t.Errorf("connected to %s, want %s", got, well.address)
	}
}

// fill listens on an address with the smallest queue and fills it, so that the
// kernel drops further connections. It returns how many it took.
func fill(t *testing.T, host string, port uint16) int {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Close(fd) })
	ip := netip.MustParseAddr(host).As4()
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Port: int(port), Addr: ip}); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	address := netip.AddrPortFrom(netip.MustParseAddr(host), port).String()
	for n := range 100 {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		var d net.Dialer
		conn, err := d.DialContext(ctx, "tcp", address)
		cancel()
		if err != nil {
			return n
		}
		t.Cleanup(func() { conn.Close() })
	}
	t.Fatal("the queue does not fill")
	return 0
}
