package targets

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
)

// request returns the compiled request as net/http's, with the same method, path,
// headers and body. HTTP/1.1 sends the headers in alphabetical order; HTTP/2 leaves
// out those of a connection, which it does not have (RFC 9113, section 8.2.2). There
// is no GetBody: nobody shall send it twice.
func (tr *Transport) request(ctx context.Context, req *Request) *http.Request {
	u := *req.url
	_, u.RawQuery, _ = strings.Cut(requestURI(req.url), "?")
	out := &http.Request{
		Method: req.method, URL: &u, Header: make(http.Header),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	if len(req.body) > 0 {
		out.Body = io.NopCloser(bytes.NewReader(req.body))
		out.ContentLength = int64(len(req.body))
	}
	for _, h := range tr.target.lines(req) {
		switch {
		case strings.EqualFold(h.Name, "Host"):
			out.Host = h.Value
		case strings.EqualFold(h.Name, "Content-Length"): // follows from the body
		case strings.EqualFold(h.Name, "User-Agent"):
			out.Header["User-Agent"] = append(out.Header["User-Agent"], h.Value) // looked for by this spelling
		case tr.protocol.multiplexed() && ofConnection(h.Name):
		default:
			out.Header[h.Name] = append(out.Header[h.Name], h.Value)
		}
	}
	return out.WithContext(ctx)
}

// ofConnection reports whether a header is about the connection, not the request.
func ofConnection(name string) bool {
	return slices.ContainsFunc([]string{"Connection", "Keep-Alive", "Proxy-Connection", "Upgrade"}, func(other string) bool {
		return strings.EqualFold(name, other)
	})
}
