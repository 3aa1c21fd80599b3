package verify

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Only lower limits are asked for: how late a busy machine is, is no fault.
func TestServerDelaysAndHolds(t *testing.T) {
	law := Law{0, 20 * ms}
	stall := Stall{Start: 60 * ms, End: 100 * ms, Gap: ms}
	s, err := startServer(t.Context(), law, stall, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", s.addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	answers := bufio.NewReader(conn)
	for _, class := range []int{1, 0, 1, 1, 1} {
		// In two parts, as a network may bring it.
		fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\n", path(class))
		fmt.Fprint(conn, "\r\n")
		resp, err := http.ReadResponse(answers, nil)
		if err != nil || resp.StatusCode != 200 || resp.ContentLength != 2 {
			t.Fatalf("got %v, %v, want 200 with two bytes", resp, err)
		}
		if body, err := io.ReadAll(resp.Body); err != nil || string(body) != "ok" {
			t.Fatalf("got the body %q, %v, want ok", body, err)
		}
		resp.Body.Close()
	}
	visits, err := s.stop()
	if err != nil {
		t.Fatal(err)
	}
	if len(visits) != 5 {
		t.Fatalf("got %d visits, want 5", len(visits))
	}
	for i, v := range visits {
		ready := v.received + law[v.class]
		if v.answered < ready {
			t.Errorf("visit %d, %+v: answered before its delay was over", i, v)
		}
		if stall.holds(v.received, ready) && v.answered < stall.End {
			t.Errorf("visit %d, %+v: answered during the stall", i, v)
		}
	}
	if last := visits[4]; last.answered < stall.End { // the fourth at the latest is held
		t.Errorf("got the last answer at %v, want it after the stall", last.answered)
	}
}

func TestServerTellsOfWhatIsNoRequest(t *testing.T) {
	for _, request := range []string{
		"GET /7 HTTP/1.1\r\n\r\n", "POST /0 HTTP/1.1\r\n\r\n", "GET /0 HTTP/1.0\r\n\r\n", "\r\n\r\n",
		"GET /0?" + strings.Repeat("x", maxHead),
	} {
		s, err := startServer(t.Context(), Law{0}, Stall{}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		conn, err := net.Dial("tcp", s.addr())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(conn, request)
		if n, err := conn.Read(make([]byte, 1)); err == nil {
			t.Errorf("%.20q: got %d bytes, want a closed connection", request, n)
		}
		conn.Close()
		if visits, err := s.stop(); err == nil || len(visits) > 0 {
			t.Errorf("%.20q: got %v and %v, want an error", request, visits, err)
		}
	}
}

// Stopping ends waits for delays and for requests alike.
func TestStopEndsEverything(t *testing.T) {
	s, err := startServer(t.Context(), Law{time.Hour}, Stall{}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, request := range []string{"", "GET /0 HTTP/1.1\r\n\r\n"} {
		conn, err := net.Dial("tcp", s.addr())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprint(conn, request)
	}
	if visits, err := s.stop(); err != nil || len(visits) > 0 {
		t.Errorf("got %v and %v, want nothing", visits, err)
	}
}
