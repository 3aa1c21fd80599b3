package report

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/floodmark/floodmark/slo"
)

func TestSpans(t *testing.T) {
	const ms = time.Millisecond
	for _, c := range []struct {
		span slo.Span
		want string
	}{
		{slo.Span{Start: 4 * time.Second, End: 6 * time.Second}, "from 00:04 to 00:06 (2 s)"},
		{slo.Span{Start: 4*time.Second + 2*ms, End: 6*time.Second + 3*ms}, "from 00:04 to 00:06 (2 s)"},
		{slo.Span{Start: 3900 * ms, End: 4200 * ms}, "from 00:04 to 00:05 (300ms)"},
		{slo.Span{End: 84 * time.Second}, "from 00:00 to 01:24 (1m24s)"},
	} {
		got := whenBad(slo.Status{Spans: []slo.Span{c.span}, BadFor: c.span.Length()})
		if got != "bad "+c.want {
			t.Errorf("%v: got %q, want %q", c.span, got, "bad "+c.want)
		}
	}
}

// A value on the wrong side of its limit must not look like the limit.
func TestObservedDiffersFromLimit(t *testing.T) {
	for _, c := range []struct {
		unit            string
		observed, limit float64
		text, margin    string
	}{
		{"ratio", 0.94996, 0.95, "94.996%", "-0.004pt"},
		{"ratio", 0.95, 0.95, "95.00%", "+0.00pt"},
		{"seconds", 0.25004, 0.25, "250.04ms", "+0.02%"},
		{"seconds", 0.156, 0.25, "156ms", "-38%"},
		{"seconds", 12, 0.25, "12.0s", "×48"},
		{"seconds", 0.5, 0, "500ms", ""},
		{"per_second", 498.6, 500, "498.6/s", "-0.3%"},
		{"count", 30, 1000, "30", "-97%"},
		{"count", 1.5, 1, "1.50", "+50%"},
		{"burn", 1.5, 2, "1.50", "-25%"},
	} {
		s := slo.Status{HasData: true, Unit: c.unit, Observed: c.observed, Limit: c.limit}
		if c.unit == "burn" {
			s.Unit, s.Objective.Expression.Metric = "ratio", "burn"
		}
		if got := observed(s); got != c.text {
			t.Errorf("%v against %v: got %q, want %q", c.observed, c.limit, got, c.text)
		}
		if got := margin(s); got != c.margin {
			t.Errorf("%v against %v: got margin %q, want %q", c.observed, c.limit, got, c.margin)
		}
	}
}

func TestWrap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tokens := rapid.SliceOf(rapid.StringMatching(`[a-zé]{1,30}`)).Draw(t, "tokens")
		width := rapid.IntRange(1, 40).Draw(t, "width")
		lines := wrap(tokens, "  ", width)
		for _, line := range lines {
			if columns(line) > width {
				t.Errorf("%q is wider than %d", line, width)
			}
		}
		if width >= 30 {
			if got, want := strings.Fields(strings.Join(lines, " ")), tokens; strings.Join(got, " ") != strings.Join(want, " ") {
				t.Errorf("got %q, want %q", got, want)
			}
		}
	})
}

func TestSigned(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{signed(0, 2), "+0.00"},
		{signed(-0.004, 2), "-0.004"},
		{signed(4.331, 2), "+4.33"},
		{signed(-1e-12, 0), "-0"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}
