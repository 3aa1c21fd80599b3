package report_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/report"
	"github.com/floodmark/floodmark/slo"
)

// newBeat returns the beat after the fifth second of a run, with the period
// holding all of it.
func newBeat(s *scene, statuses ...slo.Status) report.Beat {
	return report.Beat{
		At: 5 * second, Planned: time.Minute, Clock: time.Date(2026, 11, 22, 5, 10, 49, 0, time.UTC),
		Stage: "ramp 1/3", Period: s.totals, Totals: s.totals, Statuses: statuses, Rules: s.run.Rules,
	}
}

func fiveSeconds(options ...sampleOption) *scene {
	s := newScene("GET /")
	for at := time.Duration(0); at < 5*second; at += second {
		s.requests(0, 83, at, options...)
		s.cut(at + second)
	}
	return s
}

// unfinished returns a run that has so many requests under way.
func unfinished(n int) *scene {
	s := fiveSeconds()
	for range n {
		s.recorder.Lane(0).Plan(0, 0)
	}
	s.cut(5*second + 1)
	return s
}

// halfFailing returns a second of which every other request fails.
func halfFailing() *scene {
	s := newScene("GET /")
	s.requests(0, 50, 0)
	s.requests(0, 50, 0, failing(measure.Status5xx, 500, ""))
	s.cut(second)
	return s
}

// burning is a status whose error budget burns so fast.
func burning(rate float64) slo.Status {
	s := met("ratio", 1, 0.95)
	s.Burn = rate
	return s
}

// stood is a beat of a run that was paused for most of its time, after a warm-up.
func stood(b report.Beat) report.Beat {
	b.At, b.Planned = 950*second, 1010*second
	b.Stages = []report.Stage{{Name: "warm", End: 10 * second, Warmup: true}, {Name: "main", Start: 10 * second, End: 1010 * second, Paused: 900 * second}}
	return b
}

func TestBeatLine(t *testing.T) {
	good, bad := met("ratio", 1, 0.95), missed("ratio", 0.9, 0.95)
	open := slo.Status{Verdict: slo.Inconclusive}
	for _, c := range []struct {
		name string
		beat report.Beat
		want string
	}{
		{
			"good", newBeat(fiveSeconds(), good, good, good, good),
			"05:10:49 00:05 ramp 1/3      83/83/s   flight 0    p50 10.0ms p99 15.0ms err 0.00% slo 4/4 ok gen ok",
		},
		{
			"budgets", newBeat(fiveSeconds(), good, burning(0.5), burning(3)), // 5 s of 60
			"05:10:49 00:05 ramp 1/3      83/83/s   flight 0    p50 10.0ms p99 15.0ms err 0.00% slo 3/3 ok left 75% gen ok",
		},
		{
			"budgets of a run that was paused", stood(newBeat(fiveSeconds(), burning(1))), // 40 s of 100
			"05:10:49 15:50 ramp 1/3      83/83/s   flight 0    p50 10.0ms p99 15.0ms err 0.00% slo 1/1 ok left 60% gen ok",
		},
		{
			"spent", newBeat(fiveSeconds(), burning(24)),
			"05:10:49 00:05 ramp 1/3      83/83/s   flight 0    p50 10.0ms p99 15.0ms err 0.00% slo 1/1 ok left -100% gen ok",
		},
		{
			"not decided", newBeat(fiveSeconds(), good, open),
			"05:10:49 00:05 ramp 1/3      83/83/s   flight 0    p50 10.0ms p99 15.0ms err 0.00% slo 1/2 met gen ok",
		},
		{
			"failing", newBeat(fiveSeconds(slow(100), failing(measure.Timeout, 0, "")), good, bad, open),
			"05:10:49 00:05 ramp 1/3      83/83/s   flight 0    p50 995ms  p99 1.49s  err 100%  slo 1/3 missed gen ok",
		},
		{
			"late", newBeat(fiveSeconds().pacedAt(60 * time.Millisecond)),
			"05:10:49 00:05 ramp 1/3    6.92/6.92/s flight 0    p50 10.0ms p99 15.0ms err 0.00% slo none gen late 60.0ms",
		},
		{
			"piling up", newBeat(unfinished(120), good),
			"05:10:49 00:05 ramp 1/3     107/83/s   flight 120  p50 10.0ms p99 15.0ms err 0.00% slo 1/1 ok gen ok",
		},
		{
			"half fails", newBeat(halfFailing(), open),
			"05:10:49 00:05 ramp 1/3     100/100/s  flight 0    p50 9.9ms  p99 14.9ms err 50.0% slo 0/1 met gen ok",
		},
		{
			"nothing", newBeat(newScene("GET /")),
			"05:10:49 00:05 ramp 1/3       0/0/s    flight 0    p50 -      p99 -      err -     slo none gen ok",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := c.beat.Line()
			if got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestBeatLineIsOneLine(t *testing.T) {
	b := newBeat(fiveSeconds())
	b.Stage = "two\nlines\x1b[2J and a very long name indeed"
	if got := b.Line(); strings.ContainsAny(got, "\n\r\x1b") || !strings.Contains(got, "two lines …   83/83/s") {
		t.Errorf("got %q", got)
	}
}

func TestBeatJSON(t *testing.T) {
	for name, b := range map[string]report.Beat{
		"some":      newBeat(fiveSeconds(), met("ratio", 1, 0.95)),
		"nothing":   newBeat(newScene("GET /")),
		"in flight": newBeat(unfinished(120)),
	} {
		data, err := b.JSON()
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(data), "\n") {
			t.Errorf("%s: more than one line: %s", name, data)
		}
		var got struct {
			At     float64 `json:"at_seconds"`
			Time   time.Time
			Asked  float64 `json:"asked_per_second"`
			Counts struct {
				Planned  int64
				InFlight int64 `json:"in_flight"`
			}
			SLOs []struct{ Status string }
		}
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatal(err)
		}
		want := b.Totals.Select(nil)
		if got.At != 5 || !got.Time.Equal(b.Clock) || got.Counts.Planned != want.Planned || got.Counts.InFlight != want.InFlight || len(got.SLOs) != len(b.Statuses) {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}
