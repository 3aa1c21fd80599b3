//go:build integration

package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// A backend is a real server with an access log of its own.
type backend struct {
	addr    string
	disturb func()                    // makes it close connections, as a new configuration does
	stop    func(t *testing.T) []line // ends it and returns its access log
}

// A line of an access log. Bytes are 0 where the server does not log them; those
// received are without a body that the server has thrown away.
type line struct {
	method, path   string
	status         int
	sent, received int64
}

// Each backend answers /ok and /submit with 200, /missing with 404, /broken with
// 500 and /moved with 301, whatever the method, and ends a connection after its
// seventh request.

func startNginx(t *testing.T) backend {
	t.Helper()
	program := installed(t, "nginx", "nginx-light")
	dir, addr := publicDir(t), freeAddr(t)
	file(t, dir, "ok", strings.Repeat("nginx ", 500)) // a body that takes more than one read
	config := file(t, dir, "nginx.conf",
		"daemon off; pid "+dir+"/pid; error_log "+dir+"/errors;",
		userDirective(),
		"worker_processes 2; events { worker_connections 512; }",
		"http {",
		"  log_format counts '$request_method $request_uri $status $bytes_sent $request_length';",
		"  access_log "+dir+"/access counts;",
		"  keepalive_requests 7;",
		"  server {",
		"    listen "+addr+";",
		"    root "+dir+";",
		"    location = /submit { return 200 'taken'; }",
		"    location = /broken { return 500 'broken'; }",
		"    location = /moved { return 301 /ok; }",
		"  }",
		"}")
	c := begin(t, dir, program, "-c", config, "-p", dir, "-e", dir+"/errors")
	listening(t, c, addr)
	return backend{
		addr:    addr,
		disturb: func() { c.send(syscall.SIGHUP) }, // new workers; the old ones close what is idle
		stop:    stopThenRead(c, syscall.SIGQUIT, dir+"/access"),
	}
}

// userDirective lets workers of a server that root starts read the directory of
// the test; for others there is nothing to choose.
func userDirective() string {
	if os.Getuid() != 0 {
		return ""
	}
	return "user root;"
}

func startApache(t *testing.T) backend {
	t.Helper()
	program := installed(t, "apache2", "apache2")
	dir, addr := publicDir(t), freeAddr(t)
	file(t, dir, "ok", strings.Repeat("apache ", 500))
	file(t, dir, "submit", "taken")
	const modules = "/usr/lib/apache2/modules/mod_"
	config := file(t, dir, "apache.conf",
		"ServerName localhost", "ServerRoot "+dir, "PidFile "+dir+"/pid", "DefaultRuntimeDir "+dir,
		"LoadModule mpm_event_module "+modules+"mpm_event.so",
		"LoadModule authz_core_module "+modules+"authz_core.so",
		"LoadModule alias_module "+modules+"alias.so",
		"User nobody", "Group nogroup",
		"Listen "+addr, "DocumentRoot "+dir, "ErrorLog "+dir+"/errors",
		`LogFormat "%m %U %>s %O" counts`, "CustomLog "+dir+"/access counts",
		"KeepAlive On", "MaxKeepAliveRequests 7", "KeepAliveTimeout 10",
		"Redirect 500 /broken", "Redirect 301 /moved /ok")
	c := begin(t, dir, program, "-f", config, "-D", "FOREGROUND")
	listening(t, c, addr)
	return backend{
		addr:    addr,
		disturb: func() { c.send(syscall.SIGUSR1) }, // restarts gracefully
		stop:    stopThenRead(c, syscall.SIGTERM, dir+"/access"),
	}
}

func startNode(t *testing.T) backend {
	t.Helper()
	program := installed(t, "node", "nodejs")
	dir := t.TempDir()
	script, err := filepath.Abs("testdata/integration/server.js")
	if err != nil {
		t.Fatal(err)
	}
	c := begin(t, dir, program, script, dir+"/access")
	eventually(t, "node prints its port", func() bool { return strings.HasSuffix(c.stdout.String(), "\n") })
	return backend{
		addr:    "127.0.0.1:" + strings.TrimSpace(c.stdout.String()),
		disturb: func() { c.send(syscall.SIGUSR2) },
		stop:    stopThenRead(c, syscall.SIGTERM, dir+"/access"),
	}
}

// startGo starts a server of net/http in this process; its log is kept in memory.
func startGo(t *testing.T) backend {
	t.Helper()
	var mu sync.Mutex
	var log []line
	statuses := map[string]int{"/ok": 200, "/submit": 200, "/broken": 500, "/moved": 301}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status, known := statuses[r.URL.Path]
		if !known {
			status = http.StatusNotFound
		}
		mu.Lock()
		log = append(log, line{method: r.Method, path: r.URL.Path, status: status})
		if len(log)%7 == 0 {
			w.Header().Set("Connection", "close")
		}
		mu.Unlock()
		w.WriteHeader(status)
		fmt.Fprintf(w, "status %d\n", status)
	})}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(listener) })
	return backend{
		addr: listener.Addr().String(),
		disturb: func() {
			server.SetKeepAlivesEnabled(false) // closes what is idle
			server.SetKeepAlivesEnabled(true)
		},
		stop: func(t *testing.T) []line {
			t.Helper()
			if err := server.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
			serving.Wait()
			return log
		},
	}
}

// publicDir returns a temporary directory that every user may read.
func publicDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, d := range []string{dir, filepath.Dir(dir)} {
		if err := os.Chmod(d, 0o755); err != nil { //nolint:gosec // workers of servers run as other users
			t.Fatal(err)
		}
	}
	return dir
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

// listening waits until a server takes connections.
func listening(t *testing.T, c *command, addr string) {
	t.Helper()
	eventually(t, filepath.Base(c.Path)+" listens at "+addr, func() bool {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			return false
		}
		return conn.Close() == nil
	})
}
