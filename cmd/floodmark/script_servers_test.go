package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	demoserver "github.com/floodmark/floodmark/demo-server"
)

// cmdShop starts the bundled backend on free ports, fast and unlimited unless a
// law of service times is given.
func cmdShop(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 1 {
		ts.Fatalf("usage: shop [LAW]")
	}
	config := demoserver.Config{Addr: "127.0.0.1:0", AdminAddr: "127.0.0.1:0", Slots: 64, Law: "fixed:100us"}
	if len(args) == 1 {
		config.Law = args[0]
	}
	server, err := demoserver.Start(config)
	ts.Check(err)
	ts.Defer(func() {
		ctx, cancel := context.WithTimeout(context.Background(), shutdownLimit)
		defer cancel()
		_ = server.Shutdown(ctx)
	})
	ts.Setenv("SHOP", "http://"+server.Addr())
	ts.Setenv("ADMIN", server.AdminAddr())
}

// A log keeps what a target received.
type log struct {
	mu    sync.Mutex
	lines []string
}

func (l *log) add(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, line)
}

func (l *log) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.lines, "")
}

// ServeHTTP answers by the path: /status/503 with that status, /slow after half
// a second, /echo with an error that repeats the request, /away and /round with
// a redirect to another host and to itself; anything else with 200.
func (l *log) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	l.add(fmt.Sprintf("%s %s %s %s\n", r.Method, r.URL.RequestURI(), r.Header.Get("X-Mark"), body))
	status, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/status/"))
	switch {
	case r.URL.Path == "/slow":
		select {
		case <-time.NewTimer(500 * time.Millisecond).C:
		case <-r.Context().Done():
		}
	case r.URL.Path == "/echo":
		w.WriteHeader(http.StatusInternalServerError)
		user, password, _ := r.BasicAuth()
		_, _ = fmt.Fprintf(w, "refused: %s %s %s %s %s", r.Header.Get("X-Api-Token"), r.Header.Get("Authorization"), user+password, r.URL.RawQuery, body)
	case r.URL.Path == "/away":
		http.Redirect(w, r, "http://192.0.2.1/", http.StatusFound)
	case r.URL.Path == "/round":
		http.Redirect(w, r, "/home", http.StatusFound)
	case status > 0:
		w.WriteHeader(status)
	}
}

// cmdTarget starts a server that keeps what it receives.
func cmdTarget(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: target")
	}
	kept := &log{}
	server := httptest.NewServer(kept)
	ts.Defer(server.Close)
	ts.Setenv("TARGET", server.URL)
	ts.Setenv("TARGET_HOST", strings.TrimPrefix(server.URL, "http://"))
	ts.SetCmd("received", func(ts *testscript.TestScript, _ bool, _ []string) {
		_, err := io.WriteString(ts.Stdout(), kept.text())
		ts.Check(err)
	})
}

// cmdNotStarted stands for commands that target and start put in its place.
func cmdNotStarted(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Fatalf("there is nothing yet: target or start comes first")
}
