package profiles

import (
	"strconv"
	"strings"
	"time"
)

// unitError is a quantity that cannot be read, with a way to mend it. It implements Hint() string, which the command line
// prints below the message. Want names what was looked for, for messages that must not show the text itself.
type unitError struct{ message, hint, want string }

// What each reader looks for.
const (
	wantRate     = "a rate such as 500/s"
	wantDuration = "a duration such as 30s"
	wantTTL      = "a duration such as 30s, or once"
	wantStatus   = "a status such as 2xx"
	wantWhole    = "a whole number"
	wantNumber   = "a number"
	wantBool     = "true or false"
	wantRule     = "a rule such as p99 < 5ms"
)

func (e *unitError) Error() string { return e.message }

// Hint says how to write the quantity.
func (e *unitError) Hint() string { return e.hint }

// parseDuration reads Go's notation: 250us, 300ms, 1m30s, 2h. It takes no bare number, not even 0, and nothing negative.
func parseDuration(text string) (time.Duration, error) {
	if isDecimal(text) {
		return 0, &unitError{quote(text) + " is a duration without a unit", "write " + text + "s or " + text + "ms", wantDuration}
	}
	d, err := time.ParseDuration(text)
	switch {
	case err == nil && strings.HasPrefix(text, "-"):
		return 0, &unitError{"the duration " + quote(text) + " is negative", "a duration is 0s or more", wantDuration}
	case err == nil && !strings.HasPrefix(text, "+"):
		return d, nil
	}
	if days, ok := strings.CutSuffix(text, "d"); ok && isDecimal(days) {
		if n, err := strconv.ParseFloat(days, 64); err == nil && n < 1e6 {
			return 0, &unitError{quote(text) + " is not a duration", "there are no days: write " + decimal(n*24) + "h", wantDuration}
		}
	}
	return 0, &unitError{quote(text) + " is not a duration", "write it like 500ms, 30s, 5m or 1h30m", wantDuration}
}

// parseThink reads a pause: 1s, or 500ms..2s.
func parseThink(text string) (Think, error) {
	low, high, isRange := strings.Cut(text, "..")
	shortest, err := parseDuration(strings.TrimSpace(low))
	if err != nil || !isRange {
		return Think{shortest, shortest}, err
	}
	longest, err := parseDuration(strings.TrimSpace(high))
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
		return StatusRange{}, &unitError{quote(text) + " is not a status", "write 2xx, 304 or 200-204", wantStatus}
	}
	if from > to {
		return StatusRange{}, &unitError{"the range " + quote(text) + " runs backwards", "write " + high + "-" + low, wantStatus}
	}
	return StatusRange{from, to}, nil
}

// isDecimal reports whether text is digits, with at most one point between them. Signs, exponents and hexadecimal notation
// are left out on purpose: in a rate they are slips of the pen.
func isDecimal(text string) bool {
	whole, fraction, point := strings.Cut(text, ".")
	return isDigits(whole) && (!point || isDigits(fraction))
}

func isDigits(text string) bool {
	for _, c := range []byte(text) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return text != ""
}

// decimal writes a number so that reading it gives the same number, without an exponent.
func decimal(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

// FormatDuration writes a duration as a profile does: 2m where Go writes 2m0s.
func FormatDuration(d time.Duration) string {
	text := d.String()
	if short, ok := strings.CutSuffix(text, "m0s"); ok {
		text = short + "m"
	}
	if short, ok := strings.CutSuffix(text, "h0m"); ok {
		text = short + "h"
	}
	return text
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

// quote puts a value the user wrote into a message, shortened where it is long.
func quote(text string) string {
	const most = 40
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return strconv.Quote(text)
}
