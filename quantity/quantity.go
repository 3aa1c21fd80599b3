// Package quantity writes durations, rates, ratios and amounts for people, the same
// way everywhere: three significant digits, and the unit that fits.
package quantity

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/floodmark/floodmark/measure"
)

// Duration writes d as every report does, with at most three significant digits:
// 41µs, 9.6ms, 156ms, 1.20s, 12.3s, 1m23s, 1h02m.
func Duration(d time.Duration) string { return Precise(d, 0) }

// Precise writes d with extra more digits, to tell it from a value nearby.
func Precise(d time.Duration, extra int) string {
	const minute = 60
	ms, s := float64(d)/1e6, d.Seconds()
	switch {
	case d < 0:
		return "-" + Precise(-max(d, -math.MaxInt64), extra)
	case d == 0:
		return "0s"
	case ms < 0.9995:
		return fmt.Sprintf("%.*fµs", extra, 1e3*ms)
	case ms < 99.95:
		return fmt.Sprintf("%.*fms", 1+extra, ms)
	case ms < 999.5:
		return fmt.Sprintf("%.*fms", extra, ms)
	case s < 9.995:
		return fmt.Sprintf("%.*fs", 2+extra, s)
	case s < 59.95:
		return fmt.Sprintf("%.*fs", 1+extra, s)
	}
	whole := int64(math.Round(s))
	if whole < minute*minute {
		return fmt.Sprintf("%dm%02ds", whole/minute, whole%minute)
	}
	return fmt.Sprintf("%dh%02dm", whole/(minute*minute), whole/minute%minute)
}

// Instant writes an offset from the start of the run as mm:ss, or h:mm:ss.
func Instant(d time.Duration) string {
	s := int64(max(d, 0) / time.Second)
	if s < 3600 {
		return fmt.Sprintf("%02d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}

// Count writes n in groups of three: 142 556.
func Count(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + " " + digits[at:]
	}
	return sign + digits
}

// Plural writes how many of something there are.
func Plural(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Count(n) + " " + many
}

// Rate writes a number per second, without the unit: 0.25, 24.9, 1 234, 1.23M.
func Rate(v float64) string {
	switch {
	case v == 0:
		return "0"
	case v < 9.95:
		return fmt.Sprintf("%.2f", v)
	case v < 999.95:
		return fmt.Sprintf("%.1f", v)
	case v < 999_999.5:
		return Count(int64(math.Round(v)))
	}
	return fmt.Sprintf("%.2fM", v/1e6)
}

// Users writes how many users are asked for: 20, and 5.50 of which there are five.
func Users(v float64) string {
	if whole := math.Round(v); math.Abs(v-whole) < 1e-6 && whole < 1e15 {
		return Count(int64(whole))
	}
	return Rate(v)
}

// Percent writes a ratio with one more digit near 0 and 1, where it matters, and
// extra more. Only 0 shows as nothing and only 1 as all.
func Percent(ratio float64, extra int) string {
	p := 100 * ratio
	if p == 0 || p == 100 {
		return fmt.Sprintf("%.0f%%", p)
	}
	digits := 1 + extra
	if p < 10 || p > 90 {
		digits++
	}
	for ; digits < 9; digits++ {
		text := fmt.Sprintf("%.*f", digits, p)
		if shown, err := strconv.ParseFloat(text, 64); err == nil && shown != 0 && shown != 100 {
			return text + "%"
		}
	}
	return fmt.Sprintf("%.*f%%", digits, p)
}

// Bytes writes an amount of data in powers of 1000.
func Bytes(n int64) string {
	v, unit := float64(n), "B"
	for _, larger := range []string{"kB", "MB", "GB", "TB", "PB", "EB"} {
		if v < 999.5 {
			break
		}
		v, unit = v/1000, larger
	}
	if unit == "B" || v >= 99.95 {
		return fmt.Sprintf("%.0f %s", v, unit)
	}
	return fmt.Sprintf("%.1f %s", v, unit)
}

// Beside writes a value of a unit with as many digits as tell it from another, such as a
// limit that it has passed by little.
func Beside(unit string, v, other float64) string {
	const most = 4
	for extra := 0; ; extra++ {
		text := Value(unit, v, extra)
		if extra == most || v == other || text != Value(unit, other, extra) {
			return text
		}
	}
}

// Value writes a value of a unit as SLOs have them: ratio, seconds, per_second, or any
// other for a plain number. extra is how many digits more than usual it has.
func Value(unit string, v float64, extra int) string {
	switch {
	case unit == "ratio":
		return Percent(v, extra)
	case unit == "seconds":
		return Precise(measure.FromSeconds(v), extra)
	case unit == "per_second":
		return Rate(v) + "/s"
	case v == math.Trunc(v) && math.Abs(v) < 1e15:
		return Count(int64(v))
	}
	return fmt.Sprintf("%.*f", 2+extra, v)
}
