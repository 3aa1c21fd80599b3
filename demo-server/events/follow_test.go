package events

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const token = "t0p-s3cr3t"

func TestFollow(t *testing.T) {
	var l Log
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.String()+" "+r.Header.Get("Authorization"))
		l.Handler().ServeHTTP(w, r)
	}))
	defer server.Close()
	l.Add(Killed, "web-1", "one")
	l.Add(Killed, "web-2", "two")
	var got []Event
	err := Follow(t.Context(), server.URL+"/", token, 1, func(e Event) {
		got = append(got, e)
		if len(got) == 1 {
			l.Add(Restarted, "web-2", "three")
			return
		}
		l.Close()
	})
	if !errors.Is(err, ErrEnded) || !strings.HasPrefix(err.Error(), "events of "+server.URL) {
		t.Errorf("got %v, want that it has ended", err)
	}
	if texts(got) != "2:two 3:three" || got[0].Kind != Killed || got[0].Subject != "web-2" || got[0].At != l.Since(1)[0].At {
		t.Errorf("got %+v", got)
	}
	if len(asked) != 1 || asked[0] != "/events?follow=1&after=1 Bearer "+token {
		t.Errorf("asked %q", asked)
	}
}

func TestFollowLearnsWhatIsLost(t *testing.T) {
	var l Log
	for range room + 7 {
		l.Add("k", "s", "t")
	}
	l.Close()
	server := httptest.NewServer(l.Handler())
	defer server.Close()
	var missed uint64
	n := 0
	err := Follow(t.Context(), server.URL, "", 3, func(e Event) { missed += e.Missed; n++ })
	if !errors.Is(err, ErrEnded) || missed != 4 || n != room {
		t.Errorf("got %v, %d missed, %d events, want 4 and %d", err, missed, n, room)
	}
}

func TestFollowInVain(t *testing.T) {
	gone := httptest.NewServer(nil)
	gone.Close()
	for _, tt := range []struct {
		name   string
		handle http.HandlerFunc
		want   string // after the address
	}{
		{"nobody there", nil, "connect: connection refused"},
		{"no demo backend", http.NotFound, "it answered 404 Not Found; is that the admin address of a demo backend?"},
		{"elsewhere", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://192.0.2.1/", http.StatusFound)
		}, "it answered 302 Found; is that"},
		{"a token that is repeated", func(w http.ResponseWriter, r *http.Request) {
			refuse(w, http.StatusUnauthorized, "not "+r.Header.Get("Authorization")+"\n, try another")
		}, "it answered 401 Unauthorized: not Bearer *** , try another"},
		{"endless words", func(w http.ResponseWriter, _ *http.Request) {
			refuse(w, http.StatusBadRequest, strings.Repeat("a", 500))
		}, "it answered 400 Bad Request: " + strings.Repeat("a", 199) + "…"},
		{"no JSON", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "hello") }, "a line is not JSON: "},
		{"an endless line", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, strings.Repeat(" ", maxLine+1)) }, "token too long"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			address := gone.URL
			if tt.handle != nil {
				server := httptest.NewServer(tt.handle)
				defer server.Close()
				address = server.URL
			}
			f := Follower{BaseURL: address, Token: token, Each: func(e Event) { t.Errorf("got %+v", e) }}
			if said := fmt.Sprintf("%v %+v %#v %s", f, f, f, &f); strings.Contains(said, token) {
				t.Errorf("got %s", said)
			}
			err := f.Run(t.Context(), 0)
			if err == nil || !strings.HasPrefix(err.Error(), "events of "+address+": ") || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), token) {
				t.Errorf("got %v, want …%s…", err, tt.want)
			}
		})
	}
	if err := Follow(t.Context(), gone.URL, "two\nlines", 0, nil); err == nil || strings.Contains(err.Error(), "lines") {
		t.Errorf("got %v, want an error without the token", err)
	}
}

// Who follows is told that it does before the first event, and not when it may not.
func TestFollowBegins(t *testing.T) {
	var l Log
	server := httptest.NewServer(l.Handler())
	defer server.Close()
	ctx, cancel := context.WithCancel(t.Context())
	if err := (Follower{BaseURL: server.URL, Began: cancel}).Run(ctx, 0); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that it began, and was cancelled", err)
	}
	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	if err := (Follower{BaseURL: other.URL, Began: func() { t.Error("it began") }}).Run(t.Context(), 0); err == nil {
		t.Error("got no error")
	}
}

func TestFollowUntilCancelled(t *testing.T) {
	var l Log
	server := httptest.NewServer(l.Handler())
	defer server.Close()
	l.Add("k", "s", "t")
	ctx, cancel := context.WithCancel(t.Context())
	if err := Follow(ctx, server.URL, "", 0, func(Event) { cancel() }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that it was cancelled", err)
	}
}

// A pipe answers with a stream that the test writes, or with nothing.
type pipe struct{ reader *io.PipeReader }

func (p pipe) RoundTrip(r *http.Request) (*http.Response, error) {
	context.AfterFunc(r.Context(), func() { _ = p.reader.CloseWithError(r.Context().Err()) })
	return &http.Response{StatusCode: http.StatusOK, Body: p.reader}, nil
}

// A backend that says nothing for fifteen seconds is dead; the time that events take here
// does not count.
func TestFollowNoticesADeadBackend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reader, writer := io.Pipe()
		go func() {
			time.Sleep(silence - 1)
			_, _ = io.WriteString(writer, "{}\n")
			time.Sleep(silence - 1)
			_, _ = io.WriteString(writer, `{"later":true}`+"\n"+`{"id":1}`+"\n")
		}()
		n := 0
		f := Follower{BaseURL: "http://backend.test", transport: pipe{reader}, Each: func(Event) {
			n++
			time.Sleep(time.Minute)
		}}
		begun := time.Now()
		err := f.Run(t.Context(), 0)
		want := time.Minute + 3*silence - 2
		if err == nil || err.Error() != "events of http://backend.test: it was silent for 15s" || time.Since(begun) != want || n != 1 {
			t.Errorf("got %v after %v, %d events, want silence after %v", err, time.Since(begun), n, want)
		}
	})
}
