package dial

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// An authority signs certificates for the names of a test.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &authority{cert, key}
}

// pool holds the authority alone.
func (a *authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return pool
}

// sign returns a certificate for a name, for servers and clients.
func (a *authority) sign(t *testing.T, name string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// vault is a TLS server that hands on what it saw of each handshake.
func vault(t *testing.T, config *tls.Config) (address string, seen chan tls.ConnectionState) {
	t.Helper()
	seen = make(chan tls.ConnectionState, 100)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen <- *r.TLS }))
	server.TLS = config
	server.Config.ErrorLog = quiet()
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.Listener.Addr().String(), seen
}

// knock does one exchange over TLS on a new connection of the Dialer's.
func knock(t *testing.T, d *Dialer, address, host string) (tls.ConnectionState, error) {
	t.Helper()
	conn, err := d.Connect(t.Context(), address, true)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return speak(t, d, conn, host)
}

// speak does TLS and one exchange on a connection.
func speak(t *testing.T, d *Dialer, conn net.Conn, host string) (tls.ConnectionState, error) {
	t.Helper()
	secure := tls.Client(conn, d.TLSConfig(host, []string{"http/1.1"}))
	if err := secure.HandshakeContext(t.Context()); err != nil {
		return tls.ConnectionState{}, err
	}
	if _, err := io.WriteString(secure, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"); err != nil {
		return tls.ConnectionState{}, err
	}
	if _, err := io.ReadAll(secure); err != nil { // with TLS 1.3, a refusal comes after the handshake
		return tls.ConnectionState{}, err
	}
	return secure.ConnectionState(), nil
}

func TestTLSVerifies(t *testing.T) {
	ca := newAuthority(t)
	address, seen := vault(t, &tls.Config{Certificates: []tls.Certificate{ca.sign(t, "shop.test")}})
	tests := map[string]struct {
		options TLS
		host    string
		sni     string // "": refused
	}{
		"good":               {TLS{RootCAs: ca.pool()}, "shop.test", "shop.test"},
		"unknown authority":  {TLS{}, "shop.test", ""},
		"another authority":  {TLS{RootCAs: newAuthority(t).pool()}, "shop.test", ""},
		"another name":       {TLS{RootCAs: ca.pool()}, "other.test", ""},
		"named by sni":       {TLS{RootCAs: ca.pool(), ServerName: "shop.test"}, "other.test", "shop.test"},
		"insecure":           {TLS{Insecure: true}, "other.test", "other.test"},
		"insecure and named": {TLS{Insecure: true, ServerName: "third.test"}, "other.test", "third.test"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := knock(t, dialer(t, Options{TLS: tt.options}), address, tt.host)
			var unverified *tls.CertificateVerificationError
			switch {
			case tt.sni == "" && !errors.As(err, &unverified):
				t.Errorf("error %v, want one of the certificate", err)
			case tt.sni != "" && err != nil:
				t.Error(err)
			case tt.sni != "":
				if got := (<-seen).ServerName; got != tt.sni {
					t.Errorf("the server saw the name %q, want %q", got, tt.sni)
				}
			}
		})
	}
}

func TestTLSClientCertificate(t *testing.T) {
	ca := newAuthority(t)
	address, seen := vault(t, &tls.Config{
		Certificates: []tls.Certificate{ca.sign(t, "shop.test")}, ClientCAs: ca.pool(), ClientAuth: tls.RequireAndVerifyClientCert,
	})
	if _, err := knock(t, dialer(t, Options{TLS: TLS{RootCAs: ca.pool()}}), address, "shop.test"); err == nil || !strings.Contains(err.Error(), "certificate required") {
		t.Errorf("error %v without a certificate", err)
	}
	own := []tls.Certificate{ca.sign(t, "load tester")}
	if _, err := knock(t, dialer(t, Options{TLS: TLS{RootCAs: ca.pool(), Certificates: own}}), address, "shop.test"); err != nil {
		t.Fatal(err)
	}
	if got := (<-seen).PeerCertificates[0].Subject.CommonName; got != "load tester" {
		t.Errorf("the server saw the certificate of %q", got)
	}
}

func TestTLSVersions(t *testing.T) {
	ca := newAuthority(t)
	old, _ := vault(t, &tls.Config{Certificates: []tls.Certificate{ca.sign(t, "shop.test")}, MaxVersion: tls.VersionTLS12})
	ancient, _ := vault(t, &tls.Config{Certificates: []tls.Certificate{ca.sign(t, "shop.test")}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11})
	recent, _ := vault(t, &tls.Config{Certificates: []tls.Certificate{ca.sign(t, "shop.test")}})
	tests := map[string]struct {
		address  string
		min, max uint16
		want     uint16 // 0: refused
	}{
		"best":           {recent, 0, 0, tls.VersionTLS13},
		"at most":        {recent, 0, tls.VersionTLS12, tls.VersionTLS12},
		"old server":     {old, 0, 0, tls.VersionTLS12},
		"too old":        {old, tls.VersionTLS13, 0, 0},
		"ancient":        {ancient, 0, 0, 0},
		"ancient wanted": {ancient, tls.VersionTLS10, 0, tls.VersionTLS11},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			d := dialer(t, Options{TLS: TLS{RootCAs: ca.pool(), MinVersion: tt.min, MaxVersion: tt.max}})
			state, err := knock(t, d, tt.address, "shop.test")
			if state.Version != tt.want || (err == nil) != (tt.want != 0) {
				t.Errorf("version %#x, %v, want %#x", state.Version, err, tt.want)
			}
		})
	}
}

func TestTLSResumes(t *testing.T) {
	ca := newAuthority(t)
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		for _, off := range []bool{false, true} {
			t.Run(tls.VersionName(version), func(t *testing.T) {
				address, seen := vault(t, &tls.Config{Certificates: []tls.Certificate{ca.sign(t, "shop.test")}})
				d := dialer(t, Options{TLS: TLS{RootCAs: ca.pool(), NoResumption: off, MaxVersion: version}})
				for i := range 5 {
					if _, err := knock(t, d, address, "shop.test"); err != nil {
						t.Fatal(err)
					}
					if got := (<-seen).DidResume; got != (i > 0 && !off) {
						t.Errorf("handshake %d: resumed is %v, resumption off is %v", i, got, off)
					}
				}
			})
		}
	}
}

func TestTLSConfigIsShared(t *testing.T) {
	d := dialer(t, Options{})
	one := d.TLSConfig("shop.test", []string{"h2", "http/1.1"})
	if d.TLSConfig("shop.test", []string{"h2", "http/1.1"}) != one {
		t.Error("two configurations for the same")
	}
	for _, other := range []*tls.Config{d.TLSConfig("b.test", []string{"h2", "http/1.1"}), d.TLSConfig("shop.test", []string{"h2"}), d.TLSConfig("shop.test", nil)} {
		if other == one {
			t.Error("one configuration for two")
		}
	}
	if got := testing.AllocsPerRun(100, func() { d.TLSConfig("shop.test", nil) }); got > 2 {
		t.Errorf("%v allocations for a known configuration", got)
	}
}
