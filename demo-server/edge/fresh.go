package edge

import (
	"net/http"
	"time"
)

// keepable reports whether an answer with a status may be kept: when it says nothing
// about it, or, said, only when it does so itself.
func keepable(status int, said bool) bool {
	switch status {
	case 200, 203, 204, 300, 301, 308, 404, 410:
		return true
	case 302, 307:
		return said
	}
	return false
}

// time sets how long the object is fresh and how long it is of use after that, and
// reports whether it said so itself.
func (o *object) time(d directives, c Config) (explicit bool) {
	o.lifetime, explicit = lifetime(o.header, d, o.came)
	if !explicit {
		o.lifetime = c.DefaultTTL
	}
	o.behind, o.onError = 0, 0
	if d.has("no-cache") {
		o.lifetime = 0
		return true
	}
	if d.has("must-revalidate", "proxy-revalidate") {
		return explicit
	}
	o.behind, _ = d.seconds("stale-while-revalidate")
	o.onError, _ = d.seconds("stale-if-error")
	if !d.has("stale-if-error", "s-maxage") { // the latter implies proxy-revalidate
		o.onError = c.StaleIfError
	}
	return explicit
}

// lifetime returns how long an answer says that it is fresh, and whether it does.
func lifetime(h http.Header, d directives, came time.Time) (time.Duration, bool) {
	for _, name := range []string{"s-maxage", "max-age"} {
		if s, ok := d.seconds(name); ok {
			return s, true
		}
	}
	expires := h.Get("Expires")
	if expires == "" {
		return 0, false
	}
	at, err := http.ParseTime(expires)
	if err != nil {
		return 0, true // such as "0": it has expired
	}
	return max(0, at.Sub(date(h, came))), true
}

// date returns when an answer was made.
func date(h http.Header, came time.Time) time.Time {
	if at, err := http.ParseTime(h.Get("Date")); err == nil {
		return at
	}
	return came
}

// initialAge returns how old an answer was when it came, by RFC 9111 section 4.2.3.
func initialAge(x exchange) time.Duration {
	apparent := max(0, x.at.Sub(date(x.response.Header, x.at)))
	corrected := deltaSeconds(x.response.Header.Get("Age")) + x.at.Sub(x.asked)
	return max(apparent, corrected)
}

// age returns how old the object is.
func (o *object) age(now time.Time) time.Duration { return o.initialAge + now.Sub(o.came) }

// left returns for how long the object is fresh yet; negative: it is stale since then.
func (o *object) left(now time.Time) time.Duration { return o.lifetime - o.age(now) }
