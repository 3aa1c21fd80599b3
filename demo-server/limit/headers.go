package limit

import (
	"net/http"
	"strconv"
	"time"
)

// The headers are those of draft-ietf-httpapi-ratelimit-headers-11 (May 2026): lists of
// structured fields, with an item for each policy.

// describePolicy writes the policy into a header:
//
//	RateLimit-Policy: "default";q=100;w=1;floodmark-burst=50
//
// A window is in whole seconds there, so it is left out where it is not. The size of a
// bucket has no parameter of its own in the draft; it asks for a prefix for such.
func describePolicy(header http.Header, p Policy) {
	value := `"` + p.Name + `";q=` + strconv.Itoa(p.Limit)
	if p.Window%time.Second == 0 {
		value += ";w=" + seconds(p.Window)
	}
	if p.Algorithm == TokenBucket || p.Algorithm == LeakyBucket {
		burst := p.Burst
		if burst == 0 {
			burst = p.Limit
		}
		value += ";floodmark-burst=" + strconv.Itoa(max(burst, 0))
	}
	header.Add("RateLimit-Policy", value)
}

// describe writes a decision into a header: how many more requests there are, and for
// how many seconds no more than that.
//
//	RateLimit: "default";r=49;t=1
//
// A refused client is told the same again, as when to try again, since that is the one
// header of these that everybody knows.
func describe(header http.Header, p Policy, d Decision) {
	reset := seconds(d.Reset)
	header.Add("RateLimit", `"`+p.Name+`";r=`+strconv.Itoa(d.Remaining)+";t="+reset)
	if !d.Admitted {
		header.Set("Retry-After", reset)
	}
}

// seconds writes a time in whole seconds, rounded up: who comes earlier is refused again.
func seconds(d time.Duration) string {
	return strconv.FormatInt(ceil(int64(d), int64(time.Second)), 10)
}
