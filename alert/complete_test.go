package alert

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/floodmark/floodmark/slo"
)

// aims parses what an SLO wants.
func aims(t *testing.T, texts ...string) []slo.Expression {
	t.Helper()
	var all []slo.Expression
	for _, text := range texts {
		e, err := slo.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
	return all
}

func TestDefaultsOfARule(t *testing.T) {
	for _, c := range []struct {
		when, severity string
		measured       time.Duration
		rate           float64
		want           string // condition, resolve, requests
	}{
		{"success < 80%", "", time.Minute, 200, "success < 80% over 10s; success >= 90% over 10s; 50"},
		{"success < 80%", "", time.Minute, 2, "success < 80% over 25s; success >= 90% over 25s; 50"},
		{"success < 80%", "", 0, 0, "success < 80% over 10s; success >= 90% over 10s; 50"},
		{"success < 80%", "page", 10 * time.Minute, 200, "success < 80% over 30s; success >= 90% over 30s; 50"},
		{"success < 80%", "ticket", 10 * time.Minute, 200, "success < 80% over 2m and 30s; success >= 90% over 30s; 50"},
		{"errors > 20% over 15s", "", time.Minute, 200, "errors > 20% over 15s; errors <= 10% over 15s; 50"},
		{"p99 > 600ms", "", time.Minute, 5, "p99 > 600ms over 20s; p99 <= 400ms over 20s; 100"},
		{"burn > 6 over 1m and 20s", "", 10 * time.Minute, 200, "burn > 6 over 1m and 20s; burn <= 2.667 over 20s; 10"},
		{"success < 80% over run", "", time.Minute, 200, "success < 80% over run; success >= 90% over run; 50"},
	} {
		r := &Rule{SLO: "s", Name: "r", Severity: c.severity, Target: 0.95, When: condition(t, c.when)}
		warnings := r.Complete(Circumstances{Aims: aims(t, "success >= 95%", "p99 < 300ms"), Measured: c.measured, Rate: c.rate})
		got := r.When.String() + "; " + r.Resolve.String() + "; " + strconv.FormatInt(r.MinEvents, 10)
		if got != c.want || len(warnings) > 0 {
			t.Errorf("%s: got %s %q, want %s", c.when, got, warnings, c.want)
		}
	}
}

func TestWarningsAboutARule(t *testing.T) {
	for _, c := range []struct {
		when, resolve string
		rate          float64
		measured      time.Duration
		want          string
	}{
		{"success < 80% over 10s", "", 2, time.Minute, "alert s/r needs 50 requests in a window, and 10s at 2/s has 20: it can never fire; make the window 25s"},
		{"success < 80% over 10s", "", 0.5, time.Minute, "it can never fire in this run"},
		{"success < 95% over 30s", "", 50, 0, "alert s/r fires when success < 95%, which is so while the SLO is met"},
		{"success < 80% over 5m", "", 50, time.Minute, "alert s/r looks at 5m, which is longer than the run: it sees all of it"},
		{"success < 80% over 30s", "success >= 95% over 30s", 50, 0, "is not there in 50.0% of all windows: it stays on for long; the default would be success >= 90%"},
		{"success < 80% over 30s", "success >= 96% over 30s", 50, 0, "is not there in 96"},
	} {
		r := &Rule{SLO: "s", Name: "r", Target: 0.95, When: condition(t, c.when)}
		if c.resolve != "" {
			r.Resolve = condition(t, c.resolve)
		}
		got := r.Complete(Circumstances{Aims: aims(t, "success >= 95%"), Measured: c.measured, Rate: c.rate})
		if len(got) != 1 || !strings.Contains(got[0], c.want) {
			t.Errorf("%s, %s: got %q, want %s", c.when, c.resolve, got, c.want)
		}
	}
}

// What a ramp has at its peak may be enough, though its mean is not.
func TestPeakIsEnough(t *testing.T) {
	r := &Rule{SLO: "s", Name: "r", When: condition(t, "success < 80% over 2s")}
	if got := r.Complete(Circumstances{Aims: aims(t, "success >= 95%"), Measured: time.Minute, Rate: 10, Peak: 30}); len(got) > 0 {
		t.Errorf("got %q", got)
	}
}

func TestBurnRatesThatDoNotFit(t *testing.T) {
	_, _, err := (&Rule{SLO: "s", Name: "b", Target: 0.99}).BurnRates("google", Circumstances{Measured: time.Minute})
	if want := "burn_rate google: none of its windows fits into the run, the shortest is 1h"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestBurnRates(t *testing.T) {
	for _, c := range []struct {
		table    string
		target   float64
		measured time.Duration
		rate     float64
		want     string
	}{
		{"auto", 0.99, time.Minute, 100, "page burn > 6 over 30s and 10s of 34"},
		{"auto", 0.999, time.Minute, 10, "page burn > 6 over 34s of 334"},
		{"auto", 0.99, 10 * time.Minute, 100, "page burn > 6 over 30s and 10s of 34; ticket burn > 3 over 2m and 30s of 67"},
		{"auto", 0.99, 10 * time.Hour, 100, "page burn > 2.4 over 5m and 25s of 84; ticket burn > 1.5 over 20m and 1m40s of 134"},
		{"google", 0.99, 10 * time.Hour, 100, "page burn > 14.4 over 1h and 5m of 14; page burn > 6 over 6h and 30m of 34; alert s/b 3 is left out: its window of 24h is longer than the run"},
	} {
		r := &Rule{SLO: "s", Name: "b", Target: c.target}
		rules, warnings, err := r.BurnRates(c.table, Circumstances{Measured: c.measured, Rate: c.rate})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, rule := range rules {
			got = append(got, rule.Severity+" "+rule.When.String()+" of "+strconv.FormatInt(rule.MinEvents, 10))
		}
		if text := strings.Join(append(got, warnings...), "; "); text != c.want {
			t.Errorf("%s %v: got  %s\nwant %s", c.table, c.measured, text, c.want)
		}
	}
}
