package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/floodmark/floodmark/dial"
	"github.com/floodmark/floodmark/profiles"
)

// tlsOptions reads the files that a profile names.
func tlsOptions(from profiles.TLS) (dial.TLS, error) {
	o := dial.TLS{
		Insecure: !from.Verify, ServerName: from.ServerName, NoResumption: !from.Resumption,
		MinVersion: tlsVersion(from.MinVersion), MaxVersion: tlsVersion(from.MaxVersion),
	}
	var faults [2]error
	o.RootCAs, faults[0] = readAuthorities(from.CA)
	o.Certificates, faults[1] = readCertificate(from.Cert, from.Key)
	return o, errors.Join(faults[:]...)
}

// tlsVersion returns a version as TLS itself numbers it, 0 for none.
func tlsVersion(name string) uint16 {
	return map[string]uint16{
		"1.0": tls.VersionTLS10, "1.1": tls.VersionTLS11, "1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13,
	}[name]
}

// readAuthorities reads the certificates of authorities; nil means the system's.
func readAuthorities(files []string) (*x509.CertPool, error) {
	if len(files) == 0 {
		return nil, nil
	}
	pool := x509.NewCertPool()
	for _, name := range files {
		text, err := os.ReadFile(name) //nolint:gosec // naming files is what the key is for
		if err != nil {
			return nil, fmt.Errorf("target.tls.ca: %w", err)
		}
		if !pool.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("target.tls.ca: %s holds no certificate in PEM form", name)
		}
	}
	return pool, nil
}

// readCertificate reads the client's own certificate and its key, which may stand
// in the same file.
func readCertificate(cert, key string) ([]tls.Certificate, error) {
	if cert == "" {
		return nil, nil
	}
	if key == "" {
		key = cert
	}
	text, err := os.ReadFile(cert) //nolint:gosec // naming files is what the key is for
	if err != nil {
		return nil, fmt.Errorf("target.tls.cert: %w", err)
	}
	secret, err := os.ReadFile(key) //nolint:gosec // likewise
	if err != nil {
		return nil, fmt.Errorf("target.tls.key: %w", err)
	}
	pair, err := tls.X509KeyPair(text, secret)
	if err != nil {
		return nil, badKey(cert, key, secret, err)
	}
	return []tls.Certificate{pair}, nil
}

// badKey tells why a certificate and a key are no pair, and how to mend what people
// mostly get wrong: the key is elsewhere, or it is encrypted.
func badKey(cert, key string, secret []byte, err error) error {
	switch found, encrypted := findKey(secret); {
	case encrypted:
		return fmt.Errorf("target.tls.key: the key in %s is encrypted\nhint: decrypt it with openssl pkey -in %s -out PLAIN.key, and keep that file to yourself", key, key)
	case !found:
		return fmt.Errorf("target.tls.key: there is no private key in %s\nhint: --key FILE (target.tls.key) names the file of the certificate's key", key)
	}
	return fmt.Errorf("target.tls: certificate %s with key %s: %w", cert, key, err)
}

// findKey reports whether a PEM file holds a private key, and whether the first one is
// encrypted, in either of the two ways that openssl has.
func findKey(text []byte) (found, encrypted bool) {
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if strings.HasSuffix(block.Type, "PRIVATE KEY") {
			old := strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED")
			return true, old || block.Type == "ENCRYPTED PRIVATE KEY"
		}
	}
	return false, false
}

// warnIdleTLS tells of what was said about TLS while nothing is sent by it: whoever
// asks for a certificate of his own to be used believes that it is.
func warnIdleTLS(p *plan, w io.Writer) {
	idle := p.idleTLS()
	if len(idle) == 0 {
		return
	}
	has := "has"
	if len(idle) > 1 {
		has = "have"
	}
	_, _ = fmt.Fprintf(w, "warning: nothing here is sent by TLS: %s %s no effect\n", strings.Join(idle, ", "), has)
}

// idleTLS returns the settings of TLS that have no effect, by their flags.
func (c *plan) idleTLS() []string {
	t := c.profile.Target
	if t.Redirects > 0 || c.secure() {
		return nil // a redirect may lead to https
	}
	usual := profiles.ForURL(t.BaseURL).Target.TLS
	proxied := strings.HasPrefix(strings.ToLower(t.Connections.Proxy), "https:") // its certificate is verified
	var idle []string
	for _, setting := range []struct {
		name string
		made bool
	}{
		{"-k", t.TLS.Verify != usual.Verify},
		{"--cacert", len(t.TLS.CA) > 0 && !proxied},
		{"--cert", t.TLS.Cert != ""},
		{"--sni", t.TLS.ServerName != ""},
		{"--tls-min", t.TLS.MinVersion != usual.MinVersion},
		{"--tls-max", t.TLS.MaxVersion != usual.MaxVersion},
		{"tls.resumption", t.TLS.Resumption != usual.Resumption},
	} {
		if setting.made {
			idle = append(idle, setting.name)
		}
	}
	return idle
}

// secure reports whether any request is sent by TLS.
func (c *plan) secure() bool {
	for _, scenario := range c.profile.Scenarios {
		for _, step := range scenario.Steps {
			if step.Method != "" && strings.HasPrefix(strings.ToLower(c.absolute(step.URL)), "https:") {
				return true
			}
		}
	}
	return false
}
