package quantity

import (
	"math"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                             "0s",
		300:                           "0µs",
		41 * time.Microsecond:         "41µs",
		999_400:                       "999µs",
		999_600:                       "1.0ms",
		9600 * time.Microsecond:       "9.6ms",
		99_940 * time.Microsecond:     "99.9ms",
		99_960 * time.Microsecond:     "100ms",
		156 * time.Millisecond:        "156ms",
		999_600 * time.Microsecond:    "1.00s",
		1200 * time.Millisecond:       "1.20s",
		9996 * time.Millisecond:       "10.0s",
		59_960 * time.Millisecond:     "1m00s",
		83 * time.Second:              "1m23s",
		3599_600 * time.Millisecond:   "1h00m",
		62 * time.Minute:              "1h02m",
		-9600 * time.Microsecond:      "-9.6ms",
		time.Duration(math.MinInt64):  "-2562047h47m",
		100 * 24 * 365 * time.Hour:    "876000h00m",
		250040 * time.Microsecond:     "250ms",
		time.Duration(math.MaxInt64):  "2562047h47m",
		time.Minute + time.Nanosecond: "1m00s",
	} {
		if got := Duration(d); got != want {
			t.Errorf("Duration(%d) = %q, want %q", d, got, want)
		}
	}
	if got, want := Precise(250040*time.Microsecond, 2), "250.04ms"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestInstant(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-1: "00:00", 0: "00:00", 111*time.Second + 999*time.Millisecond: "01:51",
		time.Hour - 1: "59:59", time.Hour: "1:00:00", 26*time.Hour + time.Second: "26:00:01",
	} {
		if got := Instant(d); got != want {
			t.Errorf("Instant(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestNumbers(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{Count(0), "0"},
		{Count(999), "999"},
		{Count(142556), "142 556"},
		{Count(-1000), "-1 000"},
		{Count(math.MaxInt64), "9 223 372 036 854 775 807"},
		{Count(math.MinInt64), "-9 223 372 036 854 775 808"},
		{Rate(0), "0"},
		{Rate(0.25), "0.25"},
		{Rate(24.9), "24.9"},
		{Rate(1234.4), "1 234"},
		{Rate(1_234_000), "1.23M"},
		{Percent(0, 0), "0%"},
		{Percent(1, 0), "100%"},
		{Percent(0.007, 0), "0.70%"},
		{Percent(0.5, 0), "50.0%"},
		{Percent(0.9996, 0), "99.96%"},
		{Percent(0.99999, 0), "99.999%"},
		{Percent(1e-7, 0), "0.00001%"},
		{Percent(1.2, 0), "120.00%"},
		{Bytes(0), "0 B"},
		{Bytes(999), "999 B"},
		{Bytes(1000), "1.0 kB"},
		{Bytes(12_345_678), "12.3 MB"},
		{Bytes(math.MaxInt64), "9.2 EB"},
		{Plural(1, "value", "values"), "1 value"},
		{Plural(2000, "value", "values"), "2 000 values"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestUsers(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 1: "1", 20 * 1.1: "22", 5.5: "5.50", 1234: "1 234"} {
		if got := Users(v); got != want {
			t.Errorf("Users(%v) = %q, want %q", v, got, want)
		}
	}
}

// No quantity is wider than its column.
func TestQuantitiesFitTheirColumns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Range(0, int64(999*time.Hour)).Draw(t, "duration"))
		if got := Duration(d); utf8.RuneCountInString(got) > 7 {
			t.Errorf("Duration(%d) = %q", d, got)
		}
		v := rapid.Float64Range(0, 1e8).Draw(t, "rate")
		if got := Rate(v); utf8.RuneCountInString(got) > 8 {
			t.Errorf("Rate(%v) = %q", v, got)
		}
	})
}
