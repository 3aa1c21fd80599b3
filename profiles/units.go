package profiles

import (
	"strconv"
	"strings"
	"time"

	"github.com/floodmark/floodmark/profiles/document"
)

// What each reader looks for, for messages that must not show the text itself.
const (
	wantRate   = "a rate such as 500/s"
	wantTTL    = "a duration such as 30s, or once"
	wantStatus = "a status such as 2xx"
	wantRule   = "a rule such as p99 < 5ms"
)

// parseThink reads a pause: 1s, or 500ms..2s.
func parseThink(text string) (Think, error) {
	low, high, isRange := strings.Cut(text, "..")
	shortest, err := document.ParseDuration(strings.TrimSpace(low))
	if err != nil || !isRange {
		return Think{shortest, shortest}, err
	}
	longest, err := document.ParseDuration(strings.TrimSpace(high))
	return Think{shortest, longest}, err
}

// parseStatus reads 2xx, 304 or 200-204.
func parseStatus(text string) (StatusRange, error) {
	low, high, isRange := strings.Cut(text, "-")
	switch {
	case len(text) == 3 && strings.HasSuffix(text, "xx") && text[0] >= '1' && text[0] <= '5':
		class := int(text[0]-'0') * 100
		return StatusRange{class, class + 99}, nil
	case !isRange:
		high = low
	}
	from, errLow := strconv.Atoi(low)
	to, errHigh := strconv.Atoi(high)
	if errLow != nil || errHigh != nil || len(low) != 3 || len(high) != 3 || from < 100 || to > 599 {
		return StatusRange{}, document.Unreadable(document.Quote(text)+" is not a status", "write 2xx, 304 or 200-204", wantStatus)
	}
	if from > to {
		return StatusRange{}, document.Unreadable("the range "+document.Quote(text)+" runs backwards", "write "+high+"-"+low, wantStatus)
	}
	return StatusRange{from, to}, nil
}

func formatStatus(r StatusRange) string {
	switch {
	case r.Low%100 == 0 && r.High == r.Low+99:
		return strconv.Itoa(r.Low/100) + "xx"
	case r.Low == r.High:
		return strconv.Itoa(r.Low)
	}
	return strconv.Itoa(r.Low) + "-" + strconv.Itoa(r.High)
}

// FormatDuration writes a duration as a profile does: 2m where Go writes 2m0s.
func FormatDuration(d time.Duration) string { return document.FormatDuration(d) }
