package dial

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"
)

// maxAnswer bounds the head of a proxy's answer to CONNECT.
const maxAnswer = 16 << 10

// A proxy stands between this machine and the target.
type proxy struct {
	url           *url.URL // without its userinfo
	address       string
	authorization string // "" without userinfo
}

// ParseProxy reads a proxy's URL. Its errors do not repeat it, as there may be a
// password in it.
func ParseProxy(text string) (*url.URL, error) {
	const hint = "write http://HOST:PORT, or http://NAME:PASSWORD@HOST:PORT"
	u, err := url.Parse(text)
	if err != nil {
		return nil, &syntaxError{"the proxy is not a URL", hint}
	}
	if err := validateProxy(u); err != nil {
		return nil, &syntaxError{err.Error(), hint}
	}
	return u, nil
}

func validateProxy(u *url.URL) error {
	if u == nil {
		return nil
	}
	_, validPort := parsePort(u.Port())
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("proxy: scheme %q is neither http nor https", u.Scheme)
	case u.Hostname() == "":
		return errors.New("proxy: it names no host")
	case u.Port() != "" && !validPort:
		return fmt.Errorf("proxy: port %s is not within 1 and 65535", u.Port())
	case u.Path != "" && u.Path != "/" || u.RawQuery != "":
		return errors.New("proxy: a path or query has no meaning in it")
	}
	return nil
}

func newProxy(from *url.URL) *proxy {
	if from == nil {
		return nil
	}
	p := &proxy{url: &url.URL{Scheme: from.Scheme, Host: from.Host}}
	port := from.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[from.Scheme]
	}
	p.address = net.JoinHostPort(from.Hostname(), port)
	if from.User != nil {
		password, _ := from.User.Password()
		p.authorization = "Basic " + base64.StdEncoding.EncodeToString([]byte(from.User.Username()+":"+password))
	}
	return p
}

// connectThrough connects to the proxy, and through it to the address if a tunnel
// is wanted. Its errors name the proxy: they are not the target's.
func (d *Dialer) connectThrough(ctx context.Context, address string, tunnel bool) (net.Conn, error) {
	conn, err := d.direct(ctx, d.proxy.address)
	if err != nil {
		return nil, fmt.Errorf("proxy %s: %w", d.proxy.url.Host, err)
	}
	through, err := d.negotiate(ctx, conn, address, tunnel)
	if err != nil {
		_ = conn.Close()
		if ctx.Err() != nil {
			err = ctx.Err() // rather than that of the deadline that it pulled
		}
		return nil, fmt.Errorf("proxy %s: %w", d.proxy.url.Host, err)
	}
	return through, nil
}

// negotiate speaks with the proxy, within ctx.
func (d *Dialer) negotiate(ctx context.Context, conn net.Conn, address string, tunnel bool) (net.Conn, error) {
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	raw := conn
	if d.proxy.url.Scheme == "https" {
		secure := tls.Client(conn, d.proxyConfig())
		if err := secure.HandshakeContext(ctx); err != nil {
			return nil, err
		}
		conn = secure
	}
	if tunnel {
		var err error
		if conn, err = d.proxy.tunnel(conn, address); err != nil {
			return nil, err
		}
	}
	if !stop() { // the context's end may pull the deadline only now
		return nil, context.Cause(ctx)
	}
	return conn, raw.SetDeadline(time.Time{})
}

// proxyConfig is the TLS spoken with the proxy itself, whose certificate is always
// verified: it is told a password.
func (d *Dialer) proxyConfig() *tls.Config {
	return &tls.Config{
		ServerName: d.proxy.url.Hostname(), RootCAs: d.options.TLS.RootCAs,
		NextProtos: []string{"http/1.1"}, MinVersion: tls.VersionTLS12,
	}
}

// tunnel asks the proxy for a way to the address.
func (p *proxy) tunnel(conn net.Conn, address string) (net.Conn, error) {
	request := fmt.Appendf(nil, "CONNECT %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: floodmark\r\n", address, address)
	if p.authorization != "" {
		request = fmt.Appendf(request, "Proxy-Authorization: %s\r\n", p.authorization)
	}
	if _, err := conn.Write(append(request, "\r\n"...)); err != nil {
		return nil, err
	}
	head, rest, err := readAnswer(conn)
	if err != nil {
		return nil, fmt.Errorf("CONNECT %s: %w", address, err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(head)), &http.Request{Method: http.MethodConnect})
	if err != nil {
		return nil, fmt.Errorf("CONNECT %s: %w", address, err)
	}
	_ = answer.Body.Close() // there is none, whatever the head says
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		return nil, refusal(address, answer.StatusCode)
	}
	if len(rest) > 0 {
		return &begun{conn, rest}, nil
	}
	return conn, nil
}

// refusal tells that a proxy gives no tunnel, by a status and what to do.
func refusal(address string, status int) error {
	hint := ""
	if status == http.StatusProxyAuthRequired {
		hint = " (give a name and password in the proxy's URL)"
	}
	return fmt.Errorf("CONNECT %s: the proxy answered %d %s%s", address, status, http.StatusText(status), hint)
}

// readAnswer reads a head up to its empty line, and returns what came after it: a
// server may be the first to speak.
func readAnswer(conn net.Conn) (head, rest []byte, err error) {
	buffer := make([]byte, 0, 512)
	for {
		if len(buffer) == maxAnswer {
			return nil, nil, errors.New("the head of the answer is longer than 16 KiB")
		}
		if len(buffer) == cap(buffer) {
			buffer = append(buffer, make([]byte, len(buffer))...)[:len(buffer)]
		}
		n, err := conn.Read(buffer[len(buffer):min(cap(buffer), maxAnswer)])
		buffer = buffer[:len(buffer)+n]
		if i := bytes.Index(buffer, []byte("\r\n\r\n")); i >= 0 {
			return buffer[:i+4], buffer[i+4:], nil
		}
		if err != nil {
			return nil, nil, err
		}
	}
}

// begun is a connection of which some bytes have been read already.
type begun struct {
	net.Conn
	rest []byte
}

func (b *begun) Read(p []byte) (int, error) {
	if len(b.rest) == 0 {
		return b.Conn.Read(p)
	}
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	return n, nil
}
