package http1

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"testing"
)

// typical is what nginx answers.
const typical = "HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Tue, 24 Nov 2026 13:45:29 GMT\r\nContent-Type: text/plain\r\n" +
	"Content-Length: 5\r\nConnection: keep-alive\r\nETag: \"6564b3a1-64\"\r\nAccept-Ranges: bytes\r\n\r\nhello"

// exchange parses a whole response.
func exchange(p *Parser, b []byte) bool {
	p.Reset()
	n, err := p.Head(b, false)
	if err != nil {
		return false
	}
	_, m, err := p.Body(b[n:])
	return err == nil && n+m == len(b) && p.Done()
}

func BenchmarkResponse(b *testing.B) {
	answer := []byte(typical)
	var p Parser
	b.ReportAllocs()
	for b.Loop() {
		if !exchange(&p, answer) {
			b.Fatal("not a response")
		}
	}
}

// BenchmarkNetHTTP is the same by the standard library.
func BenchmarkNetHTTP(b *testing.B) {
	answer := []byte(typical)
	source := bytes.NewReader(nil)
	reader := bufio.NewReader(source)
	req := &http.Request{Method: http.MethodGet}
	b.ReportAllocs()
	for b.Loop() {
		source.Reset(answer)
		reader.Reset(source)
		resp, err := http.ReadResponse(reader, req) //nolint:bodyclose // it is read from memory
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			b.Fatal(err)
		}
	}
}
