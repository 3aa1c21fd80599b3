package edge

import (
	"encoding/json"
	"io"
	"sync/atomic"

	"github.com/floodmark/floodmark/demo-server/tally"
)

// An outcome is how a request ended; each has one.
type outcome int

const (
	abandoned   outcome = iota // by its client, before there was an answer
	hit                        // answered with a fresh object
	stale                      // answered with a stale one
	revalidated                // answered with one that the origin said still holds
	missed                     // answered with what the origin sent
	collapsed                  // answered with what the origin sent for another
	passed                     // not for a cache
	failed                     // answered with an error of the edge
)

// Stats is what an edge has done since it was made. Each request that has ended is in
// exactly one of Hits, Stale, Revalidated, Misses, Collapsed, Passed, Failed and
// Abandoned, whose sum is Requests.
type Stats struct {
	Requests uint64
	InFlight int // not ended, and in no other number yet

	Hits        uint64 // a fresh object
	Stale       uint64 // a stale object, while it was validated or because the origin failed
	Revalidated uint64 // a stale object that the origin said still holds
	Misses      uint64 // the origin's answer
	Collapsed   uint64 // the origin's answer to a request that came shortly before
	Passed      uint64 // the origin's answer to what no cache is for
	Failed      uint64 // 502, 503 or 504, the edge's own
	Abandoned   uint64 // nothing: the client was gone

	EdgeBytes    uint64  // of bodies served out of the store
	OriginBytes  uint64  // of bodies served as they came from the origin
	FetchedBytes uint64  // of bodies read from the origin, also for the store alone
	PricePerGB   float64 // of what is served, per 10⁹ bytes

	Resources int    // that something is kept of
	Bytes     uint64 // that they take, roughly
	Evictions uint64 // of resources that made room for others
	Purged    uint64 // resources
}

// Cost returns what the bodies served so far cost.
func (s Stats) Cost() float64 {
	return float64(s.EdgeBytes+s.OriginBytes) / 1e9 * s.PricePerGB
}

// HitRatio returns the share of requests that were answered without an exchange with the
// origin of their own, 0 to 1.
func (s Stats) HitRatio() float64 {
	if s.Requests == 0 {
		return 0
	}
	return float64(s.Hits+s.Stale+s.Collapsed) / float64(s.Requests)
}

// MarshalJSON writes all numbers, the hit ratio and the cost.
func (s Stats) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]any{
		"requests": s.Requests, "in_flight": s.InFlight,
		"hits": s.Hits, "stale": s.Stale, "revalidated": s.Revalidated, "misses": s.Misses,
		"collapsed": s.Collapsed, "passed": s.Passed, "failed": s.Failed, "abandoned": s.Abandoned,
		"hit_ratio":  s.HitRatio(),
		"edge_bytes": s.EdgeBytes, "origin_bytes": s.OriginBytes, "fetched_bytes": s.FetchedBytes,
		"price_per_gb": s.PricePerGB, "cost": s.Cost(),
		"resources": s.Resources, "bytes": s.Bytes, "evictions": s.Evictions, "purged": s.Purged,
	})
}

// counts are the numbers behind Stats.
type counts struct {
	tally                      tally.Tally[outcome]
	edge, origin               atomic.Uint64 // bytes
	fetched, evictions, purged atomic.Uint64
}

// end counts a request and the bytes of its body.
func (c *counts) end(v *visit, bytes uint64) {
	switch {
	case v.outcome == failed: // what we say of ourselves is free
	case v.kept:
		c.edge.Add(bytes)
	default:
		c.origin.Add(bytes)
	}
	c.tally.End(v.outcome)
}

// Stats returns the numbers so far.
func (e *Edge) Stats() Stats {
	c := &e.counts
	seen := c.tally.Read()
	ended := seen.Ended
	return Stats{
		Requests: seen.Begun() - seen.InFlight, InFlight: int(seen.InFlight), //nolint:gosec // as many as there are sockets
		Hits: ended[hit], Stale: ended[stale], Revalidated: ended[revalidated], Misses: ended[missed],
		Collapsed: ended[collapsed], Passed: ended[passed], Failed: ended[failed], Abandoned: ended[abandoned],
		EdgeBytes: c.edge.Load(), OriginBytes: c.origin.Load(), FetchedBytes: c.fetched.Load(),
		PricePerGB: e.config.PricePerGB,
		Resources:  e.store.cache.EstimatedSize(),
		Bytes:      e.store.cache.WeightedSize(),
		Evictions:  c.evictions.Load(),
		Purged:     c.purged.Load(),
	}
}

// metered counts what is read of an answer of the origin.
type metered struct {
	io.ReadCloser
	counts *counts
}

// Read reads a part of the body.
func (m *metered) Read(p []byte) (int, error) {
	n, err := m.ReadCloser.Read(p)
	m.counts.fetched.Add(uint64(n))
	return n, err
}
