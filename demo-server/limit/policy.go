package limit

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/floodmark/floodmark/nearest"
)

// An Algorithm is a way to tell which requests are too many.
type Algorithm string

// The algorithms. What each lets through is said in its file.
const (
	TokenBucket    Algorithm = "token_bucket"    // bursts at once, then at the limit; also the zero value
	LeakyBucket    Algorithm = "leaky_bucket"    // bursts wait in a queue that leaks at the limit
	FixedWindow    Algorithm = "fixed_window"    // a counter that starts again at every full window
	SlidingLog     Algorithm = "sliding_log"     // remembers each request for a window
	SlidingCounter Algorithm = "sliding_counter" // two counters, the older one by its share in the window
)

// Algorithms returns all there are.
func Algorithms() []Algorithm {
	return []Algorithm{TokenBucket, LeakyBucket, FixedWindow, SlidingLog, SlidingCounter}
}

// What a policy may ask for. Within these, and exact, all decisions are arithmetic on
// whole numbers that Go's integers and Lua's doubles have in common.
const (
	maxWindow = 24 * time.Hour
	maxExact  = 1 << 53
	// maxLog bounds the requests that a sliding log remembers, which cost memory each.
	maxLog  = 100_000
	maxName = 64 // characters
)

// A Policy says how many requests one key may make. It is plain data.
type Policy struct {
	// Name tells policies apart in headers and in stores: letters, digits, - and _; empty
	// is "default". Limiters that share a store and a name share their counts.
	Name      string
	Algorithm Algorithm     // empty: TokenBucket
	Limit     int           // requests in a Window; at least 1
	Window    time.Duration // of whole microseconds, a millisecond to a day; 0: a second

	// Burst is the size of a bucket, and the other algorithms ignore it. For a token bucket
	// it is how many requests pass at once after a rest; for a leaky bucket how many may
	// wait, beside the one that leaves. 0: as many as Limit; negative: none may wait, which
	// only a leaky bucket can do.
	Burst int
}

// Validate reports what is wrong with the policy, all at once.
func (p Policy) Validate() error {
	p = p.withDefaults()
	var faults []error
	fault := func(wrong bool, format string, args ...any) {
		if wrong {
			faults = append(faults, fmt.Errorf(format, args...))
		}
	}
	fault(!cleanName(p.Name), "name %.80q: want at most %d letters, digits, - and _", p.Name, maxName)
	if err := p.Algorithm.validate(); err != nil {
		faults = append(faults, err)
	}
	fault(p.Limit < 1, "limit is %d, want at least 1 request", p.Limit)
	fault(p.Window < time.Millisecond || p.Window > maxWindow || p.Window%time.Microsecond != 0,
		"window is %v, want whole microseconds from 1ms to %v", p.Window, maxWindow)
	fault(p.Algorithm == TokenBucket && p.Burst < 0, "burst is %d, want at least 1: nothing would pass", p.Burst)
	fault(p.Algorithm == SlidingLog && p.Limit > maxLog,
		"limit is %d, want at most %d: a sliding log remembers each request", p.Limit, maxLog)
	if faults == nil {
		most := max(p.Limit, p.Burst)
		fault(most >= int(maxExact/p.Window.Microseconds()),
			"%d requests in %v are more than can be counted exactly; take a shorter window", most, p.Window)
	}
	return errors.Join(faults...)
}

// validate names the algorithm that was probably meant.
func (a Algorithm) validate() error {
	var words []string
	for _, known := range Algorithms() {
		if a == known {
			return nil
		}
		words = append(words, string(known))
	}
	if best := nearest.Word(string(a), words); best != "" {
		return fmt.Errorf("unknown algorithm %.40q; did you mean %q?", string(a), best)
	}
	return fmt.Errorf("unknown algorithm %.40q; there are %s", string(a), strings.Join(words, ", "))
}

func cleanName(name string) bool {
	const clean = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
	return len(name) <= maxName && strings.Trim(name, clean) == ""
}

// withDefaults fills in what is not set, Burst excepted, whose default terms knows.
func (p Policy) withDefaults() Policy {
	if p.Name == "" {
		p.Name = "default"
	}
	if p.Algorithm == "" {
		p.Algorithm = TokenBucket
	}
	if p.Window == 0 {
		p.Window = time.Second
	}
	return p
}

// Terms are a valid policy in the numbers that algorithms reckon with.
type terms struct {
	limit    int64
	window   int64 // microseconds
	capacity int64 // requests that a bucket holds
}

func (p Policy) terms() terms {
	p = p.withDefaults()
	t := terms{limit: int64(p.Limit), window: p.Window.Microseconds(), capacity: int64(p.Burst)}
	if p.Burst == 0 {
		t.capacity = t.limit
	}
	if p.Algorithm == LeakyBucket {
		t.capacity = max(t.capacity, 0) + 1 // the one that leaves has not to wait
	}
	return t
}
