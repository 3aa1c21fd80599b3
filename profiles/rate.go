package profiles

import (
	"math"
	"strconv"
	"strings"

	"github.com/floodmark/floodmark/profiles/document"
)

// ParseRate reads a rate such as 500/s, 30000/m, 3600/h, 1.2k/s or 2M/s and returns it per second. A number without a unit
// is an error, since per second and per minute are easily confused; its Hint() names the right form.
func ParseRate(text string) (float64, error) {
	number, unit, ok := strings.Cut(text, "/")
	if !ok {
		return 0, rateError(text)
	}
	scale := 1.0
	switch {
	case strings.HasSuffix(number, "k"):
		number, scale = strings.TrimSuffix(number, "k"), 1e3
	case strings.HasSuffix(number, "M"):
		number, scale = strings.TrimSuffix(number, "M"), 1e6
	}
	seconds := secondsOf(unit)
	if seconds == 0 || !document.IsDecimal(number) {
		return 0, rateError(text)
	}
	value, err := strconv.ParseFloat(number, 64)
	if rate := value * scale / seconds; err == nil && !math.IsInf(rate, 0) {
		return rate, nil
	}
	return 0, document.Unreadable(document.Quote(text)+" is too large for a rate", "at most 10M/s", wantRate)
}

// rateError says why text is no rate, guessing at what was meant.
func rateError(text string) error {
	if document.IsDecimal(text) {
		return document.Unreadable(document.Quote(text)+" is a rate without a unit", "write "+text+"/s", wantRate)
	}
	number, unit, _ := strings.Cut(text, "/")
	switch {
	case strings.HasPrefix(text, "-"):
		return document.Unreadable("the rate "+document.Quote(text)+" is negative", "a rate is 0/s or more", wantRate)
	case strings.HasSuffix(number, "m") && unit == "s":
		return document.Unreadable(document.Quote(text)+" is not a rate", "a million is M: "+strings.TrimSuffix(number, "m")+"M/s", wantRate)
	case document.IsDecimal(strings.TrimRight(number, "rpsq ")) && unit == "":
		return document.Unreadable(document.Quote(text)+" is not a rate", "write "+strings.TrimRight(number, "rpsq ")+"/s", wantRate)
	}
	return document.Unreadable(document.Quote(text)+" is not a rate", "write it like 500/s, 30000/m or 1.2k/s", wantRate)
}

// secondsOf returns the seconds in the unit of a rate, or 0 for an unknown unit.
func secondsOf(unit string) float64 {
	switch unit {
	case "s":
		return 1
	case "m":
		return 60
	case "h":
		return 3600
	}
	return 0
}

// ParseStage reads a stage of a ramping arrival rate as the command line writes it: 30s:500/s.
func ParseStage(text string) (Stage, error) {
	length, target, ok := strings.Cut(text, ":")
	if !ok {
		return Stage{}, document.Unreadable(document.Quote(text)+" is not a stage", "write duration and rate: 30s:500/s", wantRate)
	}
	duration, err := document.ParseDuration(length)
	if err != nil {
		return Stage{}, err
	}
	rate, err := ParseRate(target)
	if err != nil {
		return Stage{}, err
	}
	return Stage{Duration: duration, Target: rate}, nil
}

func formatRate(perSecond float64) string { return document.Decimal(perSecond) + "/s" }
