package measure

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func twoSeries() []Series {
	return []Series{
		{Endpoint: "list", Scenario: "browse", Method: "GET", Stage: "warm", Warmup: true},
		{Endpoint: "pay", Scenario: "checkout", Method: "POST", Stage: "steady"},
	}
}

// Whatever the interleaving of planning, ending and cutting: the intervals sum
// up to the samples, and every request is accounted for at every cut.
func TestIntervalsSumToSamplesAndBalance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := NewRecorder(twoSeries(), []time.Duration{50 * time.Millisecond}, 3)
		totals := NewTotals(r.Series(), r.Under())
		var want Tally
		want.Under = make([]int64, 1)
		var due [2]int64
		at := time.Duration(0)
		steps := rapid.IntRange(1, 200).Draw(t, "steps")
		for i := range steps {
			series := rapid.IntRange(0, 1).Draw(t, "series")
			lane := r.Lane(rapid.IntRange(0, 9).Draw(t, "user"))
			switch rapid.IntRange(0, 3).Draw(t, "action") {
			case 0:
				lane.Plan(series, 0)
				want.Planned++
				due[series]++
			case 1:
				if due[series] == 0 {
					continue
				}
				due[series]--
				s := Sample{Series: series, Intended: at, Sent: at + 1, Done: at + durations().Draw(t, "d"), Outcome: Status2xx, Status: 200, Succeeded: rapid.Bool().Draw(t, "ok")}
				lane.Record(&s)
				want.record(&s, r.Under())
			case 2:
				if due[series] == 0 {
					continue
				}
				due[series]--
				lane.Unsend(series, 0)
				want.Unsent++
			case 3:
				at += time.Second
				in := r.Cut(at)
				totals.Add(&in)
				checkBalance(t, fmt.Sprint("cut ", i), totals)
			}
		}
		in := r.Cut(at + time.Second)
		totals.Add(&in)
		checkBalance(t, "the end", totals)
		got := totals.Select(nil)
		if got.InFlight != due[0]+due[1] {
			t.Fatalf("got %d in flight, want %d", got.InFlight, due[0]+due[1])
		}
		want.InFlight = got.InFlight
		if got.Counts != want.Counts || got.Under[0] != want.Under[0] {
			t.Fatalf("got %+v under %v, want %+v under %v", got.Counts, got.Under, want.Counts, want.Under)
		}
		for c := range ClockCount {
			if !sameHistogram(got.Clock(c), want.Clock(c)) {
				t.Fatalf("%v differs", c)
			}
		}
	})
}

func checkBalance(t *rapid.T, where string, totals *Totals) {
	t.Helper()
	for i := range totals.Series() {
		sum := totals.sums[i]
		if sum != nil && !sum.Balanced() {
			t.Fatalf("%s: series %d does not balance: %+v", where, i, sum.Counts)
		}
	}
}

// Users record while somebody cuts; run it with -race.
func TestRecordWhileCutting(t *testing.T) {
	r := NewRecorder(twoSeries(), nil, 2)
	totals := NewTotals(r.Series(), nil)
	const users, each = 8, 2000
	var wg sync.WaitGroup
	for u := range users {
		wg.Go(func() {
			lane := r.Lane(u)
			for i := range each {
				lane.Plan(u%2, 0)
				lane.Record(&Sample{Series: u % 2, Done: time.Duration(i), Outcome: Reset, Detail: []byte("peer")})
			}
		})
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	for i, open := 1, true; open; i++ {
		select {
		case <-done:
			open = false
		default:
		}
		in := r.Cut(time.Duration(i) * time.Millisecond)
		totals.Add(&in)
		if sum := totals.Select(nil); !sum.Balanced() || sum.InFlight < 0 || sum.InFlight > users {
			t.Fatalf("cut %d: %+v", i, sum.Counts)
		}
	}
	if got := totals.Select(nil).Failed; got != users*each {
		t.Errorf("got %d failed, want %d", got, users*each)
	}
}

func TestTallyKeepsOneExemplarOfEachKind(t *testing.T) {
	var tally Tally
	for i := range 100 {
		tally.record(&Sample{Outcome: Status5xx, Status: 500 + i%3, Detail: []byte("boom")}, nil)
	}
	if got := len(tally.Exemplars); got != 3 {
		t.Errorf("got %d exemplars, want 3", got)
	}
	if got := tally.Statuses; len(got) != 3 || got[0] != (StatusCount{500, 34}) {
		t.Errorf("got statuses %v, want three, 500 34 times", got)
	}
}

func TestOutcomesHaveNames(t *testing.T) {
	for o := Status1xx; o < OutcomeCount; o++ {
		if back, ok := ParseOutcome(o.String()); !ok || back != o {
			t.Errorf("outcome %d is called %q, which reads as %v", o, o, back)
		}
	}
	for status, want := range map[int]Outcome{100: Status1xx, 204: Status2xx, 304: Status3xx, 404: Status4xx, 599: Status5xx, 99: Malformed, 600: Malformed} {
		if got := StatusOutcome(status); got != want {
			t.Errorf("status %d: got %v, want %v", status, got, want)
		}
	}
}

// One sample of a running load: planned, then ended.
func BenchmarkRecord(b *testing.B) {
	r := NewRecorder(twoSeries(), []time.Duration{100 * time.Millisecond}, 2)
	var user int
	var mu sync.Mutex
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		mu.Lock()
		lane := r.Lane(user)
		user++
		mu.Unlock()
		s := Sample{Series: 1, Outcome: Status2xx, Status: 200, Succeeded: true}
		for i := 0; pb.Next(); i++ {
			s.Intended = time.Duration(i) * time.Microsecond
			s.Sent = s.Intended + time.Duration(i&63)*time.Microsecond
			s.Done = s.Sent + time.Duration(i&1023)*10*time.Microsecond
			lane.Record(&s)
		}
	})
}

func BenchmarkCut(b *testing.B) {
	r := NewRecorder(twoSeries(), nil, 2)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		for k := range 1000 {
			r.Lane(k).Record(&Sample{Series: 1, Done: time.Duration(k) * 20 * time.Microsecond, Outcome: Status2xx, Succeeded: true})
		}
		r.Cut(time.Duration(i) * time.Second)
	}
}

// A request of a running load, planned and ended a while later.
func BenchmarkPlanAndRecord(b *testing.B) {
	r := NewRecorder(twoSeries(), []time.Duration{100 * time.Millisecond}, 2)
	planAndRecord(b, r)
}

// The same, with somebody asking who is late.
func BenchmarkPlanAndRecordDeadlines(b *testing.B) {
	r := NewRecorder(twoSeries(), []time.Duration{100 * time.Millisecond}, 2)
	r.Deadlines(300*time.Millisecond, time.Second, 2*time.Second)
	planAndRecord(b, r)
}

func planAndRecord(b *testing.B, r *Recorder) {
	b.Helper()
	lane := r.Lane(0)
	b.ReportAllocs()
	s := Sample{Series: 1, Outcome: Status2xx, Status: 200, Succeeded: true}
	for i := 0; b.Loop(); i++ {
		at := time.Duration(i&0xfffff) * time.Microsecond
		lane.Plan(1, at)
		s.Intended = at - time.Duration(i&1023)*10*time.Microsecond
		s.Sent = s.Intended + time.Duration(i&63)*time.Microsecond
		s.Done = at
		lane.Record(&s)
	}
}

// A request that is planned and finds no place.
func BenchmarkPlanAndUnsend(b *testing.B) {
	r := NewRecorder(twoSeries(), nil, 1)
	lane := r.Lane(0)
	b.ReportAllocs()
	for b.Loop() {
		lane.Plan(1, 0)
		lane.Unsend(1, 0)
	}
}
