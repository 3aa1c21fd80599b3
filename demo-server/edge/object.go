package edge

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/floodmark/floodmark/demo-server/correlation"
)

// Bounds on what one resource may keep.
const (
	maxVary     = 4 // headers that an answer may depend on
	maxVariants = 8 // objects of one resource
)

// An object is an answer that is kept. It is never changed: what is validated is replaced.
type object struct {
	status int
	header http.Header
	body   []byte

	vary     []string // headers that the answer depends on, in order
	selected []string // their values in the request it was the answer to

	initialAge time.Duration // when it came
	came       time.Time
	lifetime   time.Duration // for which it is fresh
	behind     time.Duration // after that, for which it is served while it is validated
	onError    time.Duration // after its lifetime, for which it is served when the origin fails
}

// exchange is what an origin answered, and when.
type exchange struct {
	request   *http.Request
	response  *http.Response
	asked, at time.Time
}

// newObject returns what is to be kept of an answer, without its body; nil if nothing is.
func (c Config) newObject(x exchange) *object {
	h := x.response.Header
	d := parseDirectives(h)
	vary, ok := varies(h)
	if !ok || d.has("no-store", "private") || h.Get("Set-Cookie") != "" || parseDirectives(x.request.Header).has("no-store") {
		return nil
	}
	if x.request.Header.Get("Authorization") != "" && !d.has("public", "s-maxage", "must-revalidate") {
		return nil
	}
	o := &object{
		status:     x.response.StatusCode,
		header:     kept(h),
		vary:       vary,
		selected:   selection(x.request.Header, vary),
		initialAge: initialAge(x),
		came:       x.at,
	}
	explicit := o.time(d, c)
	switch {
	case !keepable(o.status, explicit):
		return nil
	case !explicit && (c.DefaultTTL == 0 || x.request.Header.Get("Cookie") != ""):
		return nil
	case o.lifetime == 0 && o.header.Get("ETag") == "" && o.header.Get("Last-Modified") == "":
		return nil // it could not even be validated
	}
	return o
}

// size returns what the object weighs in memory, roughly.
func (o *object) size() int {
	n := len(o.body) + 512
	for name, values := range o.header {
		n += len(name) + 64
		for _, value := range values {
			n += len(value)
		}
	}
	return n
}

// matches reports whether the object is an answer to a request with these headers.
func (o *object) matches(h http.Header) bool {
	return slices.Equal(selection(h, o.vary), o.selected)
}

// validated returns the object after the origin has said that it still holds.
func (o *object) validated(x exchange, c Config) *object {
	next := *o
	next.header = o.header.Clone()
	fresh := kept(x.response.Header)
	fresh.Del("Content-Length")
	fresh.Del("Content-Encoding")
	fresh.Del("Content-Type")
	fresh.Del("Content-Range")
	maps.Copy(next.header, fresh)
	next.came, next.initialAge = x.at, initialAge(x)
	next.time(parseDirectives(next.header), c)
	return &next
}

// conditions makes a request ask whether the object still holds.
func (o *object) conditions(h http.Header) {
	if tag := o.header.Get("ETag"); tag != "" {
		h.Set("If-None-Match", tag)
	}
	if at := o.header.Get("Last-Modified"); at != "" {
		h.Set("If-Modified-Since", at)
	}
}

// response returns the object as the answer to a request.
func (o *object) response(r *http.Request, now time.Time) *http.Response {
	h := o.header.Clone()
	h.Set("Age", strconv.FormatInt(int64(o.age(now)/time.Second), 10))
	answer := &http.Response{
		StatusCode: o.status,
		ProtoMajor: 1,
		ProtoMinor: 1,
		Header:     h,
		Request:    r,
		Body:       http.NoBody,
	}
	if o.status == http.StatusOK && o.holds(r.Header) {
		answer.StatusCode = http.StatusNotModified
		h.Del("Content-Length")
		h.Del("Content-Type")
		return answer
	}
	if o.status != http.StatusNoContent {
		h.Set("Content-Length", strconv.Itoa(len(o.body)))
		answer.ContentLength = int64(len(o.body))
	}
	if r.Method != http.MethodHead {
		answer.Body = io.NopCloser(bytes.NewReader(o.body))
	}
	return answer
}

// holds reports whether the client has the object already, by its conditions.
func (o *object) holds(h http.Header) bool {
	if tags := strings.Join(h.Values("If-None-Match"), ","); tags != "" {
		own := weak(o.header.Get("ETag"))
		for rest := tags; rest != ""; {
			var tag string
			tag, rest = cut(rest)
			if tag = weak(tag); tag == "*" || tag != "" && tag == own {
				return true
			}
		}
		return false
	}
	since, err := http.ParseTime(h.Get("If-Modified-Since"))
	if err != nil {
		return false
	}
	modified, err := http.ParseTime(o.header.Get("Last-Modified"))
	return err == nil && !modified.After(since)
}

// weak returns an entity tag as weak comparison sees it.
func weak(tag string) string { return strings.TrimPrefix(strings.TrimSpace(tag), "W/") }

// kept returns the headers of an answer that are kept with it: those between two nodes
// are not, nor are those of one request.
func kept(h http.Header) http.Header {
	h = h.Clone()
	for _, field := range h.Values("Connection") {
		for name := range strings.SplitSeq(field, ",") {
			h.Del(strings.TrimSpace(name))
		}
	}
	for _, name := range []string{
		"Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authentication-Info", "Proxy-Connection",
		"Te", "Trailer", "Transfer-Encoding", "Upgrade",
		"Age", correlation.RequestIDHeader, correlation.TraceparentHeader,
	} {
		h.Del(name)
	}
	return h
}
