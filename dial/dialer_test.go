package dial

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestConnectElsewhere(t *testing.T) {
	door := open(t, "127.0.0.1", 0)
	never := func(context.Context, string, string) ([]netip.Addr, error) {
		return nil, errors.New("the name was looked up")
	}
	rewrite := func(text string) Options {
		r, err := ParseRewrite(text)
		if err != nil {
			t.Fatal(err)
		}
		return Options{ConnectTo: []Rewrite{r}, DNS: DNS{Lookup: never}}
	}
	resolve := func(text string) Options {
		o, err := ParseOverride(text)
		if err != nil {
			t.Fatal(err)
		}
		return Options{Resolve: []Override{o}, DNS: DNS{Lookup: never}}
	}
	tests := map[string]struct {
		options Options
		address string
	}{
		"connect-to":                  {rewrite("shop.test:443:" + door.address), "Shop.test:443"},
		"connect-to, any host":        {rewrite(":443:" + door.address), "shop.test:443"},
		"connect-to, any port":        {rewrite("shop.test::" + door.address), "shop.test:99"},
		"connect-to, same port":       {rewrite("shop.test::127.0.0.1:"), "shop.test:" + door.portText()},
		"connect-to, same host":       {rewrite("127.0.0.1:1::" + door.portText()), "127.0.0.1:1"},
		"resolve":                     {resolve("shop.test:" + door.portText() + ":127.0.0.1"), "SHOP.test:" + door.portText()},
		"resolve, any host":           {resolve("*:" + door.portText() + ":127.0.0.1"), "shop.test:" + door.portText()},
		"a literal":                   {Options{DNS: DNS{Lookup: never}}, door.address},
		"a literal of the right kind": {Options{DNS: DNS{Lookup: never, Family: IPv4}}, door.address},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := connect(t, dialer(t, tt.options), tt.address).RemoteAddr().String(); got != door.address {
				t.Errorf("connected to %s, want %s", got, door.address)
			}
		})
	}
}

// connect-to leads to a name that resolve knows, as with curl.
func TestConnectToThenResolve(t *testing.T) {
	door := open(t, "127.0.0.1", 0)
	d := dialer(t, Options{
		ConnectTo: []Rewrite{{FromHost: "shop.test", ToHost: "canary.test", ToPort: door.portText()}},
		Resolve:   []Override{{Host: "canary.test", Port: door.port, Addrs: addrs("127.0.0.1")}},
	})
	connect(t, d, "shop.test:80")
}

func TestConnectFamily(t *testing.T) {
	door := open(t, "127.0.0.1", 0)
	asked := make(chan string, 1)
	d := dialer(t, Options{DNS: DNS{Family: IPv4, Lookup: func(_ context.Context, network, _ string) ([]netip.Addr, error) {
		asked <- network
		return addrs("::1", "127.0.0.1"), nil
	}}})
	connect(t, d, "shop.test:"+door.portText())
	if got := <-asked; got != "ip4" {
		t.Errorf("looked up %q, want ip4", got)
	}
	for _, o := range []Options{{DNS: DNS{Family: IPv6, Lookup: fixed("127.0.0.1")}}, {DNS: DNS{Family: IPv6}}} {
		host := "127.0.0.1"
		if o.DNS.Lookup != nil {
			host = "shop.test"
		}
		_, err := dialer(t, o).Connect(t.Context(), host+":"+door.portText(), false)
		var dns *net.DNSError
		if !errors.As(err, &dns) || !strings.Contains(err.Error(), "no IPv6 address") {
			t.Errorf("%s: error %v, want that there is no IPv6 address", host, err)
		}
	}
}

func TestConnectFromTheWrongFamily(t *testing.T) {
	d := dialer(t, Options{LocalIPs: addrs("127.0.0.1")})
	_, err := d.Connect(t.Context(), "[::1]:80", false)
	if err == nil || !strings.Contains(err.Error(), "none of local_ips is an IPv6 address") {
		t.Errorf("error %v", err)
	}
}

func TestConnectUnix(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	d := dialer(t, Options{Unix: path})
	for _, address := range []string{"shop.test:80", "10.0.0.1:443"} {
		if got := connect(t, d, address).RemoteAddr().String(); got != path {
			t.Errorf("%s: connected to %s, want %s", address, got, path)
		}
	}
	missing := dialer(t, Options{Unix: path + "x"})
	if _, err := missing.Connect(t.Context(), "shop.test:80", false); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v, want that there is no such file", err)
	}
}

func TestDestinations(t *testing.T) {
	proxy := &url.URL{Scheme: "http", Host: "proxy.test:3128"}
	tests := map[string]struct {
		options Options
		want    string
	}{
		"direct":                  {Options{}, "shop.test"},
		"unix":                    {Options{Unix: "/s"}, ""},
		"connect-to":              {Options{ConnectTo: []Rewrite{{FromHost: "shop.test", ToHost: "canary.test"}}}, "canary.test"},
		"another's connect-to":    {Options{ConnectTo: []Rewrite{{FromHost: "a.test", ToHost: "canary.test"}}}, "shop.test"},
		"resolve":                 {Options{Resolve: []Override{{"shop.test", 80, addrs("10.0.0.2", "10.0.0.1")}}}, "10.0.0.1 10.0.0.2"},
		"another port's resolve":  {Options{Resolve: []Override{{"shop.test", 81, addrs("10.0.0.1")}}}, "shop.test"},
		"proxy":                   {Options{Proxy: proxy}, "proxy.test shop.test"},
		"proxy, and its resolve":  {Options{Proxy: proxy, Resolve: []Override{{"proxy.test", 3128, addrs("10.0.0.1")}}}, "10.0.0.1 shop.test"},
		"connect-to, and resolve": {Options{ConnectTo: []Rewrite{{ToHost: "b.test"}}, Resolve: []Override{{"*", 80, addrs("10.0.0.1")}}}, "10.0.0.1"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := strings.Join(dialer(t, tt.options).Destinations("shop.test:80"), " "); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	if _, err := dialer(t, Options{}).Connect(t.Context(), "shop.test", false); err == nil || !strings.Contains(err.Error(), `address "shop.test"`) {
		t.Errorf("without a port: error %v", err)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	proxy := &url.URL{Scheme: "http", Host: "proxy:3128"}
	tests := map[string]struct {
		options Options
		want    string
	}{
		"unix and proxy":       {Options{Unix: "/s", Proxy: proxy}, "proxy has no effect with unix"},
		"unix and local ips":   {Options{Unix: "/s", LocalIPs: addrs("127.0.0.1")}, "local_ips has no effect"},
		"long unix path":       {Options{Unix: strings.Repeat("x", 108)}, "no more than 107"},
		"proxy and connect-to": {Options{Proxy: proxy, ConnectTo: []Rewrite{{ToPort: "1"}}}, "does not hold behind a proxy"},
		"socks":                {Options{Proxy: &url.URL{Scheme: "socks5", Host: "p"}}, `scheme "socks5" is neither`},
		"idle rewrite":         {Options{ConnectTo: []Rewrite{{FromHost: "a"}}}, "changes neither host nor port"},
		"the same name twice":  {Options{Resolve: []Override{{"a", 1, addrs("::1")}, {"A", 1, addrs("::2")}}}, "given twice"},
		"wrong family":         {Options{Resolve: []Override{{"a", 1, addrs("::1")}}, DNS: DNS{Family: IPv4}}, "no IPv4 address"},
		"unspecified":          {Options{LocalIPs: addrs("0.0.0.0")}, "not an address to connect from"},
		"somebody else's":      {Options{LocalIPs: addrs("192.0.2.1")}, "local_ips: 192.0.2.1 is not an address of this machine"},
		"keep-alive":           {Options{KeepAlive: -1}, "negative"},
		"versions":             {Options{TLS: TLS{MinVersion: 0x0304, MaxVersion: 0x0303}}, "max_version TLS 1.2 is below min_version TLS 1.3"},
		"below the default":    {Options{TLS: TLS{MaxVersion: 0x0302}}, "max_version TLS 1.1 is below min_version TLS 1.2"},
		"no version":           {Options{TLS: TLS{MinVersion: 3}}, "not one of TLS 1.0 to 1.3"},
		"family":               {Options{DNS: DNS{Family: 7}}, "family 7"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := New(tt.options)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

func TestExplain(t *testing.T) {
	system := func(call string, no syscall.Errno) error {
		return &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError(call, no)}
	}
	tests := []struct {
		err  error
		want string // "": not explained
	}{
		{system("connect", syscall.EADDRNOTAVAIL), "this machine has no free port left: reuse connections"},
		{system("bind", syscall.EADDRINUSE), "this machine has no free port left"},
		{system("bind", syscall.EADDRNOTAVAIL), ""},
		{system("socket", syscall.EMFILE), "this machine has no file descriptor left: raise ulimit -n"},
		{system("socket", syscall.ENFILE), "this machine has no file descriptor left: raise sysctl fs.file-max"},
		{system("socket", syscall.ENOBUFS), "this machine has no memory left"},
		{system("connect", syscall.ECONNREFUSED), ""},
	}
	for _, tt := range tests {
		got := explain(tt.err)
		var ours *ExhaustedError
		if errors.As(got, &ours) != (tt.want != "") || !strings.HasPrefix(got.Error(), tt.want) {
			t.Errorf("%v: %q, want %q", tt.err, got, tt.want)
		}
		var number syscall.Errno
		if !errors.As(got, &number) || !errors.Is(tt.err, number) {
			t.Errorf("%v: the system's error is lost in %q", tt.err, got)
		}
	}
	if explain(nil) != nil {
		t.Error("no error was explained")
	}
}

// BenchmarkConnect is a connection to a literal and to a known name, the server's part
// and closing included; the floor beside it is net.Dialer's with a literal.
func BenchmarkConnect(b *testing.B) {
	own := accept(b, "127.0.0.1:0", func(net.Conn) {})
	address, port := own.String(), strconv.Itoa(int(own.Port()))
	d := dialer(b, Options{DNS: DNS{Lookup: fixed("127.0.0.1")}})
	plain := &net.Dialer{KeepAlive: -1}
	for name, connect := range map[string]func(context.Context) (net.Conn, error){
		"floor":   func(ctx context.Context) (net.Conn, error) { return plain.DialContext(ctx, "tcp", address) },
		"literal": func(ctx context.Context) (net.Conn, error) { return d.Connect(ctx, address, false) },
		"name":    func(ctx context.Context) (net.Conn, error) { return d.Connect(ctx, "shop.test:"+port, false) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			ctx, cancel := context.WithTimeout(b.Context(), time.Hour)
			defer cancel()
			for b.Loop() {
				conn, err := connect(ctx)
				if err != nil {
					b.Fatal(err)
				}
				conn.(*net.TCPConn).SetLinger(0)
				conn.Close()
			}
		})
	}
}
