package journey_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/floodmark/floodmark/demo-server/journey"
)

// A spoiling takes from what was seen what an expectation rests on.
type spoiling struct {
	fails string // what the text of the expectation has in it
	how   func(seen []*journey.Observation)
	also  string // of another one, which cannot hold then either; empty: all others hold
}

// spoilings are those of each stage that has something to do with real servers: one or
// more for each of its expectations.
func spoilings() map[string][]spoiling {
	return map[string][]spoiling{
		"04d": {
			{fails: "at most 5 requests", how: func(seen []*journey.Observation) { seen[0].Runs[0].Result.Counts.Succeeded -= 6 }},
			{fails: "none fails", how: func(seen []*journey.Observation) { seen[1].Runs[0].Result.Counts.Succeeded-- }},
		},
		"05":  spoiledGateway(),
		"06a": spoiledLimits(),
		"06b": {
			{fails: "almost twice", how: func(seen []*journey.Observation) { admit(&seen[0].Runs[0], 60) }},
			{fails: "sliding log", how: func(seen []*journey.Observation) { admit(&seen[1].Runs[0], 60) }},
		},
		"06c": {
			{fails: "twice the limit", how: func(seen []*journey.Observation) { admit(&seen[0].Runs[0], 90) }},
			{fails: "admit it once", how: func(seen []*journey.Observation) { admit(&seen[1].Runs[0], 55) }},
		},
		"07":  spoiledBreaker(),
		"09a": spoiledStrategies(),
		"10": {
			{fails: "a few times", how: func(seen []*journey.Observation) { arrive(&seen[1].Runs[0], 10) }},
			{fails: "own round trip", how: func(seen []*journey.Observation) {
				endpoint(&seen[1].Runs[0], "eu").Response.P50 = 0.030
			}},
			{fails: "own round trip", how: func(seen []*journey.Observation) {
				endpoint(&seen[0].Runs[0], "apac").Response.P50 = 0.260
			}},
			{fails: "farther away", also: "own round trip", how: func(seen []*journey.Observation) {
				endpoint(&seen[1].Runs[0], "apac").Response.P50 = 0.015
			}},
		},
		"12": {
			{fails: "within 3 s", how: func(seen []*journey.Observation) { seen[0].Runs[0].Samples = nil }},
			{fails: "within 3 s", how: func(seen []*journey.Observation) {
				for i := range seen[0].Runs[0].Samples {
					seen[0].Runs[0].Samples[i].At += 4
				}
			}},
			{fails: "no request fails", how: func(seen []*journey.Observation) { seen[0].Runs[0].Result.Counts.Succeeded-- }},
		},
		"16": spoiledDip(),
	}
}

func spoiledGateway() []spoiling {
	return []spoiling{
		{fails: "no 401 or 403", how: func(seen []*journey.Observation) { arrive(&seen[1].Runs[0], 1) }},
		{fails: "no 401 or 403", also: "half of the mixed load", how: func(seen []*journey.Observation) {
			change(seen[1].Runs[0].After, "gateway", always(0), "unauthorised")
			change(seen[1].Runs[0].After, "gateway", always(0), "forbidden")
		}},
		{fails: "half of the mixed load", how: func(seen []*journey.Observation) {
			change(seen[1].Runs[0].After, "gateway", times(0.5), "unauthorised")
		}},
		{fails: "less than 2 ms", how: func(seen []*journey.Observation) { seen[1].Runs[1].Result.Response.P50 += 0.002 }},
	}
}

func spoiledLimits() []spoiling {
	return []spoiling{
		{fails: "within 2%", how: func(seen []*journey.Observation) {
			arrive(&seen[2].Runs[0], admit(&seen[2].Runs[0], 52))
		}},
		{fails: "no 429", how: func(seen []*journey.Observation) { arrive(&seen[4].Runs[0], 1) }},
	}
}

func spoiledBreaker() []spoiling {
	return []spoiling{
		{fails: "less than 1 ms", how: func(seen []*journey.Observation) { observed(&seen[1].Runs[0], "fast", new(0.0012)) }},
		{fails: "less than 1 ms", how: func(seen []*journey.Observation) { observed(&seen[1].Runs[0], "fast", nil) }},
		{fails: "below 150 ms", how: func(seen []*journey.Observation) { observed(&seen[1].Runs[0], "healthy", new(0.2)) }},
		{fails: "more than 5 times", how: func(seen []*journey.Observation) {
			observed(&seen[0].Runs[0], "healthy", new(0.05))
		}},
		{fails: "closed again", how: func(seen []*journey.Observation) {
			for _, sample := range seen[1].Runs[0].Samples {
				change(sample.Stats, "web", always("open"), "payment", "state")
			}
		}},
	}
}

func spoiledStrategies() []spoiling {
	return []spoiling{
		{fails: "more than 40%", how: func(seen []*journey.Observation) {
			change(seen[0].Runs[0].After, "database", times(0.5), "reads")
		}},
		{fails: "within 10%", how: func(seen []*journey.Observation) {
			change(seen[3].Runs[0].After, "database", times(1.3), "reads")
		}},
		{fails: "misses less", how: func(seen []*journey.Observation) {
			seen[1].Runs, seen[3].Runs = seen[3].Runs, seen[1].Runs
			endpoint(&seen[4].Runs[0], "write").Response.P50 = 0.001 // or this would fail, too: the first one's writes are faster
		}},
		{fails: "60% of the time", how: func(seen []*journey.Observation) {
			endpoint(&seen[4].Runs[0], "write").Response.P50 = 0.030
		}},
	}
}

func spoiledDip() []spoiling {
	return []spoiling{
		{fails: "95% before", how: func(seen []*journey.Observation) { fail(&seen[0].Runs[0], 0, 7, 0.1) }},
		{fails: "falls to 78%", how: func(seen []*journey.Observation) { fail(&seen[0].Runs[0], 9, 19, 0.05) }},
		{fails: "fires, and resolves", how: func(seen []*journey.Observation) { seen[0].Runs[0].Result.Alerts = nil }},
		{fails: "fires, and resolves", how: func(seen []*journey.Observation) {
			r := &seen[0].Runs[0].Result
			r.Alerts = slices.DeleteFunc(r.Alerts, func(a journey.Alert) bool { return a.State == "inactive" })
		}},
		{fails: "stays above 95%", how: func(seen []*journey.Observation) { fail(&seen[1].Runs[0], 9, 19, 0.08) }},
		{fails: "no alert fires", how: func(seen []*journey.Observation) {
			r := &seen[1].Runs[0].Result
			r.Alerts = append(r.Alerts, journey.Alert{Rule: "dip", State: "firing", At: 12})
		}},
	}
}

// What was seen is as expected, and each expectation fails where what it rests on is
// otherwise.
func TestReadings(t *testing.T) {
	t.Parallel()
	for name, all := range spoilings() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stage, good := seen(t, name)
			reading := stage.Read(good, nil)
			if len(reading.Rows) != len(stage.Cases) || reading.Sentence == "" {
				t.Errorf("got %d rows and %q, want one for each of %d cases, and a sentence", len(reading.Rows), reading.Sentence, len(stage.Cases))
			}
			for _, e := range reading.Expectations {
				if !e.Holds || !e.Counts {
					t.Errorf("%s: %s: holds %v, counts %v", e.Text, e.Found, e.Holds, e.Counts)
				}
				if !slices.ContainsFunc(all, func(s spoiling) bool { return strings.Contains(e.Text, s.fails) }) {
					t.Errorf("%s: nothing shows that it can fail", e.Text)
				}
			}
			for _, s := range all {
				stage, bad := seen(t, name)
				s.how(bad)
				for _, e := range stage.Read(bad, nil).Expectations {
					want := !strings.Contains(e.Text, s.fails) && (s.also == "" || !strings.Contains(e.Text, s.also))
					if e.Holds != want {
						t.Errorf("with %q spoiled: %s: %s: holds %v, want %v", s.fails, e.Text, e.Found, e.Holds, want)
					}
				}
			}
		})
	}
}

// On a disturbed computer no expectation counts, but for those about counts that no clock
// has a part in.
func TestReadingsOfADisturbedComputer(t *testing.T) {
	t.Parallel()
	timeless := []string{"no 401 or 403", "half of the mixed load", "a few times"}
	for name := range spoilings() {
		stage, all := seen(t, name)
		disturb(all, false, 0.0001)
		for _, e := range stage.Read(all, nil).Expectations {
			want := slices.ContainsFunc(timeless, func(text string) bool { return strings.Contains(e.Text, text) })
			if e.Counts != want {
				t.Errorf("%s: %s: counts %v, want %v", name, e.Text, e.Counts, want)
			}
		}
	}
}

// The rule of the model lag: 5% of a machine's mean service time, by p99, or by the mean
// where there are too few answers for a p99, in each life of a machine that works.
func TestModelLag(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, stage string
		late        func(all []*journey.Observation)
		want        string // why the second case does not count
	}{
		{"just below", "05", func(all []*journey.Observation) { disturb(all, true, 0.000999) }, ""},
		{"just above", "05", func(all []*journey.Observation) { disturb(all, true, 0.001001) }, "web-1: model lag p99 1.0ms is 5% of 20.0ms"},
		{"machines that do no work", "06a", func(all []*journey.Observation) { disturb(all, true, 0.01) }, ""},
		{"three answers have no p99", "10", func(all []*journey.Observation) {
			for _, h := range all[1].Last.Hosts {
				if h.Machine != nil {
					h.Machine.Lag.P99 = 0.003
				}
			}
		}, ""},
		{"three late answers", "10", func(all []*journey.Observation) { disturb(all, true, 0.003) }, "web-1: model lag mean 3.0ms is 15% of 20.0ms"},
		{"in a life that is over", "04d", func(all []*journey.Observation) {
			run := &all[1].Runs[0]
			before := run.Samples[0]
			before.Stats.Hosts = []journey.Host{{Name: "web-2", Restarts: 0, Machine: &journey.Machine{
				Admitted: 500, Worked: 10, Lag: journey.Lag{Count: 500, Mean: 0.001, P99: 0.004},
			}}}
			run.Samples = append([]journey.Sample{before}, run.Samples...)
		}, "web-2: model lag p99 4.0ms is 20% of 20.0ms"},
	} {
		stage, all := seen(t, c.stage)
		c.late(all)
		row := stage.Read(all, nil).Rows[1]
		if got := strings.Join(row.Why, "; "); got != c.want || row.Counts != (c.want == "") {
			t.Errorf("%s: counts %v, %q, want %q", c.name, row.Counts, got, c.want)
		}
	}
}
