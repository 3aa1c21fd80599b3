package dashboard

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/floodmark/floodmark/quantity"
	"github.com/floodmark/floodmark/report"
)

// duration writes seconds, a dash for none.
func duration(seconds float64) string {
	if seconds <= 0 {
		return "–"
	}
	return quantity.Duration(span(seconds))
}

// span makes a duration of seconds, however wrong they are.
func span(seconds float64) time.Duration {
	const most = float64(math.MaxInt64 / 2)
	ns := seconds * 1e9
	if math.IsNaN(ns) {
		return 0
	}
	return time.Duration(min(max(ns, -most), most))
}

// instant writes an offset in the run.
func instant(seconds float64) string { return quantity.Instant(span(seconds)) }

// rate writes n a window per second.
func rate(n int64, length float64) string {
	if length <= 0 {
		return "–"
	}
	return quantity.Rate(float64(n) / length)
}

// errorShare writes the share of failed requests, a dash without any.
func errorShare(n *report.Numbers) string {
	if n.Finished() <= 0 {
		return "–"
	}
	share := ratio(n.Failed, n.Finished())
	switch {
	case n.Failed == 0:
		return "0%"
	case share >= 0.0995:
		return fmt.Sprintf("%.0f%%", 100*share)
	case share > 0 && share < 0.00005:
		return "<0.01%"
	}
	return fmt.Sprintf("%.2f%%", 100*share)
}

// percent writes a ratio without decimals, within what a column holds.
func percent(ratio float64) string {
	if math.IsNaN(ratio) {
		return "–"
	}
	return fmt.Sprintf("%.0f%%", 100*min(max(ratio, -9.99), 9.99))
}

// padLeft fills a text to the left.
func padLeft(text string, width int) string {
	return strings.Repeat(" ", max(width-columns(text), 0)) + text
}

// mask hides where the target is, if that is wanted: its address, and what names it.
func (s *scene) mask(text string) string {
	if !s.theme.Masked {
		return text
	}
	for _, secret := range []string{s.Target, host(s.Target)} {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "•••")
		}
	}
	return text
}

// said hides what came from the target, if that is wanted.
func (s *scene) said(text string) string {
	if s.theme.Masked && text != "" {
		return "•••"
	}
	return text
}

// host returns the host of a URL, with its port.
func host(url string) string {
	_, rest, found := strings.Cut(url, "://")
	if !found {
		rest = url
	}
	at, _, _ := strings.Cut(rest, "/")
	return at
}
