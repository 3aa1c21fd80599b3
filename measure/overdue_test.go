package measure

import (
	"encoding/json"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A way is one request's way through a recorder.
type way struct {
	series            int
	intended          time.Duration
	planned, ended    int // in which interval; ended is -1 while it is under way
	unsent, succeeded bool
}

// isLate reports whether all that start on the same page as a request are older than a
// deadline. It is what the documentation says, in other words than the recorder's.
func (w *way) isLate(at, deadline time.Duration) bool {
	const length = 1 << pageShift
	return w.intended/length*length+length <= max(at-deadline, 0)/length*length
}

// Every request is counted as overdue once, at the first cut at which it is, whatever
// lanes, series and lateness it has; and what ended after that is told as such.
func TestOverdueIsCountedOnce(t *testing.T) {
	deadlines := []time.Duration{300 * time.Millisecond, time.Second, 5 * time.Second}
	rapid.Check(t, func(t *rapid.T) {
		r := NewRecorder(twoSeries(), nil, 3)
		r.Deadlines(time.Second, 300*time.Millisecond, 5*time.Second, time.Second)
		lane := func() *Lane { return r.Lane(rapid.IntRange(0, 2).Draw(t, "lane")) }
		var ways []*way
		var now time.Duration
		totals := NewTotals(twoSeries(), nil)
		for cut := range rapid.IntRange(1, 12).Draw(t, "cuts") {
			now += time.Duration(rapid.IntRange(100, 9000).Draw(t, "length")) * time.Millisecond
			for range rapid.IntRange(0, 8).Draw(t, "plans") {
				intended := now + time.Duration(rapid.IntRange(-30_000, 4000).Draw(t, "intended"))*time.Millisecond
				w := &way{series: rapid.IntRange(0, 1).Draw(t, "series"), planned: cut, ended: -1, intended: max(intended, 0)}
				lane().Plan(w.series, w.intended)
				ways = append(ways, w)
			}
			for _, w := range ways {
				if w.ended >= 0 || rapid.IntRange(0, 2).Draw(t, "ends") > 0 {
					continue
				}
				w.ended, w.unsent = cut, rapid.IntRange(0, 4).Draw(t, "unsent") == 0
				w.succeeded = !w.unsent && rapid.Bool().Draw(t, "succeeded")
				if w.unsent {
					lane().Unsend(w.series, w.intended)
				} else {
					lane().Record(&Sample{Series: w.series, Intended: w.intended, Sent: w.intended, Done: max(now, w.intended), Succeeded: w.succeeded})
				}
			}
			in := r.Cut(now)
			totals.Add(&in)
			checkOverdue(t, ways, deadlines, &in)
			checkKnown(t, ways, deadlines, now, totals)
		}
	})
}

// checkOverdue compares an interval with what each way brought to it.
func checkOverdue(t *rapid.T, ways []*way, deadlines []time.Duration, in *Interval) {
	t.Helper()
	want := [2][3]Overdue{}
	for _, w := range ways {
		for i, d := range deadlines {
			before, after := w.isLate(in.Start, d), w.isLate(in.End, d) // at the two cuts
			o := &want[w.series][i]
			switch {
			case w.ended < 0 && after && !before:
				o.New++
			case w.planned == in.Index && before && !w.unsent:
				o.New++
			case w.planned < in.Index && w.ended == in.Index && before && w.unsent:
				o.New-- // it was none, after all
			}
			if w.ended == in.Index && before && !w.unsent {
				o.Ended++
				if w.succeeded {
					o.Succeeded++
				}
			}
		}
	}
	for series := range want {
		var got [3]Overdue
		for _, part := range in.Series {
			if part.Series == series {
				copy(got[:], part.Overdue)
			}
		}
		if got != want[series] {
			t.Fatalf("interval %d (until %v), series %d: got %+v, want %+v", in.Index, in.End, series, got, want[series])
		}
	}
}

// checkKnown wants each request to be known once, if it ended or is late.
func checkKnown(t *rapid.T, ways []*way, deadlines []time.Duration, now time.Duration, totals *Totals) {
	t.Helper()
	sum := totals.Select(nil)
	for i, d := range deadlines {
		var known int64
		for _, w := range ways {
			if w.ended >= 0 && !w.unsent || w.ended < 0 && w.isLate(now, d) {
				known++
			}
		}
		var o Overdue
		if len(sum.Overdue) > 0 {
			o = sum.Overdue[i]
		}
		if got := sum.Finished() + o.New - o.Ended; got != known {
			t.Fatalf("until %v, %v: %d finished, %+v, which is %d, want %d", now, d, sum.Finished(), o, got, known)
		}
	}
}

// A target is asked ten times a second, hangs, and answers all after 3 s: at each cut
// those are overdue that are older than a deadline then, and in the end nothing is left.
func TestOverdueWhileATargetHangs(t *testing.T) {
	r := NewRecorder(twoSeries(), nil, 1)
	r.Deadlines(2*time.Second, 500*time.Millisecond)
	lane := r.Lane(0)
	for second, want := range [][]Overdue{
		{{New: 5}, {}}, // those of up to 0.4 s
		{{New: 10}, {}},
		{{New: 10}, {New: 10}},
		{{Ended: 25, Succeeded: 25}, {Ended: 10, Succeeded: 10}},
		nil,
	} {
		for i := range 30 {
			at := time.Duration(i) * 100 * time.Millisecond
			if i/10 == second {
				lane.Plan(1, at)
			}
			if second == 3 {
				lane.Record(&Sample{Series: 1, Intended: at, Sent: at, Done: 3 * time.Second, Outcome: Status2xx, Succeeded: true})
			}
		}
		in := r.Cut(time.Duration(second+1) * time.Second)
		if got := overdueIn(in); !slices.Equal(got, want) {
			t.Errorf("second %d: got %+v, want %+v", second, got, want)
		}
		if got := overdueIn(saved(t, in)); !slices.Equal(got, want) {
			t.Errorf("second %d, saved: got %+v, want %+v", second, got, want)
		}
	}
}

// The last interval of a run may end a moment before the one before it.
func TestOverdueIsCountedOnceWhenTimeGoesBack(t *testing.T) {
	r := NewRecorder(twoSeries(), nil, 1)
	r.Deadlines(500*time.Millisecond, 5*time.Second)
	r.Lane(0).Plan(1, time.Second)
	for i, want := range []struct {
		end time.Duration
		new int64
	}{{1500 * time.Millisecond, 0}, {1600 * time.Millisecond, 1}, {1400 * time.Millisecond, 0}, {1500 * time.Millisecond, 0}, {1700 * time.Millisecond, 0}} {
		got := r.Cut(want.end).Series[0].Overdue
		if want.new == 0 && got != nil || want.new > 0 && (len(got) == 0 || got[0].New != want.new) {
			t.Errorf("cut %d: got %+v, want %d new", i, got, want.new)
		}
	}
}

// overdueIn returns what an interval of one series says.
func overdueIn(in Interval) []Overdue {
	if len(in.Series) == 0 {
		return nil
	}
	return in.Series[0].Overdue
}

// saved writes an interval and reads it back.
func saved(t *testing.T, in Interval) (back Interval) {
	t.Helper()
	data, err := json.Marshal(&in)
	if err == nil {
		err = json.Unmarshal(data, &back)
	}
	if err != nil {
		t.Fatal(err)
	}
	return back
}

// What ledgers hold reaches back to the longest deadline, though some requests take all
// of a long run, others come minutes late, and those that are planned ahead end.
func TestLedgersDoNotGrowWithTheRun(t *testing.T) {
	const rings = 128 // pages: the next power of two for 2 s and an interval of 1 s, and one ahead
	r := NewRecorder(twoSeries(), nil, 2)
	r.Deadlines(300*time.Millisecond, 2*time.Second)
	sample := func(at time.Duration) *Sample { return &Sample{Series: 1, Intended: at, Sent: at, Done: at} }
	for second := range 3600 {
		now := time.Duration(second) * time.Second
		r.Lane(0).Plan(1, now) // never ends
		for _, at := range []time.Duration{now + time.Second, now, max(now-5*time.Minute, 0)} {
			for range 20 {
				r.Lane(0).Plan(1, at)
				r.Lane(1).Record(sample(at))
			}
		}
		if second >= 600 {
			r.Lane(1).Record(sample(now - 10*time.Minute)) // but for those that do, much later
		}
		r.Cut(now + time.Second)
	}
	for _, l := range r.lanes {
		for _, a := range []*account{l.active[1], l.spare[1]} {
			if got := cap(a.notes.far); got > 8 {
				t.Errorf("a lane has room for %d notes, want 8 at most", got)
			}
		}
	}
	if got := len(r.ledgers[1].ring); got > rings {
		t.Errorf("the ledger has %d pages, want %d at most", got, rings)
	}
}

// Users plan and end on different lanes while somebody cuts; run it with -race. No
// picture shows more that are overdue than there are, and in the end none is.
func TestOverdueWhileCutting(t *testing.T) {
	r := NewRecorder(twoSeries(), nil, 2)
	r.Deadlines(time.Millisecond, time.Second)
	totals := NewTotals(r.Series(), nil)
	const users, each = 8, 2000
	var wg sync.WaitGroup
	for u := range users {
		wg.Go(func() {
			for i := range each {
				at := time.Duration(i) * time.Millisecond
				r.Lane(u).Plan(u%2, at)
				r.Lane(u + 1).Record(&Sample{Series: u % 2, Intended: at, Sent: at, Done: at, Outcome: Reset})
			}
		})
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	for i, running := 1, true; running; i++ {
		select {
		case <-done:
			running = false
		default:
		}
		in := r.Cut(time.Duration(i) * 20 * time.Millisecond)
		totals.Add(&in)
		sum := totals.Select(nil)
		for _, o := range sum.Overdue {
			if open := o.New - o.Ended; open < 0 || open > sum.InFlight {
				t.Fatalf("cut %d: %+v, and %d are in flight", i, o, sum.InFlight)
			}
		}
	}
	for _, o := range totals.Select(nil).Overdue {
		if o.New != o.Ended {
			t.Errorf("got %+v, want all ended", o)
		}
	}
}
