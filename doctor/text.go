package doctor

import (
	"fmt"
	"io"

	"github.com/floodmark/floodmark/report"
)

// indent is where what was found begins on a line.
const indent = 28

// Text writes the report for people, in at most 80 columns but for commands. version
// is Floodmark's own.
func (r *Report) Text(w io.Writer, version string) error {
	s := &report.Sheet{}
	s.Sides("floodmark "+version+"   doctor", r.System)
	s.Blank()
	s.Verdict(string(r.Verdict()), r.Reason(), fmt.Sprintf("exit code %d", r.ExitCode()))
	s.Blank()
	for _, c := range r.Checks {
		c.text(s)
	}
	s.Blank()
	s.Words("next", "floodmark verify, for whether what is measured here is true")
	_, err := s.WriteTo(w)
	return err
}

// text writes a check: what was found and, unless it is ok, why that matters and how
// to mend it.
func (c *Check) text(s *report.Sheet) {
	s.Hang(fmt.Sprintf("  %s %-8s %s", c.Verdict.sign(), c.Verdict, c.Name), indent, c.Value)
	if c.Verdict == OK || c.Verdict == Unknown {
		return
	}
	s.Hang("", indent, c.Why)
	s.Hang("", indent, "fix: "+c.Fix)
	if c.Command != "" {
		s.Command(indent, c.Command)
	}
}

// sign marks a verdict where words are skimmed.
func (v Verdict) sign() string {
	switch v {
	case OK:
		return "✓"
	case Warn:
		return "!"
	case Bad:
		return "✗"
	case Unknown:
	}
	return "·"
}
