package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/quantity"
)

const (
	maxEndpoints    = 20 // shown
	maxEndpointName = 31 // columns
	maxFailureKinds = 6  // shown
)

// endpoints shows a table of what each endpoint did.
func (p *page) endpoints(s *Summary) {
	p.blank()
	if len(s.Endpoints) == 0 {
		return
	}
	shown := s.Endpoints[:min(len(s.Endpoints), maxEndpoints)]
	width := len("endpoint")
	for _, e := range shown {
		width = max(width, min(columns(quantity.Line(e.Name)), maxEndpointName))
	}
	p.columns("endpoint", width)
	for _, e := range shown {
		p.row(s, pad(fit(quantity.Line(e.Name), width), width), e.Counts, &e.Response)
	}
	if more := len(s.Endpoints) - len(shown); more > 0 {
		p.line("  and " + strconv.Itoa(more) + " more")
	}
	p.blank()
}

// columns writes the head of a table of endpoints or backends.
func (p *page) columns(of string, width int) {
	p.line("  " + pad(of, width) + "    req/s  share     p50     p95     p99   err%")
}

// row writes what one of them did.
func (p *page) row(s *Summary, name string, c measure.Counts, response *measure.Histogram) {
	p.line("  " + name +
		padLeft(quantity.Rate(perSecond(c.Finished(), s.Elapsed)), 9) +
		padLeft(fmt.Sprintf("%.0f%%", 100*share(c.Finished(), s.Measured.Finished())), 7) +
		padLeft(quantileOrDash(response, 0.5), 8) +
		padLeft(quantileOrDash(response, 0.95), 8) +
		padLeft(quantileOrDash(response, 0.99), 8) +
		padLeft(errorPercent(c), 7))
}

// quantileOrDash writes a quantile, or a dash when there is no value.
func quantileOrDash(h *measure.Histogram, q float64) string {
	if h.Count() == 0 {
		return "-"
	}
	return quantile(h, q)
}

// errorPercent writes the share of failed requests without the sign; one that is
// not zero never looks like it.
func errorPercent(c measure.Counts) string {
	p := 100 * share(c.Failed, c.Finished())
	switch {
	case c.Finished() == 0:
		return "-"
	case p > 0 && p < 0.05:
		return "<0.1"
	case p < 100 && p >= 99.95:
		return ">99.9"
	}
	return fmt.Sprintf("%.1f", p)
}

// A failureKind is one way in which requests failed.
type failureKind struct {
	label  string
	count  int64
	sample measure.Exemplar
}

// failureKinds parts the failed requests by status or outcome, most frequent
// first. An answer's status alone does not make a failure: whether there is an
// example of it tells.
func failureKinds(t *measure.Tally) []failureKind {
	var kinds []failureKind
	rest := failureKind{label: "refused by the success rule", count: t.Failed}
	for _, e := range t.Exemplars {
		label, n := failureOf(t, e)
		known := slices.ContainsFunc(kinds, func(k failureKind) bool { return k.label == label })
		switch {
		case n == 0 && rest.sample.Outcome == measure.None:
			rest.sample = e
			rest.label = label + ", refused by the success rule"
		case n > 0 && !known:
			n = min(n, rest.count)
			rest.count -= n
			kinds = append(kinds, failureKind{label, n, e})
		}
	}
	if rest.count > 0 {
		if rest.sample.Outcome == measure.None {
			rest.label = "other"
		}
		kinds = append(kinds, rest)
	}
	slices.SortStableFunc(kinds, func(a, b failureKind) int { return cmp.Compare(b.count, a.count) })
	return kinds
}

// failureOf names an exemplar's kind and counts it; 0 stands for an answer that
// looks good and was refused, whose number nobody counted apart.
func failureOf(t *measure.Tally, e measure.Exemplar) (string, int64) {
	switch e.Outcome {
	case measure.Status1xx, measure.Status2xx, measure.Status3xx:
		return "HTTP " + strconv.Itoa(e.Status), 0
	case measure.Status4xx, measure.Status5xx:
		for _, s := range t.Statuses {
			if s.Status == e.Status {
				return "HTTP " + strconv.Itoa(e.Status), s.Count
			}
		}
		return "HTTP " + e.Outcome.String(), t.Outcomes[e.Outcome]
	default:
		return e.Outcome.String(), t.Outcomes[e.Outcome]
	}
}

// failures shows what went wrong, where, and one sample of it.
func (p *page) failures(s *Summary) {
	if s.Measured.Failed <= 0 || len(s.Endpoints) == 0 {
		return
	}
	kinds := failureKinds(s.Measured)
	var tokens []string
	for _, k := range kinds[:min(len(kinds), maxFailureKinds)] {
		tokens = append(tokens, k.label+" ×"+quantity.Count(k.count))
	}
	if more := len(kinds) - len(tokens); more > 0 {
		tokens = append(tokens, strconv.Itoa(more)+" more kinds")
	}
	p.field("errors", tokens, "   ")
	worst := slices.MaxFunc(s.Endpoints, func(a, b Endpoint) int { return cmp.Compare(a.Failed, b.Failed) })
	p.field("", []string{fmt.Sprintf("%.0f%% on %s", 100*share(worst.Failed, s.Measured.Failed), quantity.Line(worst.Name))}, "")
	if i := slices.IndexFunc(kinds, func(k failureKind) bool { return k.sample.Outcome != measure.None }); i >= 0 {
		p.sentence("", "sample: "+s.sample(kinds[i].sample))
	}
}

// sample tells one failure in words.
func (s *Summary) sample(e measure.Exemplar) string {
	text := e.Outcome.String()
	if e.Status != 0 {
		text = "HTTP " + strconv.Itoa(e.Status)
	}
	if detail := quantity.Line(e.Detail); detail != "" {
		text += ` "` + detail + `"`
	}
	if series := s.Totals.Series(); e.Series >= 0 && e.Series < len(series) {
		return quantity.Instant(e.At) + " " + fit(quantity.Line(series[e.Series].Endpoint), maxEndpointName) + ": " + text
	}
	return quantity.Instant(e.At) + " " + text
}
