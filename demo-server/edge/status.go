package edge

import (
	"strconv"
	"strings"
	"time"
)

// A status is one member of a Cache-Status field, of RFC 9211.
type status struct {
	name      string        // of the edge
	hit       bool          // answered out of the store alone
	forwarded string        // why not
	code      int           // of the origin's answer; 0: there was none
	stored    bool          // that answer was kept
	collapsed bool          // it was the answer to another request as well
	ttl       time.Duration // for which the object is fresh yet; negative: it is stale since then
	timed     bool          // there is an object, so that ttl means something
}

// String writes the member. Seconds are cut off, away from zero for stale objects, so
// that only what is fresh has a ttl that is not negative.
func (s status) String() string {
	var b strings.Builder
	b.WriteString(s.name)
	if s.hit {
		b.WriteString("; hit")
	} else if s.forwarded != "" {
		b.WriteString("; fwd=" + s.forwarded)
	}
	if s.code != 0 {
		b.WriteString("; fwd-status=" + strconv.Itoa(s.code))
	}
	if s.timed {
		whole := int64(s.ttl / time.Second)
		if s.ttl < 0 && s.ttl%time.Second != 0 {
			whole--
		}
		b.WriteString("; ttl=" + strconv.FormatInt(whole, 10))
	}
	if s.stored {
		b.WriteString("; stored")
	}
	if s.collapsed {
		b.WriteString("; collapsed")
	}
	return b.String()
}
