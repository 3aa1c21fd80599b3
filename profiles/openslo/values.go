package openslo

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/floodmark/floodmark/profiles"
)

// text returns the single value below a key; ok is false if there is none, which is a fault if there is something else.
func (im *importer) text(v profiles.Value, key string) (text string, ok bool) {
	value := v.Key(key)
	if !value.Given() {
		return "", false
	}
	if text, ok = value.Text(); !ok {
		im.file.Fault(value.Position, "", "%s must be a single value, not %s", key, value.Shape())
	}
	return text, ok
}

// mustText is text for a key that must be there.
func (im *importer) mustText(v profiles.Value, key string) (text string, ok bool) {
	text, ok = im.text(v, key)
	if !ok && !v.Key(key).Given() || ok && text == "" {
		im.missing(v, v.Position, key)
		return "", false
	}
	return text, ok
}

// missing notes that a key is not there, at the place of what should hold it, or else of something around that.
func (im *importer) missing(v profiles.Value, around profiles.Position, key string) {
	at := around
	if v.Given() {
		at = v.Position
	}
	im.file.Fault(at, "", "%s is missing", key)
}

// number returns the number below a key; given is false if there is none, or none that can be read.
func (im *importer) number(v profiles.Value, key string) (n float64, given bool) {
	text, ok := im.text(v, key)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(n, 0) || strings.Trim(text, "0123456789.eE+-") != "" {
		im.file.Fault(v.Key(key).Position, "", "%s must be a number, got %q", key, text)
		return 0, false
	}
	return n, true
}

// flag returns the truth value below a key; given is false if there is none, or none that can be read.
func (im *importer) flag(v profiles.Value, key string) (yes, given bool) {
	text, ok := im.text(v, key)
	if ok && text != "true" && text != "false" {
		im.file.Fault(v.Key(key).Position, "", "%s must be true or false, got %q", key, text)
		return false, false
	}
	return text == "true", ok
}

// list returns the items below a key, which may be missing.
func (im *importer) list(v profiles.Value, key string) []profiles.Value {
	value := v.Key(key)
	if value.Given() && !value.IsList() {
		im.file.Fault(value.Position, "begin each item with -", "%s must be a list, not %s", key, value.Shape())
	}
	return value.Items()
}

// duration returns the length of time below a key in OpenSLO's shorthand: 5m, 12h, 4w, 1Q. Months, quarters and years are
// of 30, 91 and 365 days. given is false if there is none, or none that can be read.
func (im *importer) duration(v profiles.Value, key string) (d time.Duration, given bool) {
	text, ok := im.text(v, key)
	if !ok {
		return 0, false
	}
	const day = 24 * time.Hour
	units := map[byte]time.Duration{'m': time.Minute, 'h': time.Hour, 'd': day, 'w': 7 * day, 'M': 30 * day, 'Q': 91 * day, 'Y': 365 * day}
	if text != "" {
		unit := units[text[len(text)-1]]
		n, err := strconv.ParseUint(text[:len(text)-1], 10, 32)
		if err == nil && unit > 0 && n <= uint64(100*365*day/unit) {
			return time.Duration(n) * unit, true //nolint:gosec // at most a hundred years
		}
	}
	im.file.Fault(v.Key(key).Position, "write for example 5m, 12h, 30d or 4w", "%s must be a length of time, got %q", key, text)
	return 0, false
}

// strangers notes the keys of a mapping that are not read.
func (im *importer) strangers(v profiles.Value, of string, known ...string) {
	names, places := v.Keys()
	for i, name := range names {
		if !slices.Contains(known, name) {
			im.note(places[i], "%s is not a key of %s, and is left out", strconv.Quote(name), of)
		}
	}
}

// joined writes words as a sentence has them.
func joined(words []string) string { return strings.Join(words, ", ") }

// plain writes a number as people do. Its last digits, which the arithmetic of fractions makes up, are rounded.
func plain(n float64) string {
	return strconv.FormatFloat(rounded(n), 'f', -1, 64)
}

// rounded rounds to twelve digits behind the point.
func rounded(n float64) float64 {
	if r, err := strconv.ParseFloat(strconv.FormatFloat(n, 'f', 12, 64), 64); err == nil {
		return r
	}
	return n
}
