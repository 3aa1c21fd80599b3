package faults

import "sync/atomic"

// A Spread decides which requests a share falls on, as evenly as whole requests allow:
// of the first n, exactly the share of n, rounded. At 20% that is every fifth.
//
// This is error diffusion: what rounding leaves over is carried to the next request. A
// die would be off by several points in a short window (at 20% and 100 requests, one
// window in three is off by more than 4 points), and a demonstration or a test that
// waits for "below 80%" would fail by bad luck. The price: requests that repeat in the
// same rhythm as the share are always hit at the same place.
//
// The zero value is ready; any number of goroutines may use it at once, with a share
// that changes between calls.
type Spread struct{ count atomic.Uint64 }

// Hit counts one request and reports whether the share falls on it.
func (s *Spread) Hit(share Share) bool {
	// Half a request ahead, so that the first hit comes in the middle of its interval
	// and a short run is not below the share.
	const half = uint64(All) / 2
	n := s.count.Add(1) // times All it overflows after 1.8e13 requests, half a millennium at 1000/s
	return (n*uint64(share)+half)/uint64(All) > ((n-1)*uint64(share)+half)/uint64(All)
}
