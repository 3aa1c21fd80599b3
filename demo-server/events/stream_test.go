package events

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// ask asks a log, with headers such as "Origin: http://evil.test".
func ask(l *Log, target string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, target, nil)
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	l.Handler().ServeHTTP(w, r)
	return w
}

func TestHandler(t *testing.T) {
	var l Log
	for i := range room + 2 {
		l.Add("k", "s", fmt.Sprint(i+1))
	}
	for _, tt := range []struct {
		target string
		header string
		status int
		begins string
		lines  int
	}{
		{"/events?after=1000", "", 200, `{"id":1001,`, 2},
		{"/events?after=1002", "", 200, "", 0},
		{"/events?after=2", "", 200, `{"id":3,`, room},
		{"/events?after=1&follow=0", "", 200, `{"gap":1}`, room + 1},
		{"/events", "", 200, `{"gap":2}`, room + 1},
		{"/events?after=5000", "", 200, `{"gap":2}`, room + 1},
		{"/events?after=-1", "", 400, `{"error":"after=\"-1\": want the ID of an event, such as 17"}`, 1},
		{"/events?follow=yes", "", 400, `{"error":"follow=\"yes\": want 1 or 0"}`, 1},
		{"/events", "Sec-Fetch-Site: cross-site", 403, `{"error":"a page of another origin`, 1},
		{"/events", "Sec-Fetch-Site: same-origin", 200, `{"gap":2}`, room + 1},
		{"/other", "", 404, "404", 1},
	} {
		got := ask(&l, tt.target, tt.header)
		if got.Code != tt.status || !strings.HasPrefix(got.Body.String(), tt.begins) || strings.Count(got.Body.String(), "\n") != tt.lines {
			t.Errorf("%s %s: got %d, %d lines, %.90s…", tt.target, tt.header, got.Code, strings.Count(got.Body.String(), "\n"), got.Body)
		}
	}
	if got := ask(&l, "/events").Header().Get("Content-Type"); got != "application/x-ndjson" {
		t.Errorf("got %q", got)
	}
}

// A screen is an answer that a test looks at while it goes on.
type screen struct {
	*httptest.ResponseRecorder
	mu sync.Mutex
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ResponseRecorder.Write(p)
}

func (s *screen) Flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ResponseRecorder.Flush()
}

// news returns what was written since it was called last, and whether all of it was sent.
func (s *screen) news() (text string, sent bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	text, sent = s.Body.String(), s.Flushed
	s.Body.Reset()
	return text, sent
}

// A stream is all there is, at once, then each event as it comes, and a sign of life in
// between; Close ends it.
func TestStreamOverTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l Log
		w := &screen{ResponseRecorder: httptest.NewRecorder()}
		var group sync.WaitGroup
		group.Go(func() {
			l.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/events?follow=1", nil))
		})
		want := func(text string) {
			t.Helper()
			synctest.Wait()
			if got, sent := w.news(); got != text || !sent {
				t.Errorf("got %q, sent %v, want %q", got, sent, text)
			}
		}
		want("") // and yet the client hears that it is heard
		line := `{"id":%d,"at":"2000-01-01T00:00:%02dZ","kind":"k","subject":"s","text":"t"}` + "\n"
		l.Add("k", "s", "t")
		want(fmt.Sprintf(line, 1, 0))
		time.Sleep(heartbeat - time.Nanosecond)
		want("")
		time.Sleep(time.Nanosecond)
		want("{}\n")
		time.Sleep(3 * time.Second)
		l.Add("k", "s", "t")
		l.Add("k", "s", "t")
		want(fmt.Sprintf(line, 2, 8) + fmt.Sprintf(line, 3, 8))
		time.Sleep(4 * time.Second)
		want("") // the event was a sign of life
		time.Sleep(time.Second)
		want("{}\n")
		l.Add("k", "s", "t")
		l.Close()
		group.Wait()
		want(fmt.Sprintf(line, 4, 13))
		if l.followers != 0 {
			t.Errorf("%d follow", l.followers)
		}
		// Whoever comes after Close gets what there is.
		if got := ask(&l, "/events?follow=1&after=3").Body.String(); got != fmt.Sprintf(line, 4, 13) {
			t.Errorf("got %q", got)
		}
	})
}

func TestStreamEndsWithItsClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l Log
		ctx, leave := context.WithCancel(t.Context())
		var group sync.WaitGroup
		for range maxFollowers {
			group.Go(func() {
				l.Handler().ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, http.MethodGet, "/events?follow=1", nil))
			})
		}
		synctest.Wait()
		got := ask(&l, "/events?follow=1")
		if got.Code != http.StatusServiceUnavailable || got.Header().Get("Retry-After") != "5" || !strings.Contains(got.Body.String(), "32 follow already") {
			t.Errorf("got %d %s", got.Code, got.Body)
		}
		if got := ask(&l, "/events"); got.Code != http.StatusOK { // which does not follow
			t.Errorf("got %d %s", got.Code, got.Body)
		}
		leave()
		group.Wait()
		if l.followers != 0 {
			t.Errorf("%d follow", l.followers)
		}
	})
}

// A stuck is an answer that somebody does not read for a while.
type stuck struct {
	*httptest.ResponseRecorder
	turn chan struct{} // a word for each write
}

func (s stuck) Write(p []byte) (int, error) {
	<-s.turn
	return s.ResponseRecorder.Write(p)
}

// Who is slow loses nothing within the ring, and learns of what is lost beyond it.
func TestSlowFollower(t *testing.T) {
	for _, tt := range []struct {
		added  int
		second string // line
		lines  int
	}{
		{room + 1, `{"id":2,`, room + 1},
		{room + 4, `{"gap":3}`, room + 2},
	} {
		synctest.Test(t, func(t *testing.T) {
			var l Log
			s := stuck{httptest.NewRecorder(), make(chan struct{})}
			var group sync.WaitGroup
			group.Go(func() {
				l.Handler().ServeHTTP(s, httptest.NewRequest(http.MethodGet, "/events?follow=1", nil))
			})
			synctest.Wait()
			l.Add("k", "s", "1")
			synctest.Wait() // it is stuck at this one
			for range tt.added - 1 {
				l.Add("k", "s", "t")
			}
			close(s.turn)
			synctest.Wait()
			l.Close()
			group.Wait()
			lines := strings.Split(strings.TrimSpace(s.Body.String()), "\n")
			if len(lines) != tt.lines || !strings.HasPrefix(lines[1], tt.second) {
				t.Errorf("%d added: got %d lines, second %s, want %d, %s…", tt.added, len(lines), lines[1], tt.lines, tt.second)
			}
		})
	}
}

// A failing writer is a connection that is gone.
type failing struct{ *httptest.ResponseRecorder }

func (failing) Write([]byte) (int, error) { return 0, errors.New("gone") }

func TestStreamEndsWhenNobodyTakesIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l Log
		var group sync.WaitGroup
		group.Go(func() {
			l.Handler().ServeHTTP(failing{httptest.NewRecorder()}, httptest.NewRequest(http.MethodGet, "/events?follow=1", nil))
		})
		time.Sleep(heartbeat)
		group.Wait()
	})
}

// The limits that an admin server has for whole requests do not end a stream.
func TestStreamOutlivesTheServersLimits(t *testing.T) {
	var l Log
	server := httptest.NewUnstartedServer(l.Handler())
	const limit = 50 * time.Millisecond
	server.Config.ReadTimeout, server.Config.WriteTimeout = limit, limit
	server.Start()
	defer server.Close()
	defer l.Close()
	response, err := http.Get(server.URL + "/events?follow=1")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	time.Sleep(3 * limit) // what must pass, not what is waited for
	l.Add("k", "s", "late")
	line, err := bufio.NewReader(response.Body).ReadString('\n')
	if err != nil || !strings.Contains(line, "late") {
		t.Errorf("got %q, %v", line, err)
	}
}

// A client that leaves is noticed at once, on a real connection.
func TestStreamOfARealServer(t *testing.T) {
	var l Log
	left := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(left)
		l.Handler().ServeHTTP(w, r)
	}))
	defer server.Close()
	l.Add("k", "s", "first")
	response, err := http.Get(server.URL + "/events?follow=1")
	if err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 5)
	if _, err := io.ReadFull(response.Body, line); err != nil || string(line) != `{"id"` {
		t.Errorf("got %q, %v", line, err)
	}
	response.Body.Close()
	<-left
	http.DefaultClient.CloseIdleConnections()
}
