package gateway

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// recall returns the answer that is kept for a request, or nil, and then notes whether
// the upstream's may be kept.
func (g *Gateway) recall(r *http.Request, x *exchange) *kept {
	if r.Method != http.MethodGet {
		return nil
	}
	x.cache = "bypass"
	if asksPast(r.Header) {
		return nil
	}
	x.key, x.cache = cacheKey(r, x), "miss"
	answer := g.cache.get(x.key)
	if answer != nil {
		x.cache = "hit"
	}
	return answer
}

// asksPast reports whether a request is for what the cache does not have: a part, a
// comparison, or something newer.
func asksPast(h http.Header) bool {
	for _, name := range []string{"Range", "If-None-Match", "If-Modified-Since", "If-Match", "If-Unmodified-Since", "If-Range", "Upgrade"} {
		if len(h[name]) > 0 {
			return true
		}
	}
	directives := parseDirectives(h)
	_, noStore := directives["no-store"]
	_, noCache := directives["no-cache"]
	return noStore || noCache || directives["max-age"] == "0" || strings.EqualFold(h.Get("Pragma"), "no-cache")
}

// cacheKey returns what an answer is kept under: all that it may depend on. On a public
// route that is nobody's credentials, since the upstream does not get them.
func cacheKey(r *http.Request, x *exchange) string {
	parts := []string{
		x.route.Pattern, r.Host, r.URL.EscapedPath(), r.URL.RawQuery,
		strings.Join(r.Header["Accept"], ","), strings.Join(r.Header["Accept-Encoding"], ","),
	}
	if !x.route.Public {
		parts = append(parts, x.identity.Method, x.identity.User)
	}
	for i, part := range parts { // lengths, so that no two keys run into each other
		parts[i] = strconv.Itoa(len(part)) + ":" + part
	}
	return strings.Join(parts, "")
}

// keep keeps an answer if it may be kept, and leaves it readable.
func (g *Gateway) keep(response *http.Response, x *exchange) error {
	life := lifetime(response, x.route.Cache)
	if life <= 0 || response.ContentLength > int64(g.config.MaxTransform) {
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, int64(g.config.MaxTransform)+1))
	if err != nil {
		return err
	}
	if len(body) > g.config.MaxTransform {
		response.Body = rest{io.MultiReader(bytes.NewReader(body), response.Body), response.Body}
		return nil
	}
	_ = response.Body.Close() // it was read to its end
	replace(response, body)
	now := time.Now()
	g.cache.put(&kept{key: x.key, header: response.Header.Clone(), body: body, at: now, until: now.Add(life)})
	return nil
}

// A rest is a body of which a part was read already.
type rest struct {
	io.Reader
	io.Closer
}

// lifetime returns how long an answer may be kept: not at all if it is no plain success,
// says so, or depends on more than the key has, and no longer than it says.
func lifetime(response *http.Response, most time.Duration) time.Duration {
	h := response.Header
	if response.StatusCode != http.StatusOK || len(h["Set-Cookie"]) > 0 || len(response.Trailer) > 0 || varies(h) {
		return 0
	}
	directives := parseDirectives(h)
	for _, never := range []string{"no-store", "no-cache", "private"} {
		if _, said := directives[never]; said {
			return 0
		}
	}
	for _, name := range []string{"s-maxage", "max-age"} {
		age, said := directives[name]
		if !said {
			continue
		}
		seconds, err := strconv.Atoi(age)
		if err != nil || seconds < 0 {
			return 0
		}
		old, _ := strconv.Atoi(h.Get("Age"))
		return min(most, time.Duration(min(max(seconds-max(old, 0), 0), 1<<30))*time.Second)
	}
	return most
}

// varies reports whether an answer depends on headers that are not in the key.
func varies(h http.Header) bool {
	for _, line := range h["Vary"] {
		for name := range strings.SplitSeq(line, ",") {
			switch strings.ToLower(strings.TrimSpace(name)) {
			case "", "accept", "accept-encoding":
			default:
				return true
			}
		}
	}
	return false
}

// parseDirectives reads Cache-Control.
func parseDirectives(h http.Header) map[string]string {
	lines := h["Cache-Control"]
	if len(lines) == 0 {
		return nil
	}
	directives := make(map[string]string)
	for _, line := range lines {
		for part := range strings.SplitSeq(line, ",") {
			name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
			directives[strings.ToLower(name)] = strings.Trim(value, `"`)
		}
	}
	return directives
}
