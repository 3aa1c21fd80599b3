package targets

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/floodmark/floodmark/measure"
)

// next is the target's.
func (c *Client) next(req *Request, resp *Response) *Request { return c.target.next(req, resp) }

// next returns the request that the response redirects to, or nil if it does not
// or must not: then the answer that redirects is the answer.
func (t Target) next(req *Request, resp *Response) *Request {
	if resp.Outcome != measure.Status3xx || resp.Location == "" {
		return nil
	}
	link, err := url.Parse(resp.Location)
	if err != nil {
		return nil
	}
	u := req.url.ResolveReference(link)
	if err := t.check(u); err != nil {
		resp.Detail = appendPrintable(resp.Detail[:0], []byte("redirect to "+resp.Location+" not followed: "+err.Error()))
		return nil
	}
	method, headers, body := redirected(resp.Status, req)
	if address(u) != req.address {
		headers = without(headers, "Authorization", "Cookie", "Host")
	}
	detail := resp.Detail[:0]
	*resp = Response{
		Sent: resp.Sent, Connect: resp.Connect, TLS: resp.TLS,
		BytesIn: resp.BytesIn, BytesOut: resp.BytesOut, Detail: detail,
	}
	return t.render(method, u, headers, body)
}

// redirected returns what a request becomes when an answer of the given status
// redirects it: as browsers do, 303 makes it a GET (a HEAD stays one), 301 and 302
// only a POST, and 307 and 308 change nothing (RFC 9110, section 15.4).
func redirected(status int, req *Request) (method string, headers []Header, body []byte) {
	fetch := status == http.StatusSeeOther || req.method == http.MethodPost &&
		(status == http.StatusMovedPermanently || status == http.StatusFound)
	if !fetch {
		return req.method, req.headers, req.body
	}
	method = http.MethodGet
	if req.method == http.MethodHead {
		method = http.MethodHead
	}
	return method, without(req.headers, "Content-Type", "Content-Encoding"), nil
}

// redirects reports whether a status with a Location sends the client elsewhere.
func redirects(status int) bool {
	return slices.Contains([]int{301, 302, 303, 307, 308}, status)
}

// without returns the headers but those of the given names.
func without(headers []Header, names ...string) []Header {
	var out []Header
	for _, h := range headers {
		if !slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(name, h.Name) }) {
			out = append(out, h)
		}
	}
	return out
}
