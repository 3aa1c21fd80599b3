package dial

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

// relay is a handler that makes tunnels for those who know the password.
func relay(t *testing.T, authorization string, asked chan<- *http.Request) http.HandlerFunc {
	t.Helper()
	return func(w http.ResponseWriter, r *http.Request) {
		asked <- r
		if r.Header.Get("Proxy-Authorization") != authorization {
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		var d net.Dialer
		to, err := d.DialContext(r.Context(), "tcp", r.Host)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer to.Close()
		from, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer from.Close()
		io.WriteString(from, "HTTP/1.1 200 Connection established\r\n\r\n")
		back := make(chan struct{})
		go func() {
			defer close(back)
			io.Copy(from, to)
			from.Close()
		}()
		io.Copy(to, from)
		to.Close()
		<-back
	}
}

// through returns the options for a proxy at a server's URL.
func through(t *testing.T, server *httptest.Server, user *url.Userinfo) Options {
	t.Helper()
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	u.User = user
	return Options{Proxy: u}
}

func TestProxyTunnel(t *testing.T) {
	ca := newAuthority(t)
	address, seen := vault(t, &tls.Config{Certificates: []tls.Certificate{ca.sign(t, "shop.test")}})
	asked := make(chan *http.Request, 10)
	for _, secure := range []bool{false, true} {
		proxy := httptest.NewUnstartedServer(relay(t, "Basic bWU6Z2VoZWlt", asked))
		proxy.Config.ErrorLog = quiet()
		if secure {
			proxy.TLS = &tls.Config{Certificates: []tls.Certificate{ca.sign(t, "proxy.test")}}
			proxy.StartTLS()
		} else {
			proxy.Start()
		}
		t.Cleanup(proxy.Close)
		o := through(t, proxy, url.UserPassword("me", "geheim"))
		o.Proxy.Host = "proxy.test:" + o.Proxy.Port()
		o.Resolve = []Override{{"proxy.test", uint16(proxy.Listener.Addr().(*net.TCPAddr).Port), addrs("127.0.0.1")}}
		o.TLS.RootCAs = ca.pool()
		if _, err := knock(t, dialer(t, o), address, "shop.test"); err != nil {
			t.Fatal(err)
		}
		if got := (<-seen).ServerName; got != "shop.test" {
			t.Errorf("the server saw the name %q", got)
		}
		if r := <-asked; r.Method != http.MethodConnect || r.Host != address || r.RequestURI != address {
			t.Errorf("the proxy was asked %s %s, Host %s", r.Method, r.RequestURI, r.Host)
		}
	}
}

func TestProxyRefuses(t *testing.T) {
	asked := make(chan *http.Request, 10)
	proxy := httptest.NewServer(relay(t, "Basic bWU6Z2VoZWlt", asked))
	defer proxy.Close()
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody.Close()
	tests := map[string]struct {
		user *url.Userinfo
		want string
	}{
		"no password":    {nil, "the proxy answered 407 Proxy Authentication Required (give a name and password in the proxy's URL)"},
		"wrong password": {url.UserPassword("me", "falsch"), "answered 407"},
		"no target":      {url.UserPassword("me", "geheim"), "answered 502 Bad Gateway"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			d := dialer(t, through(t, proxy, tt.user))
			_, err := d.Connect(t.Context(), nobody.Addr().String(), true)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("error %v, want %q", err, tt.want)
			}
			if strings.Contains(err.Error(), "geheim") || strings.Contains(err.Error(), "falsch") {
				t.Errorf("error %v shows the password", err)
			}
		})
	}
}

func TestProxyPlain(t *testing.T) {
	proxy := open(t, "127.0.0.1", 0)
	u, err := ParseProxy("http://me:geheim@" + proxy.address)
	if err != nil {
		t.Fatal(err)
	}
	d := dialer(t, Options{Proxy: u})
	connect(t, d, "shop.test:80")
	if got, want := d.Proxied().String(), "http://"+proxy.address; got != want {
		t.Errorf("the proxy is %s, want %s", got, want)
	}
	if got, want := d.ProxyAuthorization(), "Basic bWU6Z2VoZWlt"; got != want {
		t.Errorf("the authorization is %q, want %q", got, want)
	}
	direct := dialer(t, Options{})
	if direct.Proxied() != nil || direct.ProxyAuthorization() != "" {
		t.Error("there is a proxy where there is none")
	}
}

// says answers each connection with the same words after the head of a request.
func says(t *testing.T, words string) Options {
	t.Helper()
	own := accept(t, "127.0.0.1:0", func(conn net.Conn) {
		http.ReadRequest(bufio.NewReader(conn))
		io.WriteString(conn, words)
		if words != "" {
			conn.(*net.TCPConn).CloseWrite()
		}
		io.Copy(io.Discard, conn)
	})
	return Options{Proxy: &url.URL{Scheme: "http", Host: own.String()}}
}

func TestProxyAnswers(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\n"
	for words, want := range map[string]string{
		ok + "\r\n":                           "",
		ok + "Content-Length: 99\r\n\r\n":     "", // has no meaning here
		"HTTP/1.0 204 Hm\r\n\r\n":             "",
		ok:                                    "EOF",
		"SSH-2.0-x\r\n\r\n":                   "malformed HTTP",
		ok + strings.Repeat("A: b\r\n", 4000): "longer than 16 KiB",
		"HTTP/1.1 503 x\r\nContent-Length: 0\r\n\r\n": "CONNECT shop.test:443: the proxy answered 503 Service Unavailable",
	} {
		conn, err := dialer(t, says(t, words)).Connect(t.Context(), "shop.test:443", true)
		switch {
		case want == "" && err != nil:
			t.Errorf("%q: %v", words, err)
		case want == "":
			conn.Close()
		case err == nil || !strings.Contains(err.Error(), want):
			t.Errorf("%.50q: error %v, want %q", words, err, want)
		}
	}
}

// What a server says before it is asked comes with the proxy's answer, and is kept.
func TestProxyServerSpeaksFirst(t *testing.T) {
	conn, err := dialer(t, says(t, "HTTP/1.1 200 OK\r\n\r\nhello")).Connect(t.Context(), "shop.test:443", true)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	got, err := io.ReadAll(conn)
	if string(got) != "hello" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
}

// A proxy that says nothing holds nobody longer than the context.
func TestProxyIsSilent(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	d := dialer(t, says(t, ""))
	ended := make(chan error, 1)
	go func() {
		_, err := d.Connect(ctx, "shop.test:443", true)
		ended <- err
	}()
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}
