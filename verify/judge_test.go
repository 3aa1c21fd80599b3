package verify

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/floodmark/floodmark/measure"
)

var update = flag.Bool("update", false, "write the golden files anew")

const µs = time.Microsecond

func TestStanding(t *testing.T) {
	bound := 500 * µs
	late := func(q float64) time.Duration { // one wake-up in a hundred is a millisecond late
		if q > 0.99 {
			return ms
		}
		return 50 * µs
	}
	for _, test := range []struct {
		name           string
		quantile       float64
		want, measured time.Duration
		bound          time.Duration
		standing       Standing
	}{
		{"exact", 0.5, 2 * ms, 2 * ms, bound, Within},
		{"at the bound", 0.5, 2 * ms, 2*ms + bound, bound, Within},
		{"too large", 0.5, 2 * ms, 2*ms + bound + 1, bound, Off},
		{"too small", 0.5, 2 * ms, 2*ms - bound - 1, bound, Off},
		{"p96 of four wake-ups is p99 of one", 0.96, 2 * ms, 4 * ms, bound, Off},
		{"beyond, and so was the machine", 0.97, 2 * ms, 4 * ms, bound, Machine},
		{"not judged", 1, 2 * ms, 99 * ms, 0, Shown},
	} {
		p := Percentile{Quantile: test.quantile, Want: test.want, Measured: test.measured, Bound: test.bound}
		if got := p.stand(late, bound); got != test.standing {
			t.Errorf("%s: got %s, want %s", test.name, got, test.standing)
		}
	}
}

// filled returns a histogram of n values that rise evenly up to the highest.
func filled(n int, highest time.Duration) *measure.Histogram {
	var h measure.Histogram
	for i := 1; i <= n; i++ {
		h.Record(highest * time.Duration(i) / time.Duration(n))
	}
	return &h
}

func TestBoundsOfPercentiles(t *testing.T) {
	y := yardstick{check: Check{Bound: 500 * µs, Share: 0.02}, pacing: filled(10, 50*µs)}
	want := filled(1000, 100*ms)
	for i, bound := range []time.Duration{1 * ms, 1800 * µs, 1900 * µs, 1980 * µs, 0, 0} { // 1 and 0 requests lie beyond the last two
		p := y.compare(measure.Response, Truth, want, want).Percentiles[i]
		if math.Abs((p.Bound-bound).Seconds()) > 1e-5 || p.Judged() != (bound > 0) {
			t.Errorf("%s: got a bound of %v, want %v", p.Name, p.Bound, bound)
		}
	}
	ideal := y.loose().compare(measure.Response, Ideal, want, want).Percentiles[0]
	if ideal.Bound != 2*ms || !ideal.Judged() {
		t.Errorf("against the ideal: got a bound of %v, want four times 500µs", ideal.Bound)
	}
	y.lenient = true
	if few := y.compare(measure.Response, Ideal, want, want).Percentiles[0]; few.Judged() || few.Standing != Shown {
		t.Errorf("against the ideal over few connections: got %s, want it shown alone", few.Standing)
	}
	y.lenient = false
	if got := y.compare(measure.Lag, Limit, filled(5000, ms), filled(5000, ms)).Percentiles[4]; got.Bound != 500*µs {
		t.Errorf("p99.9 of 5000 short ones: got a bound of %v, want 500µs", got.Bound)
	}
}

// scene returns a result as Run makes one, of 5000 requests in each scenario: the
// measured values are the true ones and the error, the pacer was late up to the given.
func scene(wrong, late time.Duration) *Result {
	c := Check{Rate: 1000, Duration: 5 * time.Second, Bound: DefaultBound, Share: DefaultShare}
	law := lognormalLaw(lawClasses)
	r := &Result{Check: c, Law: law}
	for _, s := range c.scenarios(law) {
		t := &trial{scenario: s, law: law, arrivals: make([]time.Duration, 5000), classes: make([]int, 5000)}
		for k := range t.arrivals {
			t.arrivals[k] = time.Duration(k) * ms
			t.classes[k] = k % len(law)
		}
		out := &outcome{truth: &truth{}, measured: &measure.Tally{}, pacing: filled(5000, late)}
		delays := t.delays()
		for k, response := range replay(t.arrivals, delays, s.stall, s.connections) {
			wait := response - delays[k]
			out.truth.response.Record(response)
			out.measured.Response.Record(response + 20*µs + wrong)
			out.truth.service.Record(delays[k])
			out.measured.Service.Record(delays[k] + 30*µs)
			out.truth.lag.Record(wait + 60*µs)
			out.measured.Lag.Record(wait + 50*µs)
		}
		r.Scenarios = append(r.Scenarios, c.compare(t, out))
	}
	r.judge()
	return r
}

func TestVerdicts(t *testing.T) {
	for _, test := range []struct {
		name        string
		wrong, late time.Duration
		verdict     Verdict
		exit        int
		reason      string
	}{
		{"pass", 0, 100 * µs, Pass, 0, "50 of 50 percentiles are within 500µs or 2%"},
		{"fail", 600 * µs, 100 * µs, Fail, 1, `response p50 of scenario "steady" by +621µs, `},
		{"busy", 600 * µs, 900 * µs, Invalid, 5, "1% of the arrivals were 891µs late or more"},
		{"late", 600 * µs, 502 * µs, Invalid, 5, "it was late itself where"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := scene(test.wrong, test.late)
			if test.name == "late" { // the machine is late beyond p99, and so is one p99
				*r = *scene(0, 502*µs)
				p := &r.Scenarios[0].Comparisons[1].Percentiles[3]
				p.Measured += 3 * ms
				p.Standing = p.stand(func(q float64) time.Duration { return time.Duration(q * float64(502*µs)) }, DefaultBound)
				r.judge()
			}
			if r.Verdict != test.verdict || r.Verdict.ExitCode() != test.exit || !strings.Contains(r.Reason, test.reason) {
				t.Errorf("got %s, %d, %q, want %s, %d, %q", r.Verdict, r.Verdict.ExitCode(), r.Reason, test.verdict, test.exit, test.reason)
			}
			var text, document bytes.Buffer
			if err := errors.Join(r.Text(&text, "1.2.3"), r.JSON(&document, "1.2.3")); err != nil {
				t.Fatal(err)
			}
			golden(t, test.name+".txt", text.Bytes())
			for line := range strings.Lines(text.String()) {
				if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 80 {
					t.Errorf("got a line of %d columns: %s", n, line)
				}
			}
			var decoded map[string]any
			if err := json.Unmarshal(document.Bytes(), &decoded); err != nil || decoded["schema"] != "floodmark.verify/v1" {
				t.Errorf("got %v of schema %v", err, decoded["schema"])
			}
			if test.name == "pass" {
				golden(t, "pass.json", document.Bytes())
			}
		})
	}
}

// golden compares with a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s: got\n%swant\n%s", name, got, want)
	}
}

// A handful of requests that the machine has delayed changes nothing.
func TestMachineBeyondP99ChangesNothing(t *testing.T) {
	r := scene(0, 100*µs)
	p := &r.Scenarios[1].Comparisons[2].Percentiles[4]
	p.Measured += 9 * ms
	p.Standing = Machine
	r.judge()
	if r.Verdict != Pass || !strings.Contains(r.Reason, "49 of 50 percentiles") || !strings.Contains(r.Reason, "1 beyond p99") {
		t.Errorf("got %s (%s), want pass", r.Verdict, r.Reason)
	}
}
