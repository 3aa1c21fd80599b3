package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	stdlog "log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// keep hands the received command the lines of a log.
func keep(ts *testscript.TestScript, kept *log) {
	ts.SetCmd("received", func(ts *testscript.TestScript, _ bool, _ []string) {
		_, err := io.WriteString(ts.Stdout(), kept.text())
		ts.Check(err)
	})
}

// listen starts a server that keeps where each request came from and was meant
// for, on a network and address.
func cmdListen(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: listen NETWORK ADDRESS")
	}
	if args[0] == "unix" {
		args[1] = ts.MkAbs(args[1])
	}
	listener, err := net.Listen(args[0], args[1])
	ts.Check(err)
	kept := &log{}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		from, _, _ := net.SplitHostPort(r.RemoteAddr)
		kept.add(fmt.Sprintf("%s %s host=%s from=%s\n", r.Method, r.URL, r.Host, from))
	}))
	ts.Check(server.Listener.Close())
	server.Listener = listener
	server.Start()
	ts.Defer(server.Close)
	if tcp, ok := listener.Addr().(*net.TCPAddr); ok {
		ts.Setenv("PORT", fmt.Sprint(tcp.Port))
	}
	keep(ts, kept)
}

// cmdSecure starts a TLS server for example.com and 127.0.0.1 that keeps what it
// saw of each request's connection, and writes its certificate to ca.pem and
// client.pem, the key of that to client.key. With "mutual", it asks for a
// certificate; with a version, it speaks none above that.
func cmdSecure(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 1 {
		ts.Fatalf("usage: secure [mutual|1.2]")
	}
	kept := &log{}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		kept.add(fmt.Sprintf("%s sni=%s version=%q resumed=%t certificates=%d\n",
			r.Method, r.TLS.ServerName, tls.VersionName(r.TLS.Version), r.TLS.DidResume, len(r.TLS.PeerCertificates)))
	}))
	server.Config.ErrorLog = silent()
	server.TLS = &tls.Config{}
	switch strings.Join(args, "") {
	case "mutual":
		server.TLS.ClientAuth = tls.RequireAnyClientCert
	case "1.2":
		server.TLS.MaxVersion = tls.VersionTLS12
	}
	server.StartTLS()
	ts.Defer(server.Close)
	key, err := x509.MarshalPKCS8PrivateKey(server.TLS.Certificates[0].PrivateKey)
	ts.Check(err)
	for name, block := range map[string]*pem.Block{
		"ca.pem":     {Type: "CERTIFICATE", Bytes: server.Certificate().Raw},
		"client.pem": {Type: "CERTIFICATE", Bytes: server.Certificate().Raw},
		"client.key": {Type: "PRIVATE KEY", Bytes: key},
	} {
		ts.Check(os.WriteFile(ts.MkAbs(name), pem.EncodeToMemory(block), 0o600))
	}
	ts.Setenv("SECURE", server.URL)
	ts.Setenv("SECURE_HOST", server.Listener.Addr().String())
	keep(ts, kept)
}

// cmdProxy starts an HTTP proxy for those who know the name and password. What it
// was asked is printed by received. The host origin.test is the server of target.
func cmdProxy(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: proxy NAME:PASSWORD")
	}
	kept, origin := &log{}, ts.Getenv("TARGET_HOST")
	forward := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.Out.URL.Host = origin }, ErrorLog: silent()}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		kept.add(fmt.Sprintf("%s %s\n", r.Method, r.RequestURI))
		if basic(args[0]) != r.Header.Get("Proxy-Authorization") {
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		if r.Method != http.MethodConnect {
			forward.ServeHTTP(w, r)
			return
		}
		relay(w, r)
	}))
	ts.Defer(server.Close)
	ts.Setenv("PROXY", strings.TrimPrefix(server.URL, "http://"))
	keep(ts, kept)
}

// basic returns the value of a header that proves who somebody is.
func basic(user string) string {
	name, password, _ := strings.Cut(user, ":")
	r := &http.Request{Header: http.Header{}, URL: &url.URL{}}
	r.SetBasicAuth(name, password)
	return r.Header.Get("Authorization")
}

// relay is what a proxy does for CONNECT: it carries bytes both ways until either
// side ends.
func relay(w http.ResponseWriter, r *http.Request) {
	to, err := (&net.Dialer{}).DialContext(r.Context(), "tcp", r.Host)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer func() { _ = to.Close() }()
	from, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer func() { _ = from.Close() }()
	_, _ = io.WriteString(from, "HTTP/1.1 200 Connection established\r\n\r\n")
	back := make(chan struct{})
	go func() {
		defer close(back)
		_, _ = io.Copy(from, to)
		_ = from.Close()
	}()
	_, _ = io.Copy(to, from)
	_ = to.Close()
	<-back
}

// silent is where servers complain about handshakes that are meant to fail.
func silent() *stdlog.Logger { return stdlog.New(io.Discard, "", 0) }
