package report

import (
	"strconv"
	"time"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/quantity"
)

// maxBackendsShown is how many addresses the text lists.
const maxBackendsShown = 10

type backend struct {
	Address     string  `json:"address"`
	Succeeded   int64   `json:"succeeded"`
	Failed      int64   `json:"failed"`
	Connections int64   `json:"connections"`
	Rate        float64 `json:"completed_per_second"`
	Response    clock   `json:"response"`
}

// backendsOf lists who answered, by address.
func backendsOf(from []*measure.Backend, elapsed time.Duration) []backend {
	out := make([]backend, 0, len(from))
	for _, b := range from {
		out = append(out, backend{
			Address: quantity.Line(b.Address), Succeeded: b.Succeeded, Failed: b.Failed, Connections: b.Connected,
			Rate: perSecond(b.Finished(), elapsed), Response: clockOf(&b.Response),
		})
	}
	return out
}

// backends shows who answered, where that is more than one address.
func (p *page) backends(s *Summary) {
	all := s.Totals.Backends
	if len(all) < 2 {
		return
	}
	shown := all[:min(len(all), maxBackendsShown)]
	width := len("backend")
	for _, b := range shown {
		width = max(width, min(columns(quantity.Line(b.Address)), maxEndpointName))
	}
	p.columns("backend", width)
	for _, b := range shown {
		counts := measure.Counts{Succeeded: b.Succeeded, Failed: b.Failed}
		p.row(s, pad(fit(quantity.Line(b.Address), width), width), counts, &b.Response)
	}
	if more := len(all) - len(shown); more > 0 {
		p.line("  and " + strconv.Itoa(more) + " more")
	}
	p.blank()
}
