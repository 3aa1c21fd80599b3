package targets

import (
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/floodmark/floodmark/measure"
)

// TestStreamAnswers holds what servers of HTTP/2 do, right and wrong, and what it is
// called. Each is asked twice; how often the server was asked is counted, since
// net/http's own pool would ask some of them up to seven times.
func TestStreamAnswers(t *testing.T) {
	const (
		ok     = "\x88" // :status 200, in HPACK's table
		silent = time.Second
	)
	// A part of an answer is a function of the stream's number.
	type part func(stream uint32) string
	head := func(fields string) part {
		return func(s uint32) string { return frame(frameHeaders, flagEndHeaders, s, fields) }
	}
	only := func(fields string) part {
		return func(s uint32) string { return frame(frameHeaders, flagEndHeaders|flagEndStream, s, fields) }
	}
	data := func(text string) part { return func(s uint32) string { return frame(kindData, 0, s, text) } }
	last := func(text string) part {
		return func(s uint32) string { return frame(kindData, flagEndStream, s, text) }
	}
	reset := func(code uint32) part {
		return func(s uint32) string { return frame(kindReset, 0, s, number(code)) }
	}
	goAway := func(last, code uint32) part {
		return func(uint32) string { return frame(frameGoAway, 0, 0, number(last)+number(code)+"bye") }
	}
	raw := func(text string) part { return func(uint32) string { return text } }
	write := func(conn net.Conn, stream uint32, parts []part) bool {
		for _, p := range parts {
			if _, err := io.WriteString(conn, p(stream)); err != nil {
				return false
			}
		}
		return true
	}
	says := func(parts ...part) func(net.Conn, uint32) bool { // and goes on
		return func(conn net.Conn, stream uint32) bool { return write(conn, stream, parts) }
	}
	closes := func(parts ...part) func(net.Conn, uint32) bool {
		return func(conn net.Conn, stream uint32) bool { return write(conn, stream, parts) && false }
	}
	breaks := func(parts ...part) func(net.Conn, uint32) bool {
		return func(conn net.Conn, stream uint32) bool {
			write(conn, stream, parts)
			conn.(*net.TCPConn).SetLinger(0)
			return false
		}
	}
	length := func(n int) string { return ok + field("content-length", fmt.Sprint(n)) }
	interim := head(field(":status", "103"))
	var long strings.Builder
	for i := range 12000 {
		fmt.Fprint(&long, field(fmt.Sprintf("x-%05d", i), strings.Repeat("a", 100)))
	}
	var endless []part
	endless = append(endless, func(s uint32) string { return frame(frameHeaders, 0, s, ok) })
	for rest := long.String(); len(rest) > 0; rest = rest[min(len(rest), 16000):] {
		piece := rest[:min(len(rest), 16000)]
		endless = append(endless, func(s uint32) string { return frame(0x9, 0, s, piece) })
	}
	endless = append(endless, func(s uint32) string { return frame(0x9, flagEndHeaders|flagEndStream, s, "") })

	tests := []struct {
		name    string
		script  func(net.Conn, uint32) bool
		want    measure.Outcome
		status  int
		detail  string
		timeout time.Duration
	}{
		{"whole", says(head(ok), data("hel"), last("lo")), measure.Status2xx, 200, "", 0},
		{"no body", says(only(ok)), measure.Status2xx, 200, "", 0},
		{"trailers", says(head(ok), data("hi"), only(field("x", "y"))), measure.Status2xx, 200, "", 0},
		{"redirect", says(only(field(":status", "302") + field("location", "/x"))), measure.Status3xx, 302, "", 0},
		{"client error", says(head("\x8d"), last("no\x1b[31m\r\nway")), measure.Status4xx, 404, "no[31mway", 0},
		{"server error", says(head("\x8e"), last("full")), measure.Status5xx, 500, "full", 0},
		{"interim answer", says(interim, head(ok), last("hi")), measure.Status2xx, 200, "", 0},
		{"answer and then a reset without error", says(head(ok), last("hi"), reset(0)), measure.Status2xx, 200, "", 0},
		{"answer and farewell", says(head(ok), last("hi"), goAway(1<<31-1, 0)), measure.Status2xx, 200, "", 0},

		{"refused stream", says(reset(7)), measure.Reset, 0, "the server reset the stream: REFUSED_STREAM", 0},
		{"internal error", says(reset(2)), measure.Reset, 0, "waiting for the answer: the server reset the stream: INTERNAL_ERROR", 0},
		{"calm", says(reset(11)), measure.Reset, 0, "ENHANCE_YOUR_CALM", 0},
		{"code that nobody knows", says(reset(99)), measure.Reset, 0, "error code 99", 0},
		{"reset in the body", says(head(length(9)), data("hi"), reset(2)), measure.Reset, 200, "reading the body", 0},
		{"not taken, farewell with an error", says(goAway(0, 2)), measure.Reset, 0, "GOAWAY", 0},
		{"farewell and closed", closes(goAway(9, 11)), measure.Reset, 0, "GOAWAY", 0},
		{"closed", closes(), measure.Reset, 0, "waiting for the answer: the connection was closed", 0},
		{"broken", breaks(), measure.Reset, 0, "waiting for the answer", 0},
		{"closed in a frame's head", closes(raw("\x00\x00")), measure.Reset, 0, "closed", 0},
		{"interim answer only", closes(interim), measure.Reset, 0, "closed", 0},

		{"closed in the body", closes(head(length(9)), data("hi")), measure.BodyShort, 200, "reading the body: the connection was closed", 0},
		{"closed in a body of any length", closes(head(ok), data("hi")), measure.BodyShort, 200, "closed", 0},
		{"body too short", says(head(length(9)), last("hi")), measure.BodyShort, 200, "reading the body: the stream ended early", 0},
		{"no body of some length", says(only(length(9))), measure.BodyShort, 200, "", 0},
		{"body too long", says(head(length(2)), last("hiho")), measure.Malformed, 200, "more than declared", 0},

		{"no status", says(only(field("x", "y"))), measure.Malformed, 0, "missing status", 0},
		{"status of words", says(only(field(":status", "ok"))), measure.Malformed, 0, "non-numeric", 0},
		{"status too large", says(only(field(":status", "999"))), measure.Malformed, 999, "status 999 is not within", 0},
		{"status too small", says(only(field(":status", "099"))), measure.Malformed, 99, "status 99 is not within", 0},
		{"capital letters", says(only(ok + field("X-A", "b"))), measure.Malformed, 0, "", 0},
		{"data first", says(last("hi")), measure.Malformed, 0, "", 0},
		{"data on no stream", says(data("hi"), func(uint32) string { return frame(kindData, 0, 0, "hi") }), measure.Malformed, 0, "", 0},
		{"unreadable headers", says(only("\xff\xff\xff\xff\xff\xff\xff\xff")), measure.Malformed, 0, "", 0},
		{"endless headers", says(endless...), measure.Malformed, 0, "", 0},
		{"too large a frame", says(raw("\xff\xff\xff\x00\x00\x00\x00\x00\x01")), measure.Malformed, 0, "", 0},
		{"pushed", says(func(s uint32) string { return frame(0x5, flagEndHeaders, s, number(2)+ok) }), measure.Malformed, 0, "", 0},
		{"HTTP/1.1 in between", says(raw(hello)), measure.Malformed, 0, "", 0},
		{"one interim answer too many", says(interim, interim, interim, interim, interim, interim, interim, interim, interim,
			interim, interim, interim, interim, interim, interim, interim, interim, head(ok), last("")), measure.Malformed, 0, "more than 16 interim", 0},

		{"silence", says(), measure.Timeout, 0, "waiting for the answer: the timeout of 1s passed", silent},
		{"silence in the body", says(head(length(9)), data("hi")), measure.Timeout, 200, "reading the body: the timeout", silent},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := serveFrames(t, "", tt.script)
			target := at(t, server.url)
			target.Timeout = tt.timeout
			req := compile(t, target, "/")
			client := standard(t, target, H2C).NewClient()
			defer client.Close()
			for i := range int64(2) {
				var resp Response
				client.Send(t.Context(), req, &resp)
				if resp.Outcome != tt.want || resp.Status != tt.status || !strings.Contains(string(resp.Detail), tt.detail) {
					t.Errorf("outcome %v, status %d, detail %q, want %v, %d and %q", resp.Outcome, resp.Status, resp.Detail, tt.want, tt.status, tt.detail)
				}
				if resp.Done.Before(resp.Sent) || len(resp.Detail) > maxDetail || resp.BytesOut == 0 || resp.Status > 0 && resp.FirstByte.IsZero() {
					t.Errorf("response %+v", resp)
				}
				if got := server.asked.Load(); got != i+1 {
					t.Errorf("the server was asked %d times, want %d", got, i+1)
				}
			}
		})
	}
}

// A stream that the server has not taken when it says farewell goes elsewhere: it is
// in nobody's log. But not for ever.
func TestStreamNotTakenGoesElsewhere(t *testing.T) {
	for _, farewells := range []int64{1, 2, 3} {
		var said atomic.Int64
		server := serveFrames(t, "", func(conn net.Conn, stream uint32) bool {
			if said.Add(1) <= farewells {
				_, err := io.WriteString(conn, frame(frameGoAway, 0, 0, number(0)+number(0)))
				return err == nil
			}
			_, err := io.WriteString(conn, frame(frameHeaders, flagEndHeaders|flagEndStream, stream, field(":status", "200")))
			return err == nil
		})
		target := at(t, server.url)
		client := standard(t, target, H2C).NewClient()
		var resp Response
		client.Send(t.Context(), compile(t, target, "/"), &resp)
		want, asked := measure.Status2xx, farewells+1
		if farewells == maxUnopened {
			want, asked = measure.Reset, maxUnopened
		}
		if resp.Outcome != want || server.asked.Load() != asked {
			t.Errorf("after %d farewells: outcome %v, asked %d times: %s", farewells, resp.Outcome, server.asked.Load(), resp.Detail)
		}
		client.Close()
	}
}

// What keeps a connection of HTTP/2 from being used at all.
func TestStreamOpenings(t *testing.T) {
	tests := []struct {
		name    string
		talk    func(*scripted, net.Conn)
		want    measure.Outcome
		detail  string
		timeout time.Duration
	}{
		{"silence", func(_ *scripted, conn net.Conn) { io.Copy(io.Discard, conn) }, measure.Timeout, "waiting for the server's HTTP/2 settings: the timeout", time.Second},
		{"closed", func(_ *scripted, conn net.Conn) { conn.Read(make([]byte, 1000)) }, measure.Reset, "waiting for the server's HTTP/2 settings", 0},
		{"broken", func(_ *scripted, conn net.Conn) {
			conn.Read(make([]byte, 1000))
			conn.(*net.TCPConn).SetLinger(0)
		}, measure.Reset, "waiting for the server's HTTP/2 settings", 0},
		{"HTTP/1.1", func(_ *scripted, conn net.Conn) {
			io.WriteString(conn, "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
			io.Copy(io.Discard, conn)
		}, measure.Malformed, "not HTTP/2", 0},
		{"another frame first", func(_ *scripted, conn net.Conn) {
			io.WriteString(conn, frame(kindPing, 0, 0, "12345678"))
			io.Copy(io.Discard, conn)
		}, measure.Malformed, "not HTTP/2", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			target := at(t, serveRaw(t, tt.talk).url)
			target.Timeout = tt.timeout
			client := standard(t, target, H2C).NewClient()
			var resp Response
			client.Send(t.Context(), compile(t, target, "/"), &resp)
			if resp.Outcome != tt.want || !strings.Contains(string(resp.Detail), tt.detail) {
				t.Errorf("outcome %v, detail %q, want %v and %q", resp.Outcome, resp.Detail, tt.want, tt.detail)
			}
		})
	}
}
