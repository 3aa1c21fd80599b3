package edge

import (
	"maps"
	"time"
)

// RouterStats is what a router has done since it was made. Each request that has ended
// is in exactly one of the numbers of Edges, Fallbacks, Direct, Failed and Abandoned,
// whose sum is Requests.
type RouterStats struct {
	Requests  uint64            `json:"requests"`
	Edges     map[string]uint64 `json:"edges"`     // answered by each edge, by name
	Fallbacks uint64            `json:"fallbacks"` // answered by the origin, the edge being down
	Direct    uint64            `json:"direct"`    // answered by the origin, there being no edge
	Failed    uint64            `json:"failed"`    // 502 or 504, the router's own
	Abandoned uint64            `json:"abandoned"` // the client was gone
	Down      []string          `json:"down"`      // edges that are not asked now
}

// Stats returns the numbers so far.
func (r *Router) Stats() RouterStats {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.counts
	s.Edges, s.Down = make(map[string]uint64), []string{}
	maps.Copy(s.Edges, r.counts.Edges)
	for _, one := range r.routes {
		s.Edges[one.Name] += 0 // so that one nobody has asked is there as well
		if one.down || time.Now().Before(one.until) {
			s.Down = append(s.Down, one.Name)
		}
	}
	return s
}
