package thirdparty

// PaymentStats is what a payment node says about itself. At every moment
//
//	Requests = InFlight + Approved + Declined + Outages + Replayed + Conflicts + Invalid + Lookups + Gone
//	Charges  = Captured + Pending
//
// Requests for /healthz are not counted.
type PaymentStats struct {
	Requests  uint64 `json:"requests"`
	InFlight  uint64 `json:"in_flight"`
	Approved  uint64 `json:"approved"`  // charged by this request
	Declined  uint64 `json:"declined"`  // by this request
	Outages   uint64 `json:"outages"`   // answered 503
	Replayed  uint64 `json:"replayed"`  // the answer of an earlier request, nothing charged
	Conflicts uint64 `json:"conflicts"` // another body under a known key
	Invalid   uint64 `json:"invalid"`
	Lookups   uint64 `json:"lookups"`
	Gone      uint64 `json:"gone"` // the client left before the answer, which its charge does not mind

	Charges      uint64 `json:"charges"` // approved, each once, whoever waited for the answer
	ChargedCents uint64 `json:"charged_cents"`
	Captured     uint64 `json:"captured"` // charges whose money was taken
	Pending      uint64 `json:"pending"`  // charges whose money is still to be taken

	WebhooksSent   uint64 `json:"webhooks_sent"`
	WebhooksFailed uint64 `json:"webhooks_failed"` // given up after some attempts, or one too many
}

// Stats returns the node's counts since it was made.
func (n *PaymentNode) Stats() PaymentStats {
	n.mu.Lock()
	s := n.stats
	n.till.mu.Lock()
	s.Captured, s.WebhooksSent, s.WebhooksFailed = n.till.taken, n.till.sent, n.till.lost
	n.till.mu.Unlock()
	n.mu.Unlock()
	s.Pending = s.Charges - s.Captured
	s.Requests = s.InFlight + s.Approved + s.Declined + s.Outages + s.Replayed + s.Conflicts + s.Invalid + s.Lookups + s.Gone
	return s
}
