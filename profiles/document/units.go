package document

import (
	"strconv"
	"strings"
	"time"
)

// UnitError is a quantity that cannot be read, with a way to mend it. It implements Hint() string, which the command line
// prints below the message. Want names what was looked for, for messages that must not show the text itself.
type UnitError struct{ Message, Mend, Want string }

// What each reader looks for.
const (
	wantDuration = "a duration such as 30s"
	wantWhole    = "a whole number"
	wantNumber   = "a number"
	wantBool     = "true or false"
)

// Unreadable returns a [UnitError].
func Unreadable(message, mend, want string) error { return &UnitError{message, mend, want} }

func (e *UnitError) Error() string { return e.Message }

// Hint says how to write the quantity.
func (e *UnitError) Hint() string { return e.Mend }

// ParseDuration reads Go's notation: 250us, 300ms, 1m30s, 2h. It takes no bare number, not even 0, and nothing negative.
func ParseDuration(text string) (time.Duration, error) {
	if IsDecimal(text) {
		return 0, Unreadable(Quote(text)+" is a duration without a unit", "write "+text+"s or "+text+"ms", wantDuration)
	}
	d, err := time.ParseDuration(text)
	switch {
	case err == nil && strings.HasPrefix(text, "-"):
		return 0, Unreadable("the duration "+Quote(text)+" is negative", "a duration is 0s or more", wantDuration)
	case err == nil && !strings.HasPrefix(text, "+"):
		return d, nil
	}
	if days, ok := strings.CutSuffix(text, "d"); ok && IsDecimal(days) {
		if n, err := strconv.ParseFloat(days, 64); err == nil && n < 1e6 {
			return 0, Unreadable(Quote(text)+" is not a duration", "there are no days: write "+Decimal(n*24)+"h", wantDuration)
		}
	}
	return 0, Unreadable(Quote(text)+" is not a duration", "write it like 500ms, 30s, 5m or 1h30m", wantDuration)
}

// IsDecimal reports whether text is digits, with at most one point between them. Signs, exponents and hexadecimal notation
// are left out on purpose: in a rate they are slips of the pen.
func IsDecimal(text string) bool {
	whole, fraction, point := strings.Cut(text, ".")
	return IsDigits(whole) && (!point || IsDigits(fraction))
}

// IsDigits reports whether text is digits, and not empty.
func IsDigits(text string) bool {
	for _, c := range []byte(text) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return text != ""
}

// Decimal writes a number so that reading it gives the same number, without an exponent.
func Decimal(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

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

// Quote puts a value the user wrote into a message, shortened where it is long.
func Quote(text string) string {
	const most = 40
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return strconv.Quote(text)
}
