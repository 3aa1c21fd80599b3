package cache

import "encoding/json"

// Stats is what a cache has done since it was made. Each read is in exactly one of
// Hits, Stale, SharedHits, Early and Misses, whose sum is Gets; each write is in exactly
// one of Written, Coalesced, WriteErrors, Lost and Queued, whose sum is Writes. Calls
// refused with ErrClosed or ErrNoWriter are not counted, nor are writes whose context
// ended before the queue of WriteBehind had room.
type Stats struct {
	Gets       uint64
	Hits       uint64 // served from this process, good
	Stale      uint64 // served after their time, or older than a write around the cache
	SharedHits uint64 // served from the shared tier
	Early      uint64 // loaded while the old value was good
	Misses     uint64 // loaded, or waited for a load, with or without success

	Loads      uint64 // calls of the loader, of which
	LoadErrors uint64 // failed
	Loading    int    // calls under way
	PeakLoads  int    // the most that were under way at once

	Writes      uint64
	Written     uint64 // taken by the writer
	Coalesced   uint64 // replaced in the queue by a later value of their key
	WriteErrors uint64 // not taken, or given up before they began
	Lost        uint64 // accepted and never written: queued at a crash, or at the end of Close's time
	Queued      int    // accepted and not written yet

	Evictions    uint64 // entries that made room for others
	Entries      int    // in this process
	SharedErrors uint64 // calls of the shared tier that failed, which counts as not found
}

// HitRatio returns the share of reads that nobody waited for the database with, 0 to 1.
func (s Stats) HitRatio() float64 {
	if s.Gets == 0 {
		return 0
	}
	return float64(s.Hits+s.Stale+s.SharedHits) / float64(s.Gets)
}

// Stats returns the numbers so far.
func (c *Cache) Stats() Stats {
	c.mu.Lock()
	s := c.counts
	s.Entries = c.entries.len()
	c.mu.Unlock()
	s.Evictions = c.evicting.Load()
	if c.behind != nil {
		c.behind.snapshot(&s)
	}
	return s
}

// MarshalJSON writes all numbers, and the hit ratio.
func (s Stats) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]any{
		"gets": s.Gets, "hits": s.Hits, "stale": s.Stale, "shared_hits": s.SharedHits, "early": s.Early, "misses": s.Misses,
		"hit_ratio": s.HitRatio(),
		"loads":     s.Loads, "load_errors": s.LoadErrors, "loading": s.Loading, "peak_loads": s.PeakLoads,
		"writes": s.Writes, "written": s.Written, "coalesced": s.Coalesced, "write_errors": s.WriteErrors, "lost": s.Lost, "queued": s.Queued,
		"evictions": s.Evictions, "entries": s.Entries, "shared_errors": s.SharedErrors,
	})
}
