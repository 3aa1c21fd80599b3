package gateway

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// Why a path is refused.
var (
	errPath      = errors.New("the path must begin with a slash")
	errEmpty     = errors.New("the path has an empty segment")
	errDots      = errors.New("the path has a segment of dots")
	errSeparator = errors.New("the path has an encoded separator")
	errControl   = errors.New("the path has control characters")
)

// checkPath refuses a path that gateway and upstream could understand differently: the
// gateway would then decide about one resource, and the upstream serve another. Nobody
// honest sends such a path, so it is not repaired.
func checkPath(u *url.URL) error {
	escaped, plain := strings.ToLower(u.EscapedPath()), strings.ToLower(u.Path)
	sent := strings.ToLower(u.RawPath) // which EscapedPath passes over when it is not well-formed
	switch {
	case !strings.HasPrefix(escaped, "/"):
		return errPath
	case strings.Contains(plain, "//"):
		return errEmpty
	case encoded(escaped), encoded(sent), encoded(plain), strings.Contains(plain, `\`): // plain: what was encoded twice
		return errSeparator
	case strings.ContainsFunc(plain, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\ufffd' }):
		return errControl
	}
	for segment := range strings.SplitSeq(plain, "/") {
		name, _, _ := strings.Cut(segment, ";") // some servers drop parameters first
		name = strings.ReplaceAll(name, "%2e", ".")
		if name == "." || name == ".." {
			return errDots
		}
	}
	return nil
}

// encoded reports whether text holds an encoded slash or backslash.
func encoded(text string) bool {
	return strings.Contains(text, "%2f") || strings.Contains(text, "%5c")
}

// size returns how much there is of a request without its body, in bytes.
func size(r *http.Request) int {
	total := len(r.RequestURI) + len(r.Host)
	for name, values := range r.Header {
		for _, value := range values {
			total += len(name) + len(value)
		}
	}
	return total
}

// rewrite takes the route's prefix from a path and puts the other one in front. It works
// on the escaped form, so that what is escaped stays so.
func (r *route) rewrite(u *url.URL) {
	path := u.EscapedPath()
	if rest, ok := strings.CutPrefix(path, r.StripPrefix); ok && (rest == "" || rest[0] == '/') {
		path = rest
	}
	path = r.AddPrefix + path
	if path == "" {
		path = "/"
	}
	plain, err := url.PathUnescape(path)
	if err != nil {
		return // impossible: it was a path before, and prefixes are whole segments
	}
	u.Path, u.RawPath = plain, path
}

// A refusal is an answer of the gateway's own.
type refusal struct {
	outcome outcome
	status  int
	text    string
	header  http.Header
}
