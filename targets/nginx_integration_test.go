//go:build integration

package targets

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/floodmark/floodmark/measure"
)

// An nginx speaks HTTP/2 alone, and keeps an access log.
type nginx struct {
	url   string
	roots *x509.CertPool
	stop  func() []string // ends it and returns the lines of its log
}

// startNginx starts an nginx that ends a connection after so many requests.
func startNginx(t *testing.T, p Protocol, requests int) *nginx {
	t.Helper()
	program, err := exec.LookPath("nginx")
	if err != nil {
		t.Fatal("nginx is not installed; on Debian: apt-get install nginx-light")
	}
	dir := t.TempDir()
	listen, scheme := freeAddr(t), "http"
	server := "listen " + listen + " http2;"
	var roots *x509.CertPool
	if p == H2 {
		scheme, roots = "https", writeCertificate(t, dir)
		server = "listen " + listen + " ssl http2; ssl_certificate " + dir + "/cert; ssl_certificate_key " + dir + "/key;"
	}
	writeFile(t, dir, "page", strings.Repeat("nginx ", 20000))
	user := ""
	if os.Getuid() == 0 { // so that its workers may read the directory
		user = "user root;"
	}
	config := writeFile(t, dir, "conf", fmt.Sprintf(`daemon off; pid %[1]s/pid; error_log %[1]s/errors; %[2]s
worker_processes 2; events { worker_connections 512; }
http {
  log_format counts '$server_protocol $request_method $request_uri $status $bytes_sent';
  access_log %[1]s/access counts;
  keepalive_requests %[3]d;
  http2_max_concurrent_streams 10;
  server {
    %[4]s
    root %[1]s;
    location = /small { return 200 'small'; }
    location = /submit { return 201; }
    location = /broken { return 500 'broken'; }
  }
}`, dir, user, requests, server))
	command := exec.Command(program, "-c", config, "-p", dir, "-e", dir+"/errors")
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	end := sync.OnceValue(func() error {
		command.Process.Signal(syscall.SIGQUIT)
		return command.Wait()
	})
	t.Cleanup(func() { end() })
	waitFor(func() bool {
		conn, err := net.Dial("tcp", listen)
		if err != nil {
			return false
		}
		return conn.Close() == nil
	})
	return &nginx{scheme + "://" + listen, roots, func() []string {
		if err := end(); err != nil {
			t.Errorf("nginx: %v", err)
		}
		log, err := os.ReadFile(filepath.Join(dir, "access"))
		if err != nil {
			t.Fatal(err)
		}
		return strings.Split(strings.TrimSpace(string(log)), "\n")
	}}
}

// writeCertificate writes a certificate and its key, and returns who trusts it.
func writeCertificate(t *testing.T, dir string) *x509.CertPool {
	t.Helper()
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	pair := server.TLS.Certificates[0]
	key, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, dir, "cert", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]})))
	writeFile(t, dir, "key", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})))
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	return roots
}

// writeFile writes a file and returns its path.
func writeFile(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// freeAddr returns an address of loopback that nobody listens at.
func freeAddr(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// What was counted equals nginx's log, request for request and byte for byte, also
// when its connections end meanwhile: requests that crossed the farewell on the wire
// were not taken, and go elsewhere.
func TestStreamsEqualTheLogOfNginx(t *testing.T) {
	for _, p := range []Protocol{H2, H2C} {
		for _, perConnection := range []int{1_000_000, 70} {
			t.Run(fmt.Sprintf("%v %d", p, perConnection), func(t *testing.T) {
				server := startNginx(t, p, perConnection)
				target := at(t, server.url)
				transport := standard(t, target, p)
				transport.opener = withRoots(transport.opener, server.roots)
				transport.MaxConnections = 3
				got, resets := ask(t, target, transport)
				transport.Close()
				want := make(map[string]int64)
				lines := server.stop()
				for _, line := range lines {
					var proto, method, path string
					var status int
					var bytes int64
					if _, err := fmt.Sscan(line, &proto, &method, &path, &status, &bytes); err != nil || proto != "HTTP/2.0" {
						t.Fatalf("%q: %v", line, err)
					}
					want[fmt.Sprintf("%s %s %d", method, path, status)]++
					want[fmt.Sprintf("%s %s %d bytes", method, path, status)] += bytes
				}
				if !maps.Equal(got, want) {
					t.Errorf("after %d resets\ngot  %v\nwant %v as in the log", resets, got, want)
				}
				if resets > 0 {
					t.Errorf("%d resets", resets)
				}
				t.Logf("%d requests in the log, %d resets", len(lines), resets)
			})
		}
	}
}

// ask sends 4,000 requests of 40 users and returns how many of each kind were
// answered, their bytes, and how many were reset.
func ask(t *testing.T, target Target, transport *Transport) (answered map[string]int64, resets int) {
	t.Helper()
	var reqs []*Request
	for _, r := range []struct{ method, path string }{
		{http.MethodGet, "/small"},
		{http.MethodGet, "/page"},
		{http.MethodHead, "/page"},
		{http.MethodPost, "/submit"},
		{http.MethodGet, "/broken"},
		{http.MethodGet, "/none"},
	} {
		req, err := target.Compile(r.method, r.path, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		reqs = append(reqs, req)
	}
	var mu sync.Mutex
	var all sync.WaitGroup
	answered = make(map[string]int64)
	for user := range 40 {
		all.Go(func() {
			client := transport.NewClient()
			defer client.Close()
			for i := range 100 {
				req := reqs[(user+i)%len(reqs)]
				var resp Response
				client.Send(t.Context(), req, &resp)
				mu.Lock()
				switch {
				case resp.Outcome == measure.Reset:
					resets++
				case resp.Outcome > measure.Status5xx:
					t.Errorf("outcome %v: %s", resp.Outcome, resp.Detail)
				default:
					key := fmt.Sprintf("%s %s %d", req.Method(), req.url.Path, resp.Status)
					answered[key]++
					answered[key+" bytes"] += resp.BytesIn
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return answered, resets
}
