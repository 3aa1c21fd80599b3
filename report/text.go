package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/quantity"
)

// Text writes the summary for people: at most 80 columns, the verdict first, the
// same to a terminal and into a pipe. States are signs and words, never colours.
// Names and error samples lose their control characters.
func Text(w io.Writer, s Summary) error {
	p := &page{}
	p.head(&s)
	p.verdict(&s)
	p.steers(&s)
	p.objectives(s.Statuses)
	p.marks(s.Ending.Marks)
	p.alerts(&s)
	p.latency(s.Measured)
	p.requests(&s)
	p.traffic(s.Measured)
	p.failures(&s)
	p.endpoints(&s)
	p.backends(&s)
	p.generator(&s)
	p.ending(&s)
	_, err := io.WriteString(w, p.text.String())
	return err
}

// head says what was run. What does not fit beside the target goes below it.
func (p *page) head(s *Summary) {
	left := strings.Join(strings.Fields("floodmark "+quantity.Line(s.Run.Version)), " ")
	source, target := quantity.Line(s.Run.Source), quantity.Line(s.Run.Target)
	if source == "" {
		source = quantity.Line(s.Run.Name)
	}
	left += "   " + source
	if target != "" && !strings.Contains(source, "://") {
		if columns(left+" → "+target) > pageWidth {
			p.line(left)
			left = "floodmark"
		}
		left += " → " + target
	}
	p.sides(left, quantity.Line(s.Run.Load))
	p.blank()
}

// sides puts one text at the left and one at the right margin, or below each
// other where a line is too short for both.
func (p *page) sides(left, right string) {
	space := pageWidth - columns(left) - columns(right)
	if right != "" && space < 2 {
		p.line(left)
		left, space = "", pageWidth-columns(right)
	}
	p.line(left + strings.Repeat(" ", max(space, 0)) + right)
}

func (p *page) verdict(s *Summary) {
	label := "  " + strings.ToUpper(string(s.Verdict)) + "   "
	exit := fmt.Sprintf("exit code %d", s.ExitCode)
	width := pageWidth - columns(label) - columns(exit) - 2
	for part := range strings.SplitSeq(s.Reason, "; ") {
		for _, words := range wrap(strings.Fields(part), " ", width) {
			p.sides(label+words, exit)
			label, exit = strings.Repeat(" ", columns(label)), ""
		}
	}
	for _, reason := range s.Generator.Reasons {
		p.sentence("because", reason)
	}
	p.blank()
}

// latency shows the response clock, and beside it what the others say.
func (p *page) latency(t *measure.Tally) {
	if t.Response.Count() == 0 {
		p.sentence("latency", "no data: no request finished")
		return
	}
	tokens := []string{
		"p50 " + quantile(&t.Response, 0.5), "p90 " + quantile(&t.Response, 0.9),
		"p95 " + quantile(&t.Response, 0.95), "p99 " + quantile(&t.Response, 0.99),
		"p99.9 " + quantile(&t.Response, 0.999), "max " + quantity.Duration(t.Response.Max()),
	}
	gap := "  "
	if columns(strings.Join(tokens, gap)) > pageWidth-labelColumn {
		gap = " "
	}
	p.field("latency", tokens, gap)
	p.field("", []string{
		"measured from the planned start;",
		"service time alone: p99 " + quantile(&t.Service, 0.99) + ";",
		"lag p99 " + quantile(&t.Lag, 0.99),
	}, " ")
	if n := t.Response.Clamped(); n > 0 {
		p.sentence("", quantity.Plural(n, "value", "values")+" beyond 1 h counted as 1 h")
	}
}

// quantile writes the quantile of a histogram.
func quantile(h *measure.Histogram, q float64) string { return quantity.Duration(h.Quantile(q)) }

// requests shows where every planned request went.
func (p *page) requests(s *Summary) {
	t := s.Measured
	p.field("requests", []string{
		quantity.Count(t.Planned) + " planned", "= " + quantity.Count(t.Succeeded) + " ok", "+ " + quantity.Count(t.Failed) + " failed",
		"+ " + quantity.Count(t.Unsent) + " unsent", "+ " + quantity.Count(t.InFlight) + " in flight",
	}, " ")
	var tokens []string
	if s.Elapsed > 0 {
		tokens = append(tokens, quantity.Rate(perSecond(t.Finished(), s.Elapsed))+"/s completed")
	}
	if s.run.AskedRate > 0 {
		tokens = append(tokens, quantity.Rate(s.run.AskedRate)+" arrivals/s asked")
	}
	tokens = append(tokens, quantity.Count(t.Late)+" late (more than "+measure.LateAfter.String()+")")
	p.field("", tokens, ", ")
	if s.Warmup.Planned > 0 {
		p.sentence("warm-up", fmt.Sprintf("%s of %s not counted above",
			quantity.Plural(s.Warmup.Planned, "request", "requests"), quantity.Instant(s.run.warmup(s.Ending.Elapsed))))
	}
}

// traffic shows new connections, if there were any, and bytes.
func (p *page) traffic(t *measure.Tally) {
	if t.Connect.Count() > 0 {
		tokens := []string{
			quantity.Count(t.Connect.Count()) + " new",
			"p50 " + quantile(&t.Connect, 0.5), "p99 " + quantile(&t.Connect, 0.99),
		}
		if t.TLS.Count() > 0 {
			tokens = append(tokens, "tls p50 "+quantile(&t.TLS, 0.5), "p99 "+quantile(&t.TLS, 0.99))
		}
		p.field("connect", tokens, "  ")
	}
	if t.BytesIn+t.BytesOut > 0 {
		p.field("bytes", []string{quantity.Bytes(t.BytesIn) + " in", quantity.Bytes(t.BytesOut) + " out"}, "  ")
	}
}

// generator says whether the numbers can be trusted, and what else to know.
func (p *page) generator(s *Summary) {
	g := s.Generator
	tokens := []string{"cpu not known,"}
	if g.CPURatio > 0 {
		tokens[0] = fmt.Sprintf("cpu %.0f%%,", 100*g.CPURatio)
	}
	tokens = append(tokens, "lag p99 "+quantity.Duration(g.LagP99))
	if g.Paced > 0 {
		tokens[len(tokens)-1] += ","
		tokens = append(tokens, "pacing p99 "+quantity.Duration(g.PacingP99))
	}
	if g.Valid {
		tokens = append(tokens, "→ trustworthy")
	} else {
		tokens = append(tokens, "→ not trustworthy, see above")
	}
	p.field("generator", tokens, " ")
	for _, note := range g.Notes {
		p.sentence("", note)
	}
}

// ending shows warnings, where the run is kept, and what to do next.
func (p *page) ending(s *Summary) {
	for _, warning := range s.Ending.Warnings {
		p.sentence("warning", quantity.Line(warning))
	}
	if n := s.Ending.LostIntervals; n > 0 {
		p.sentence("warning", quantity.Plural(int64(n), "interval", "intervals")+
			" could not be saved: a report made from the files will lack them")
	}
	if s.Ending.SavedAs != "" {
		p.field("saved", []string{fitTail(quantity.Line(s.Ending.SavedAs), pageWidth-labelColumn)}, " ")
	}
	p.field("next", s.next(), "    ")
}

// next returns the commands that help from here.
func (s *Summary) next() []string {
	if s.Ending.SavedAs == "" {
		return []string{"floodmark run --help"}
	}
	return []string{"floodmark report @latest", "floodmark runs list"}
}

// seconds writes a time that beats were counted in: 24 s, 1m24s, 300ms.
func seconds(d time.Duration) string {
	whole := d.Round(time.Second)
	if whole < time.Second || whole >= time.Minute {
		return quantity.Duration(d)
	}
	return fmt.Sprintf("%d s", whole/time.Second)
}
