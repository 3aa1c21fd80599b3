package http1

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
)

// oracle reads a stream as net/http does, interim responses passed over.
func oracle(stream string, toHead bool) oracleReading {
	req := &http.Request{Method: http.MethodGet}
	if toHead {
		req.Method = http.MethodHead
	}
	r := bufio.NewReader(strings.NewReader(stream))
	var got oracleReading
	for {
		resp, err := http.ReadResponse(r, req) //nolint:bodyclose // it is read from memory
		if err != nil {
			got.head = err
			return got
		}
		if resp.StatusCode >= 100 && resp.StatusCode < 200 && resp.StatusCode != http.StatusSwitchingProtocols {
			got.interims++
			continue
		}
		got.Response = resp
		body, err := io.ReadAll(resp.Body)
		got.content, got.body = string(body), err
		return got
	}
}

type oracleReading struct {
	*http.Response
	interims   int
	head, body error
	content    string
}

// stricter lists the errors that are ours alone, as the package's comment argues:
// where one of them is met, net/http may think what it likes.
var stricter = []MalformedError{
	ErrBadVersion, ErrBadStatus, ErrBadReason, ErrBadName, ErrBadValue, ErrBadFold, ErrOldCoding, ErrBadExtension, ErrManyInterims, ErrLongHead,
}

func FuzzParser(f *testing.F) {
	for _, seed := range []string{
		typical, "HTTP/1.1 200 OK\r\n\r\nhello", "HTTP/1.0 200 OK\nConnection: keep-alive, x\nContent-Length: 1\n\nx",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nA: b\r\n\r\nrest",
		"HTTP/1.1 100 \r\n\r\nHTTP/1.1 204 No\r\nContent-Length: 5\r\nA: b\r\n c\r\n\r\n", "HTTP/1.1 101 \r\n\r\nx",
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"HTTP/1.1 200 \nTrAnsfer-EnCoding:Chunked\n\n5;\x7f\r\n00000\r\n0\r\n\r\n", "HTTP/1.0 200 \nTrAnsfer-EnCoding:0000000\n\n",
		"HTTP/1.1 302 \r\nLocation: /x\r\nContent-Encoding: identity\r\nContent-Length: 0\r\nConnection:close\r\n\r\n",
	} {
		f.Add(seed, false, uint16(3))
		f.Add(seed, true, uint16(20))
	}
	f.Fuzz(func(t *testing.T, stream string, toHead bool, cut uint16) {
		got := read(stream, toHead)
		if again := read(stream, toHead, min(int(cut), len(stream))); again != got {
			t.Fatalf("%q cut at %d:\ngot  %+v\nwant %+v", stream, cut, again, got)
		}
		agree(t, stream, toHead, got)
	})
}

// agree compares a reading with the oracle's.
func agree(t *testing.T, stream string, toHead bool, got reading) {
	t.Helper()
	for _, ours := range stricter {
		if errors.Is(got.err, ours) {
			return
		}
	}
	want := oracle(stream, toHead)
	switch {
	case want.head != nil && got.err == nil:
		t.Fatalf("%q: net/http refuses it (%v), we do not: %+v", stream, want.head, got)
	case want.head == nil && want.body == nil && got.err != nil:
		t.Fatalf("%q: we refuse it (%v), net/http does not: %q", stream, got.err, want.content)
	case want.head != nil, errors.Is(got.err, ErrClosed), errors.Is(got.err, ErrBadCoding), errors.Is(got.err, ErrTwoLengths):
		return
	case want.StatusCode != got.status:
		t.Fatalf("%q: status %d, want %d", stream, got.status, want.StatusCode)
	case want.body != nil && got.err == nil && !longTrailers(stream):
		t.Fatalf("%q: net/http breaks off (%v), we do not: %q", stream, want.body, got.body)
	case want.body == nil && got.err == nil && want.content != got.body:
		t.Fatalf("%q: body %q, want %q", stream, got.body, want.content)
	case got.err == nil && want.Close && !got.close:
		t.Fatalf("%q: net/http would close, we would not", stream)
	case got.location != want.Header.Get("Location") && !strings.Contains(strings.ToLower(stream), "\n ") && len(want.Header["Location"]) == 1:
		t.Fatalf("%q: location %q, want %q", stream, got.location, want.Header.Get("Location"))
	}
}

// longTrailers reports whether the trailers may be more than net/http takes.
func longTrailers(stream string) bool {
	return bytes.Count([]byte(stream), []byte("\n")) > 0 && len(stream) > 4<<10
}
