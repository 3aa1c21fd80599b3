package report

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/floodmark/floodmark/slo"
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
	if got, want := durationWith(250040*time.Microsecond, 2), "250.04ms"; got != want {
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

func TestNumbers(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{Count(0), "0"},
		{Count(999), "999"},
		{Count(142556), "142 556"},
		{Count(-1000), "-1 000"},
		{Count(math.MaxInt64), "9 223 372 036 854 775 807"},
		{Count(math.MinInt64), "-9 223 372 036 854 775 808"},
		{rate(0), "0"},
		{rate(0.25), "0.25"},
		{rate(24.9), "24.9"},
		{rate(1234.4), "1 234"},
		{rate(1_234_000), "1.23M"},
		{percent(0, 0), "0%"},
		{percent(1, 0), "100%"},
		{percent(0.007, 0), "0.70%"},
		{percent(0.5, 0), "50.0%"},
		{percent(0.9996, 0), "99.96%"},
		{percent(0.99999, 0), "99.999%"},
		{percent(1e-7, 0), "0.00001%"},
		{percent(1.2, 0), "120.00%"},
		{bytes(0), "0 B"},
		{bytes(999), "999 B"},
		{bytes(1000), "1.0 kB"},
		{bytes(12_345_678), "12.3 MB"},
		{bytes(math.MaxInt64), "9.2 EB"},
		{plural(1, "value", "values"), "1 value"},
		{plural(2000, "value", "values"), "2 000 values"},
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

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"plain words":                       "plain words",
		"  a\tb\r\nc  ":                     "a b c",
		"\x1b[31mred\x1b[0m":                "red",
		"\x1b]0;title\x07after":             "after",
		"\x1b]8;;http://x\x1b\\link":        "link",
		"\x1b]never ends":                   "",
		"\x1b":                              "",
		"\u009b2Jx":                         "x",
		"bad\xff\xfeutf":                    "badutf",
		"right\u202eleft":                   "rightleft",
		"zero\u200bwidth\x00\x08\x7f\u0085": "zerowidth",
		"größe → ✓ 漢字":                      "größe → ✓ 漢字",
	} {
		if got := clean(in); got != want {
			t.Errorf("clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCleanTwiceIsCleanOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		once := clean(rapid.String().Draw(t, "text"))
		if twice := clean(once); twice != once {
			t.Errorf("got %q, then %q", once, twice)
		}
		if strings.ContainsAny(once, "\x1b\n\r\x07") || !utf8.ValidString(once) {
			t.Errorf("not clean: %q", once)
		}
	})
}

// What was written to a file and read back must look the same.
func TestCleanAfterJSON(t *testing.T) {
	piece := rapid.OneOf(
		rapid.SampledFrom([]string{"\x1b", "\x1b[", "\x1b]", "\u009b", "\x07", "\xd9", "\x89", "\ufffd", "m"}),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 1, 3), func(b []byte) string { return string(b) }),
	)
	rapid.Check(t, func(t *rapid.T) {
		live := strings.Join(rapid.SliceOf(piece).Draw(t, "pieces"), "")
		data, err := json.Marshal(live)
		if err != nil {
			t.Fatal(err)
		}
		var saved string
		if err := json.Unmarshal(data, &saved); err != nil {
			t.Fatal(err)
		}
		if got, want := clean(saved), clean(live); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// No quantity is wider than its column.
func TestQuantitiesFitTheirColumns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Range(0, int64(999*time.Hour)).Draw(t, "duration"))
		if got := Duration(d); columns(got) > 7 {
			t.Errorf("Duration(%d) = %q", d, got)
		}
		v := rapid.Float64Range(0, 1e8).Draw(t, "rate")
		if got := rate(v); columns(got) > 8 {
			t.Errorf("rate(%v) = %q", v, got)
		}
	})
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
