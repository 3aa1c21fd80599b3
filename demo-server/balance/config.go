package balance

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/floodmark/floodmark/demo-server/balance/pick"
)

// The layers that a balancer can work at.
const (
	Connections = 4 // it hands on connections, and does not look into them
	Requests    = 7 // it hands on HTTP requests, one by one
)

// maxWeight is the most that a backend may weigh; it is HAProxy's limit, too.
const maxWeight = 256

// maxRetries bounds how often one request is tried again.
const maxRetries = 3

// A Config says what a balancer does. Its zero value works, as soon as there are backends:
// HTTP requests in turn, without checks, retries or cookies.
type Config struct {
	Layer     int            // Connections or Requests; 0: Requests
	Algorithm pick.Algorithm // empty: round robin
	Seed      uint64         // the same seed draws the same, for the algorithms that draw
	Backends  []Backend      // to begin with; they are taken for healthy

	Check       Check
	Ejection    Ejection
	Sticky      Sticky // of requests only
	Utilisation Utilisation
	// SlowStart is how long a backend that comes back, or is added, takes to get its whole
	// share: from a tenth of it in a straight line. 0: it gets all of it at once.
	SlowStart time.Duration

	// Retries is how many other backends an unanswered request is tried on: one whose
	// connection could not be made, or that is idempotent and was not answered. 0: none,
	// at most 3. See Budget.
	Retries int
	Budget  Budget

	// AnswerTimeout is how long a backend may take until its answer begins. 0: one minute,
	// negative: as long as it likes.
	AnswerTimeout time.Duration
	// TrustForwarded says that whoever connects is a hop of ours: X-Forwarded-For is
	// appended to instead of replaced, and the first address in it is the client.
	TrustForwarded bool

	// Dial makes the connections to backends; nil: by TCP, within two seconds.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Log gets a line for every change of a backend's state, never one for a request.
	// nil discards.
	Log *slog.Logger
}

// A Backend is a server that requests are handed to.
type Backend struct {
	Name    string // unique among those that are there; letters, digits, ".", "_" and "-"
	Address string // host:port
	Weight  int    // how much it can do beside the others, 1 to 256; 0: 1
}

// A Check asks backends from time to time whether they are well. The zero value never asks.
type Check struct {
	// Path is asked for by GET and must be answered 2xx. Empty: it is enough that a
	// connection can be made.
	Path           string
	Interval       time.Duration // from one question to the next; 0: no checks
	Timeout        time.Duration // 0: Interval
	UnhealthyAfter int           // so many bad answers in a row; 0: 2
	HealthyAfter   int           // so many good answers in a row; 0: 2
}

// An Ejection leaves out a backend after failures of real requests. The last backend
// that is left is never ejected: a bad server is better than none.
type Ejection struct {
	Failures int           // so many in a row; 0: nobody is ejected
	For      time.Duration // how long; 0: ten seconds
	// ServerErrors makes answers of 500, 502 and 504 failures as well. 503 is none: it
	// says that there is too much to do, and fewer servers would have even more.
	ServerErrors bool
}

// Sticky sends all requests with the same cookie to the same backend, as long as that can
// take them. Then they move to another, and get its cookie; what the old one knew of the
// session is lost.
type Sticky struct {
	Cookie string        // its name; empty: not sticky
	TTL    time.Duration // after which the client forgets it; 0: when the browser ends
}

// Utilisation is how backends report how busy they are, as a number from 0 to 1, for
// resource_based. Both ways may be used together. A report counts for three intervals.
type Utilisation struct {
	// Header is looked for in every answer, and taken out of it.
	Header string
	// Path is asked for by GET every Interval. It answers with the number, or with a JSON
	// object that has it under "utilisation".
	Path     string
	Interval time.Duration // 0: one second
}

// A Budget bounds retries to a share of requests, so that a fleet that is broken gets
// little more load than one that is well. It counts over the last ten seconds.
type Budget struct {
	Share     float64 // retries for each request; 0: 0.2
	PerSecond float64 // retries that are always allowed; 0: 10
}

// Validate returns everything that is wrong with the configuration.
func (c Config) Validate() error {
	var faults []error
	fault := func(bad bool, format string, values ...any) {
		if bad {
			faults = append(faults, fmt.Errorf(format, values...))
		}
	}
	if _, err := pick.New(c.Algorithm, 0); err != nil {
		faults = append(faults, err)
	}
	fault(c.Layer != 0 && c.Layer != Connections && c.Layer != Requests, "layer is %d, want 4 or 7", c.Layer)
	fault(c.Layer == Connections && c.Sticky.Cookie != "", "a balancer of connections (layer 4) sees no cookies")
	fault(c.Layer == Connections && c.Utilisation.Header != "", "a balancer of connections (layer 4) sees no headers")
	fault(c.Layer == Connections && c.TrustForwarded, "a balancer of connections (layer 4) sees no X-Forwarded-For")
	fault(c.Retries < 0 || c.Retries > maxRetries, "retries is %d, want 0 to %d", c.Retries, maxRetries)
	fault(c.Check.Path != "" && c.Check.Interval == 0, "the health check of %s has no interval", c.Check.Path)
	fault(c.Sticky.Cookie != "" && (&http.Cookie{Name: c.Sticky.Cookie}).Valid() != nil, "%q is no name for a cookie", c.Sticky.Cookie)
	for _, path := range []string{c.Check.Path, c.Utilisation.Path} {
		fault(path != "" && !cleanPath(path), "path is %q, want one that begins with / and has no spaces", path)
	}
	fault(c.Utilisation.Header != "" && !cleanName(c.Utilisation.Header), "%q is no name for a header", c.Utilisation.Header)
	fault(c.Algorithm == pick.ResourceBased && c.Utilisation.Header == "" && c.Utilisation.Path == "",
		"resource_based needs the path or the header of the backends' utilisation")
	fault(!(c.Budget.Share >= 0) || !(c.Budget.PerSecond >= 0), "the retry budget is below 0") // nor is it NaN
	fault(c.Ejection.Failures < 0 || c.Check.UnhealthyAfter < 0 || c.Check.HealthyAfter < 0, "a number of checks or failures is below 0")
	for _, d := range []time.Duration{c.SlowStart, c.Check.Interval, c.Check.Timeout, c.Ejection.For, c.Sticky.TTL, c.Utilisation.Interval} {
		fault(d < 0, "a time is %v, want 0 or more", d)
	}
	taken := map[string]bool{}
	for _, b := range c.Backends {
		faults = append(faults, b.validate())
		fault(taken[b.Name], "two backends have the name %q", b.Name)
		taken[b.Name] = true
	}
	return errors.Join(faults...)
}

// cleanPath holds for a path that can stand in a request line, and in the files of other
// balancers.
func cleanPath(path string) bool {
	return strings.HasPrefix(path, "/") && !strings.ContainsFunc(path, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune(`"'\;{}#$`, r)
	})
}

// cleanName holds for what can be a name everywhere.
func cleanName(name string) bool {
	return name != "" && len(name) <= 64 && !strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("._-", r)
	})
}

func (b Backend) validate() error {
	if !cleanName(b.Name) {
		return fmt.Errorf("backend %q: want a name of at most 64 letters, digits, dots and dashes", b.Name)
	}
	host, port, err := net.SplitHostPort(b.Address)
	if err != nil || port == "" || strings.ContainsFunc(host+port, func(r rune) bool { return r <= ' ' || r > '~' || r == ';' || r == '#' }) {
		return fmt.Errorf("backend %s: address is %q, want host:port", b.Name, b.Address)
	}
	if b.Weight < 0 || b.Weight > maxWeight {
		return fmt.Errorf("backend %s: weight is %d, want 1 to %d", b.Name, b.Weight, maxWeight)
	}
	return nil
}

// WithDefaults returns the configuration with everything filled in that is not set.
func (c Config) WithDefaults() Config {
	orElse(&c.Layer, Requests)
	orElse(&c.Algorithm, pick.RoundRobin)
	orElse(&c.Check.Timeout, c.Check.Interval)
	orElse(&c.Check.UnhealthyAfter, 2)
	orElse(&c.Check.HealthyAfter, 2)
	orElse(&c.Ejection.For, 10*time.Second)
	orElse(&c.Utilisation.Interval, time.Second)
	orElse(&c.Budget.Share, 0.2)
	orElse(&c.Budget.PerSecond, 10)
	orElse(&c.AnswerTimeout, time.Minute)
	c.AnswerTimeout = max(c.AnswerTimeout, 0)
	if c.Dial == nil {
		c.Dial = (&net.Dialer{Timeout: dialTimeout}).DialContext
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

// orElse sets what is not set.
func orElse[T comparable](value *T, otherwise T) {
	if *value == *new(T) {
		*value = otherwise
	}
}
