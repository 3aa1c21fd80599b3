package alert

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/slo"
)

// A hang is a target that is asked 100 times a second for 60 s and answers in 10 ms,
// but from 10 s on not before 30 s.
type hang struct {
	timeout, maxLatency time.Duration // of the requests; 0 is no limit
}

// fate returns when a request ends, and whether it succeeds.
func (h hang) fate(at time.Duration) (end time.Duration, succeeded bool) {
	const from, to = 10 * time.Second, 30 * time.Second
	end = at + 10*time.Millisecond
	if end > from {
		end = max(end, to)
	}
	if h.timeout > 0 && end > at+h.timeout {
		return at + h.timeout, false
	}
	return end, h.maxLatency == 0 || end-at <= h.maxLatency
}

// record plays the hang at a recorder, second by second.
func (h hang) record(recorder *measure.Recorder) (all []*measure.Interval) {
	var open []time.Duration
	for now := time.Second; now <= 60*time.Second; now += time.Second {
		for at := now - time.Second; at < now; at += 10 * time.Millisecond {
			recorder.Lane(0).Plan(0, at)
			open = append(open, at)
		}
		open = slices.DeleteFunc(open, func(at time.Duration) bool {
			end, succeeded := h.fate(at)
			if end >= now {
				return false
			}
			recorder.Lane(1).Record(&measure.Sample{
				Intended: at, Sent: at, Done: end, Outcome: measure.Status2xx, Succeeded: succeeded,
			})
			return true
		})
		in := recorder.Cut(now)
		all = append(all, &in)
	}
	return all
}

// alarm is the dip of other conditions, without a while of recovering.
func alarm(tb testing.TB, name, when, resolve string) *Rule {
	tb.Helper()
	r := dip(tb)
	r.Name, r.When, r.Resolve, r.KeepFiring, r.Target = name, condition(tb, when), condition(tb, resolve), 0, 0.95
	return r
}

// watched plays a hang at a board, once from the recorder and once from what a file of
// the run would hold, and returns what the board tells.
func watched(t *testing.T, h hang, failing time.Duration, rules ...*Rule) []Transition {
	t.Helper()
	recorded := slo.Recorded{Series: []measure.Series{{Endpoint: "a"}}, Under: []time.Duration{300 * time.Millisecond}, Failing: failing}
	var conditions []slo.Condition
	for _, r := range rules {
		conditions = append(conditions, r.When, r.Resolve)
	}
	recorded.Deadlines = slo.Deadlines(conditions, failing)
	recorder := measure.NewRecorder(recorded.Series, recorded.Under, 2)
	recorder.Deadlines(recorded.Deadlines...)
	all := h.record(recorder)
	live := follow(NewBoard(rules, recorded, nil), all)
	if again := follow(NewBoard(rules, recorded, nil), reread(t, recorded.Series, all)); told(again) != told(live) {
		t.Errorf("from a file: got\n%s\nwant\n%s", told(again), told(live))
	}
	return live
}

// follow adds all intervals, and ends the run.
func follow(b *Board, all []*measure.Interval) (out []Transition) {
	for _, in := range all {
		out = append(out, b.Add(in)...)
	}
	return append(out, b.End(all[len(all)-1].End)...)
}

// reread writes intervals as a run's files have them, and reads them back.
func reread(t *testing.T, series []measure.Series, all []*measure.Interval) (out []*measure.Interval) {
	t.Helper()
	var log bytes.Buffer
	w, err := measure.NewLogWriter(&log, series, time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range all {
		if err := w.Write(in); err != nil {
			t.Fatal(err)
		}
	}
	r := measure.NewLogReader(&log)
	for _, in := range all {
		data, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		back := new(measure.Interval)
		if err := json.Unmarshal(data, back); err != nil {
			t.Fatal(err)
		}
		if err := r.Fill(back); err != nil {
			t.Fatal(err)
		}
		out = append(out, back)
	}
	return out
}

// Requests that fail after 2 s are bad from 12 s on, which is more than a fifth at 14 s:
// 200 beside the 600 good ones that the last ten seconds still hold. Those that would time
// out after a minute only are known to be too slow after 1 s. Each is bad once: of 6000
// requests 1800 and 1900 are, and the last one has not ended.
func TestHangIsSeenBeforeAnyRequestEnds(t *testing.T) {
	for _, tt := range []struct {
		hang
		failing time.Duration
		want    []string
	}{
		{hang{timeout: 2 * time.Second}, 2 * time.Second, []string{
			"11s availability/slow inactive→firing breach value 0.30 or more worst 0.30 of 969 began 11s",
			"12s availability/quick inactive→firing breach value 0.64 worst 0.64 of 469 began 12s",
			"14s availability/success inactive→firing breach value 0.75 worst 0.75 of 801 began 14s",
			"14s availability/all inactive→firing breach value 0.17 worst 0.17 of 1200 began 14s",
			"35s availability/quick firing→inactive clear value 1.00 worst 0.00 of 529 began 12s",
			"39s availability/success firing→inactive clear value 0.92 worst 0.00 of 1199 began 14s",
			"41s availability/slow firing→inactive clear value 0.01 worst 2.00 of 1000 began 11s",
			"1m0s availability/all firing→inactive run_ended value 0.30 worst 0.64 of 5999 began 14s",
		}},
		{hang{timeout: time.Minute, maxLatency: time.Second}, time.Second, []string{
			"11s availability/slow inactive→firing breach value 0.30 or more worst 0.30 of 969 began 11s",
			"12s availability/quick inactive→firing breach value 0.64 worst 0.64 of 469 began 12s",
			"13s availability/success inactive→firing breach value 0.78 worst 0.78 of 899 began 13s",
			"13s availability/all inactive→firing breach value 0.17 worst 0.17 of 1198 began 13s",
			"35s availability/quick firing→inactive clear value 1.00 worst 0.00 of 529 began 12s",
			"39s availability/success firing→inactive clear value 0.91 worst 0.00 of 1100 began 13s",
			"41s availability/slow firing→inactive clear value 0.01 worst 19.81 of 1000 began 11s",
			"1m0s availability/all firing→inactive run_ended value 0.32 worst 0.66 of 5999 began 13s",
		}},
	} {
		rules := []*Rule{
			alarm(t, "success", "success < 80% over 10s", "success >= 90% over 10s"),
			alarm(t, "quick", "under(300ms) < 80% over 5s", "under(300ms) >= 90% over 5s"),
			alarm(t, "slow", "p99 > 300ms over 10s", "p99 <= 300ms over 10s"),
			alarm(t, "all", "errors > 10% over run", "errors < 1% over run"),
		}
		t.Run(fmt.Sprint(tt.hang), func(t *testing.T) { wantTold(t, watched(t, tt.hang, tt.failing, rules...), tt.want...) })
	}
}
