package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// A site is the target of all measurements: an nginx with one worker, and the files
// that peers want.
type site struct {
	dir         string
	runs        string // where floodmark saves runs
	certificate string // file of the certificate, which is its own authority
	plain, tls  string // host:port
	cmd         *exec.Cmd
	worker      int // process id
}

// Sizes of answers.
const (
	smallAnswer = 100
	largeAnswer = 10 << 10
)

// startSite starts nginx below dir and waits until it answers.
func startSite(ctx context.Context, dir string) (*site, error) {
	s := &site{dir: dir, runs: filepath.Join(dir, "runs"), certificate: filepath.Join(dir, "cert.pem")}
	program, err := exec.LookPath("nginx")
	if err != nil {
		if program, err = exec.LookPath("/usr/sbin/nginx"); err != nil {
			return nil, errors.New("nginx is not here: apt-get install nginx-light")
		}
	}
	if err := errors.Join(s.takeAddresses(ctx), writeCertificate(dir), s.writeFiles()); err != nil {
		return nil, err
	}
	s.cmd = exec.CommandContext(ctx, program, "-p", dir, "-c", "nginx.conf", "-e", filepath.Join(dir, "error.log"))
	s.cmd.Cancel = func() error { return s.cmd.Process.Signal(os.Interrupt) }
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	if err := s.await(ctx); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

// stop ends nginx.
func (s *site) stop() {
	_ = s.cmd.Process.Signal(os.Interrupt)
	_ = s.cmd.Wait()
}

// takeAddresses finds two free ports. Somebody else could take them before nginx
// does, and it would say so.
func (s *site) takeAddresses(ctx context.Context) error {
	for _, into := range []*string{&s.plain, &s.tls} {
		listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		*into = listener.Addr().String()
		defer listener.Close() //nolint:errcheck // nothing was accepted
	}
	return nil
}

// writeFiles writes nginx's configuration and the answers' text into it.
func (s *site) writeFiles() error {
	body := func(n int) string { return strings.Repeat("a", n) }
	locations := fmt.Sprintf(`location = /small { default_type text/plain; return 200 %q; }
    location = /large { default_type text/plain; alias %s; }`, body(smallAnswer), filepath.Join(s.dir, "large"))
	var temporary strings.Builder
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		fmt.Fprintf(&temporary, "  %s_temp_path %s;\n", kind, filepath.Join(s.dir, kind))
	}
	config := fmt.Sprintf(`daemon off; worker_processes 1; worker_cpu_affinity 01; pid %[1]s/nginx.pid;
error_log %[1]s/error.log;
events { worker_connections 4096; }
http {
%[2]s  access_log off; sendfile on; tcp_nopush off; open_file_cache max=10;
  keepalive_requests 1000000000; keepalive_timeout 1h;
  server { listen %[3]s backlog=4096; %[5]s }
  server { listen %[4]s ssl backlog=4096; ssl_protocols TLSv1.3;
    ssl_certificate cert.pem; ssl_certificate_key key.pem; %[5]s }
}
`, s.dir, temporary.String(), s.plain, s.tls, locations)
	return errors.Join(
		os.WriteFile(filepath.Join(s.dir, "large"), []byte(body(largeAnswer)), 0o644), //nolint:gosec // nginx reads it as another user
		os.WriteFile(filepath.Join(s.dir, "nginx.conf"), []byte(config), 0o600),
		os.Chmod(s.dir, 0o755), //nolint:gosec // likewise
	)
}

// await waits until nginx listens, and finds its worker.
func (s *site) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for ctx.Err() == nil {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", s.plain)
		if err == nil {
			_ = conn.Close()
			s.worker, err = child(s.cmd.Process.Pid)
			if err == nil {
				return nil
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	text, _ := os.ReadFile(filepath.Join(s.dir, "error.log"))
	return fmt.Errorf("nginx does not answer: %s", bytes.TrimSpace(text))
}

// url returns where a cell's requests go.
func (s *site) url(c cell) string {
	scheme, host, path := "http", s.plain, "/small"
	if c.tls {
		scheme, host = "https", s.tls
	}
	if c.large {
		path = "/large"
	}
	return scheme + "://" + host + path
}

// targets returns a file with the cell's request as vegeta wants it.
func (s *site) targets(c cell) string {
	return s.file("targets-"+c.name, "GET "+s.url(c)+"\n")
}

// script returns a file with the cell's script for k6.
func (s *site) script(c cell, d time.Duration) string {
	return s.file(c.name+".js", k6Script(c, s.url(c), d))
}

// file writes a file and returns its path. One that cannot be written is missed by
// the peer, whose failure is told. Without a directory nothing is written.
func (s *site) file(name, text string) string {
	if s.dir == "" {
		return name
	}
	path := filepath.Join(s.dir, name)
	_ = os.WriteFile(path, []byte(text), 0o600)
	return path
}

// child returns the first child of a process.
func child(pid int) (int, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(text))
	if len(fields) == 0 {
		return 0, errors.New("no child yet")
	}
	return strconv.Atoi(fields[0])
}

// watch begins to look at nginx, and the function that it returns says what share of
// its core it has used since.
func (s *site) watch() func() float64 {
	busy, begun := s.busy(), time.Now()
	return func() float64 { return (s.busy() - busy).Seconds() / time.Since(begun).Seconds() }
}

// busy returns the processor time that nginx has used so far.
func (s *site) busy() time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.worker))
	if err != nil {
		return 0
	}
	const tick = 10 * time.Millisecond
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * tick
}

// writeCertificate writes a certificate for the loopback address and its key.
func writeCertificate(dir string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "floodmark's comparison"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return err
	}
	secret, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return err
	}
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return errors.Join(
		os.WriteFile(filepath.Join(dir, "cert.pem"), certificate, 0o600),
		os.WriteFile(filepath.Join(dir, "key.pem"), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: secret}), 0o600),
	)
}
