package http1

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// A reading is what became of a stream of bytes.
type reading struct {
	status   int
	body     string
	rest     int // bytes behind the response
	close    bool
	err      error
	location string
}

// read parses a stream whose peer closes at its end, handing it on in pieces that
// end where cuts says.
func read(stream string, toHead bool, cuts ...int) reading {
	var p Parser
	p.Reset()
	var r reading
	b, from := []byte(stream), 0
	headed := false
	for _, to := range append(cuts, len(b)) {
		for !headed {
			n, err := p.Head(b[from:to], toHead)
			if err != nil {
				return reading{status: p.Status, err: err}
			}
			if n == 0 {
				break
			}
			from += n
			headed = !p.Interim()
			r.location = string(p.Location)
		}
		for headed && !p.Done() {
			content, n, err := p.Body(b[from:to])
			r.body += string(content)
			from += n
			if err != nil {
				return reading{status: p.Status, body: r.body, err: err}
			}
			if n == 0 {
				break
			}
		}
	}
	r.status, r.close, r.err = p.Status, p.Close, p.End()
	if r.err == nil {
		r.rest = len(b) - from
	}
	return r
}

func TestResponses(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\n"
	chunked := ok + "Transfer-Encoding: chunked\r\n\r\n"
	for _, tt := range []struct {
		name, stream string
		want         reading
	}{
		{"sized", ok + "Content-Length: 2\r\n\r\nhi", reading{status: 200, body: "hi"}},
		{"empty", ok + "Content-Length: 0\r\n\r\n", reading{status: 200}},
		{"no reason", "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", reading{status: 200}},
		{"empty reason", "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", reading{status: 200}},
		{"bare line feeds", "HTTP/1.1 200 OK\nContent-Length: 2\n\nhi", reading{status: 200, body: "hi"}},
		{"any case, any space", ok + "cOnTeNt-LeNgTh:\t 2 \t\r\n\r\nhi", reading{status: 200, body: "hi"}},
		{"the same length twice", ok + "Content-Length: 2\r\nContent-Length: 2\r\n\r\nhi", reading{status: 200, body: "hi"}},
		{"until it closes", ok + "\r\nhi", reading{status: 200, body: "hi", close: true}},
		{"chunked", chunked + "2\r\nhi\r\n3 ;x=\"y\"\r\n ho\r\n0\r\n\r\n", reading{status: 200, body: "hi ho"}},
		{"chunked with trailers", chunked + "2\r\nhi\r\n00\r\nA: b\r\nC:\r\n\r\n", reading{status: 200, body: "hi"}},
		{"chunked and sized", ok + "Content-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", reading{status: 200, body: "x", close: true}},
		{"no content", "HTTP/1.1 204 No\r\nContent-Length: 9\r\n\r\n", reading{status: 204}},
		{"not modified", "HTTP/1.1 304 No\r\nContent-Length: 9\r\n\r\n", reading{status: 304}},
		{"interim", "HTTP/1.1 100 Go\r\n\r\nHTTP/1.1 103 Hint\r\nContent-Length: 7\r\n\r\n" + ok + "Content-Length: 2\r\n\r\nhi", reading{status: 200, body: "hi"}},
		{"switched", "HTTP/1.1 101 On\r\n\r\nxyz", reading{status: 101, close: true, rest: 3}},
		{"connection: close", ok + "Connection: x , CLOSE\r\nContent-Length: 0\r\n\r\n", reading{status: 200, close: true}},
		{"HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", reading{status: 200, body: "hi", close: true}},
		{"HTTP/1.0 that stays", "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nhi", reading{status: 200, body: "hi"}},
		{"folded where nobody looks", ok + "X-A: b\r\n c\r\nContent-Length: 0\r\n\r\n", reading{status: 200}},
		{"location", "HTTP/1.1 302 Found\r\nLocation:  /x y \r\nContent-Length: 0\r\n\r\n", reading{status: 302, location: "/x y"}},
		{"bytes behind", ok + "Content-Length: 2\r\n\r\nhiho", reading{status: 200, body: "hi", rest: 2}},
		{"bytes behind chunks", chunked + "0\r\n\r\nho", reading{status: 200, rest: 2}},

		{"nothing", "", reading{err: ErrClosed}},
		{"half a head", ok + "Content-Le", reading{status: 200, err: ErrClosed}},
		{"interim only", "HTTP/1.1 100 Go\r\n\r\n", reading{status: 100, err: ErrClosed}},
		{"half a body", ok + "Content-Length: 3\r\n\r\nhi", reading{status: 200, body: "hi", err: ErrShort}},
		{"half a chunk", chunked + "3\r\nhi", reading{status: 200, body: "hi", err: ErrShort}},
		{"no last chunk", chunked + "2\r\nhi\r\n", reading{status: 200, body: "hi", err: ErrShort}},
		{"half a trailer", chunked + "0\r\nA: b\r\n", reading{status: 200, err: ErrShort}},

		{"another protocol", "SSH-2.0-OpenSSH_9.2\r\n", reading{err: ErrNotHTTP}},
		{"empty line", "\r\n" + ok, reading{err: ErrNotHTTP}},
		{"no line", "\x15\x03\x01\x00", reading{err: ErrNotHTTP}},
		{"half a name", "HT", reading{err: ErrClosed}},
		{"short line", "HTTP/1.1\r\n\r\n", reading{err: ErrNotHTTP}},
		{"tab in the status line", "HTTP/1.1\t200 OK\r\n\r\n", reading{err: ErrNotHTTP}},
		{"HTTP/2", "HTTP/2.0 200 OK\r\n\r\n", reading{err: ErrBadVersion}},
		{"HTTP/1.2", "HTTP/1.2 200 OK\r\n\r\n", reading{err: ErrBadVersion}},
		{"status of letters", "HTTP/1.1 2xx OK\r\n\r\n", reading{err: ErrBadStatus}},
		{"status of four digits", "HTTP/1.1 2000 OK\r\n\r\n", reading{err: ErrBadStatus}},
		{"status too small", "HTTP/1.1 099 OK\r\n\r\n", reading{status: 99, err: ErrBadStatus}},
		{"status too large", "HTTP/1.1 600 OK\r\n\r\n", reading{status: 600, err: ErrBadStatus}},
		{"control in the reason", "HTTP/1.1 200 O\x00K\r\n\r\n", reading{status: 200, err: ErrBadReason}},
		{"no colon", ok + "nonsense\r\n\r\n", reading{status: 200, err: ErrBadName}},
		{"no name", ok + ": x\r\n\r\n", reading{status: 200, err: ErrBadName}},
		{"space before the colon", ok + "Content-Length : 2\r\n\r\n", reading{status: 200, err: ErrBadName}},
		{"name of other letters", ok + "Größe: 2\r\n\r\n", reading{status: 200, err: ErrBadName}},
		{"carriage return in a value", ok + "A: b\rc\r\n\r\n", reading{status: 200, err: ErrBadValue}},
		{"NUL in a value", ok + "A: 0123456789\x00\r\n\r\n", reading{status: 200, err: ErrBadValue}},
		{"DEL in a value", ok + "A: 01234567\x7f9\r\n\r\n", reading{status: 200, err: ErrBadValue}},
		{"folded first line", ok + " A: b\r\n\r\n", reading{status: 200, err: ErrBadFold}},
		{"folded length", ok + "Content-Length: 1\r\n 2\r\n\r\n", reading{status: 200, err: ErrBadFold}},
		{"no length", ok + "Content-Length:\r\n\r\n", reading{status: 200, err: ErrBadLength}},
		{"negative length", ok + "Content-Length: -1\r\n\r\n", reading{status: 200, err: ErrBadLength}},
		{"signed length", ok + "Content-Length: +1\r\n\r\n", reading{status: 200, err: ErrBadLength}},
		{"list of lengths", ok + "Content-Length: 1, 1\r\n\r\n", reading{status: 200, err: ErrBadLength}},
		{"length beyond 63 bits", ok + "Content-Length: 9223372036854775808\r\n\r\n", reading{status: 200, err: ErrBadLength}},
		{"two lengths", ok + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", reading{status: 200, err: ErrTwoLengths}},
		{"unknown coding", ok + "Transfer-Encoding: gzip, chunked\r\n\r\n", reading{status: 200, err: ErrBadCoding}},
		{"chunked twice", ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", reading{status: 200, err: ErrBadCoding}},
		{"chunks of HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", reading{status: 200, err: ErrOldCoding}},
		{"no chunk size", chunked + "\r\n", reading{status: 200, err: ErrBadChunkSize}},
		{"chunk size of letters", chunked + "hello\r\n", reading{status: 200, err: ErrBadChunkSize}},
		{"chunk size beyond 63 bits", chunked + "8000000000000000\r\n", reading{status: 200, err: ErrBadChunkSize}},
		{"two chunk sizes", chunked + "1 2\r\n", reading{status: 200, err: ErrBadChunkSize}},
		{"chunk size with a bare line feed", chunked + "2\nhi", reading{status: 200, err: ErrBadChunkSize}},
		{"control in an extension", chunked + "2;\x01\r\n", reading{status: 200, err: ErrBadExtension}},
		{"endless extension", chunked + "2;" + strings.Repeat("x", maxChunkLine) + "\r\n", reading{status: 200, err: ErrLongChunkLine}},
		{"chunk longer than told", chunked + "2\r\nhiho\r\n", reading{status: 200, body: "hi", err: ErrBadChunkEnd}},
		{"chunk with a bare line feed", chunked + "2\r\nhi\n0\r\n\r\n", reading{status: 200, body: "hi", err: ErrBadChunkEnd}},
		{"trailer without colon", chunked + "0\r\nnonsense\r\n\r\n", reading{status: 200, err: ErrBadTrailer}},
		{"control in a trailer", chunked + "0\r\nA: \x00\r\n\r\n", reading{status: 200, err: ErrBadTrailer}},
		{"endless trailers", chunked + "0\r\n" + strings.Repeat("A: b\r\n", maxTrailers/6+1), reading{status: 200, err: ErrLongTrailers}},
		{"one interim too many", strings.Repeat("HTTP/1.1 100 Go\r\n\r\n", maxInterim+1) + ok + "\r\n", reading{status: 100, err: ErrManyInterims}},
		{"endless head", ok + strings.Repeat("A: b\r\n", maxHead/6+1), reading{status: 200, err: ErrLongHead}},
		{"endless line", ok + "A: " + strings.Repeat("b", maxHead), reading{status: 200, err: ErrLongHead}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := read(tt.stream, false); got != tt.want {
				t.Errorf("whole:\ngot  %+v\nwant %+v", got, tt.want)
			}
			if len(tt.stream) > 1<<10 {
				return
			}
			var each []int
			for cut := range len(tt.stream) {
				each = append(each, cut)
				if got := read(tt.stream, false, cut); got != tt.want {
					t.Errorf("cut at %d:\ngot  %+v\nwant %+v", cut, got, tt.want)
				}
			}
			if got := read(tt.stream, false, each...); got != tt.want {
				t.Errorf("byte by byte:\ngot  %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

func TestHeadHasNoBody(t *testing.T) {
	for _, framing := range []string{"Content-Length: 99\r\n", "Transfer-Encoding: chunked\r\n"} {
		want := reading{status: 200}
		if got := read("HTTP/1.1 200 OK\r\n"+framing+"\r\n", true); got != want {
			t.Errorf("%q: got %+v, want %+v", framing, got, want)
		}
	}
}

// However a stream is cut, it reads the same.
func TestCutsChangeNothing(t *testing.T) {
	pieces := []string{
		"HTTP/1.1 200 OK\r\n", "HTTP/1.0 500 No\r\n", "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", "\r\n",
		"5\r\nhello\r\n", "0\r\n", "hello", "\n", ":", " ", "HTTP/1.1 100 \r\n\r\n", "Connection: close\r\n", "A: b\r\n", "\x00", "f;x\r\n",
	}
	rapid.Check(t, func(t *rapid.T) {
		stream := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 12).Draw(t, "pieces"), "")
		var cuts []int
		for i := range len(stream) {
			if rapid.IntRange(0, 3).Draw(t, "cut") == 0 {
				cuts = append(cuts, i)
			}
		}
		toHead := rapid.Bool().Draw(t, "HEAD")
		if got, want := read(stream, toHead, cuts...), read(stream, toHead); got != want {
			t.Fatalf("%q cut at %v:\ngot  %+v\nwant %+v", stream, cuts, got, want)
		}
	})
}

// One parser reads response after response, and forgets each.
func TestResetForgets(t *testing.T) {
	var p Parser
	for _, tt := range []struct {
		stream string
		close  bool
	}{
		{"HTTP/1.1 302 Found\r\nLocation: /x\r\nConnection: close\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n\r\n", true},
		{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false},
	} {
		p.Reset()
		n, err := p.Head([]byte(tt.stream), false)
		if n != len(tt.stream) || err != nil || !p.Done() {
			t.Fatalf("got %d, %v, done %v", n, err, p.Done())
		}
		if p.Close != tt.close || p.Encoded != tt.close || (p.Location != nil) != tt.close {
			t.Errorf("%q: got close %v, encoded %v, location %q", tt.stream, p.Close, p.Encoded, p.Location)
		}
	}
}

func TestField(t *testing.T) {
	var p Parser
	p.Reset()
	if _, err := p.Head([]byte("HTTP/1.1 200 OK\r\nX-A:  one \r\nx-b: two\r\nX-A: three\r\n\r\n"), false); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"X-A": "one", "x-a": "one", "X-B": "two", "X-C": "", "HTTP/1.1 200 OK": ""} {
		if got := p.Field(name); string(got) != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestNothingIsAllocated(t *testing.T) {
	whole, broken := []byte(typical), []byte("HTTP/1.1 200 OK\r\nbroken\r\n\r\n")
	var p Parser
	if n := testing.AllocsPerRun(100, func() { exchange(&p, whole) }); n != 0 {
		t.Errorf("a response: %v allocations, want none", n)
	}
	if n := testing.AllocsPerRun(100, func() {
		p.Reset()
		_, err := p.Head(broken, false)
		if !errors.Is(err, ErrBadName) {
			t.Error(err)
		}
	}); n != 0 {
		t.Errorf("a broken one: %v allocations, want none", n)
	}
}

func TestEveryErrorHasItsWords(t *testing.T) {
	seen := map[string]bool{}
	for m := ErrNotHTTP; m <= ErrShort; m++ {
		if text := m.Error(); seen[text] || text == MalformedError(0).Error() {
			t.Errorf("%d: %q says nothing of its own", m, text)
		} else {
			seen[text] = true
		}
	}
}

func Example() {
	answer := []byte("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
	var p Parser
	p.Reset()
	n, err := p.Head(answer, false)
	if err != nil {
		fmt.Println(err)
		return
	}
	content, _, _ := p.Body(answer[n:])
	fmt.Printf("%d %q, done: %v\n", p.Status, content, p.Done())
	// Output: 200 "hello", done: true
}
