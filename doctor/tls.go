package doctor

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/floodmark/floodmark/quantity"
)

// From where on TLS is worth a word: handshakes per second, and bytes per second.
const (
	fewHandshakes  = 300
	slowEncryption = 300e6
)

// tlsName is the name that the certificate is for.
const tlsName = "doctor.test"

// handshakes is how many TLS 1.3 handshakes both ends on this machine make in a
// second.
type handshakes struct{ full, resumed float64 }

// measureHandshakes makes full handshakes for a time, and resumed ones as long.
func measureHandshakes(ctx context.Context, length time.Duration) (handshakes, error) {
	certificate, roots, err := selfSigned()
	if err != nil {
		return handshakes{}, err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return handshakes{}, err
	}
	config := &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS13}
	var servers sync.WaitGroup
	servers.Go(func() { serveAll(listener, &servers, func(conn net.Conn) { greet(conn, config) }) })
	defer servers.Wait()
	defer listener.Close() //nolint:errcheck // it only ends the server
	var out handshakes
	client := &tls.Config{RootCAs: roots, ServerName: tlsName, MinVersion: tls.VersionTLS13}
	if out.full, err = handshakeRate(ctx, listener.Addr().String(), client, length); err != nil {
		return handshakes{}, err
	}
	client.ClientSessionCache = tls.NewLRUClientSessionCache(0)
	if _, err = handshake(ctx, listener.Addr().String(), client); err != nil { // which fills the cache
		return handshakes{}, err
	}
	out.resumed, err = handshakeRate(ctx, listener.Addr().String(), client, length)
	return out, err
}

// greet makes the server's side of a handshake and says one byte, behind the ticket
// that the next one resumes with.
func greet(conn net.Conn, config *tls.Config) {
	secure := tls.Server(conn, config)
	if _, err := secure.Write([]byte{1}); err == nil {
		_, _ = secure.Read(make([]byte, 1)) // until the client closes
	}
}

// handshakeRate makes handshakes on all CPUs for a time.
func handshakeRate(ctx context.Context, addr string, config *tls.Config, length time.Duration) (float64, error) {
	var done atomic.Int64
	var users sync.WaitGroup
	start := time.Now()
	faults := make([]error, runtime.GOMAXPROCS(0))
	for i := range faults {
		users.Go(func() {
			for faults[i] == nil && time.Since(start) < length {
				var resumed bool
				resumed, faults[i] = handshake(ctx, addr, config)
				if faults[i] == nil && resumed == (config.ClientSessionCache != nil) {
					done.Add(1)
				}
			}
		})
	}
	users.Wait()
	return float64(done.Load()) / time.Since(start).Seconds(), errors.Join(faults...)
}

// handshake makes one and reports whether a session was resumed. It closes without
// leaving a port in TIME_WAIT.
func handshake(ctx context.Context, addr string, config *tls.Config) (resumed bool, err error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return false, err
	}
	defer conn.Close() //nolint:errcheck // all was read
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.SetDeadline(time.Now().Add(patience))
	secure := tls.Client(conn, config)
	if err := secure.HandshakeContext(ctx); err != nil {
		return false, err
	}
	_, err = io.ReadFull(secure, make([]byte, 1))
	return secure.ConnectionState().DidResume, err
}

// selfSigned returns a certificate for tlsName, and what verifies it.
func selfSigned() (tls.Certificate, *x509.CertPool, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{tlsName},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots, nil
}

// judgeHandshakes judges what new connections cost with TLS.
func judgeHandshakes(h handshakes) Check {
	c := found("tls handshakes", fmt.Sprintf("%s/s full, %s/s resumed (TLS 1.3, both ends on this machine)",
		quantity.Count(int64(h.full)), quantity.Count(int64(h.resumed))),
		map[string]float64{"full_per_second": h.full, "resumed_per_second": h.resumed})
	if h.full < fewHandshakes {
		return c.warn("a load that opens a connection for each request is bound by that", "keep connections open from one request to the next (reuse)", "")
	}
	return c
}

// measureEncryption encrypts records of TLS's size with AES-128-GCM on one CPU for a
// time, and returns bytes per second.
func measureEncryption(length time.Duration) (float64, error) {
	block, err := aes.NewCipher(make([]byte, 16))
	if err != nil {
		return 0, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return 0, err
	}
	const record = 16 << 10
	nonce, plain, out := make([]byte, gcm.NonceSize()), make([]byte, record), make([]byte, 0, record+gcm.Overhead())
	start, bytes := time.Now(), 0
	for time.Since(start) < length {
		out = gcm.Seal(out[:0], nonce, plain, nil)
		bytes += record
	}
	return float64(bytes) / time.Since(start).Seconds(), nil
}

// judgeEncryption judges how fast TLS's usual cipher is.
func judgeEncryption(perSecond float64) Check {
	c := found("encryption", fmt.Sprintf("%s MB/s (AES-128-GCM, one CPU)", quantity.Count(int64(perSecond/1e6))),
		map[string]float64{"bytes_per_second": perSecond})
	if perSecond < slowEncryption {
		return c.warn("the CPU seems to have no instructions for AES", "use another machine where answers over TLS are large", "")
	}
	return c
}
