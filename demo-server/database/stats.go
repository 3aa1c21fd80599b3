package database

// Stats is what a node says about itself. At every moment
//
//	Requests = InFlight + Answered + Missing + Denied + Invalid + Refused + Failed + Cancelled
//	Requests = Reads + Writes + Unrouted
//
// Requests for /healthz are not counted, nor those that a middleware answers itself.
type Stats struct {
	Requests  uint64 `json:"requests"`
	InFlight  uint64 `json:"in_flight"`
	Answered  uint64 `json:"answered"`
	Missing   uint64 `json:"missing"` // 404
	Denied    uint64 `json:"denied"`  // 401
	Invalid   uint64 `json:"invalid"` // 400, and paths that there are not
	Refused   uint64 `json:"refused"` // 503: the machine's queue was full
	Failed    uint64 `json:"failed"`  // the store or the machine came to an end
	Cancelled uint64 `json:"cancelled"`

	Reads    uint64 `json:"reads"`
	Writes   uint64 `json:"writes"`
	Unrouted uint64 `json:"unrouted"`
}

// Stats returns the node's counts since it was made.
func (n *Node) Stats() Stats {
	n.mu.Lock()
	defer n.mu.Unlock()
	s := n.stats
	s.Requests = s.Reads + s.Writes + s.Unrouted
	return s
}
