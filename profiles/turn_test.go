package profiles

import (
	"fmt"
	"iter"
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func ExampleSchedule_Turn() {
	load := Load{Executor: ConstantArrivalRate, Rate: 1, Duration: 5 * time.Second}
	plan := load.Schedule(1)
	faster := plan.Turn(Turn{Begun: 3, At: 2500 * time.Millisecond, From: 2500 * time.Millisecond, Factor: 2})
	for at := range faster.Arrivals() {
		fmt.Println(at)
	}
	// Output:
	// 2.75s
	// 3.25s
	// 3.75s
	// 4.25s
	// 4.75s
}

// follow walks a schedule through turns as a generator does, and returns when arrivals
// begin and the area below the changed curve, by the trapezoid rule.
func follow(s Schedule, turns []Turn) (begun []time.Duration, area float64) {
	from := time.Duration(0)
	level := func(at time.Duration) float64 { return s.RateAt(at) }
	add := func(to time.Duration) {
		for at := from; at < to; {
			next := min(to, at+time.Millisecond)
			for _, edge := range s.Stages() {
				if at < edge.End {
					next = min(next, edge.End)
				}
			}
			area += (level(at) + level(next-1)) / 2 * (next - at).Seconds()
			at = next
		}
	}
	for _, t := range turns {
		add(t.At)
		for at := range s.Arrivals() {
			if at >= t.At {
				break
			}
			begun = append(begun, at)
		}
		t.Begun = int64(len(begun))
		s, from = s.Turn(t), t.From
	}
	add(s.Duration())
	return slices.AppendSeq(begun, s.Arrivals()), area
}

// drawTurns draws turns in order of the plan.
func drawTurns(t *rapid.T, end time.Duration) []Turn {
	var turns []Turn
	at := time.Duration(0)
	for range rapid.IntRange(0, 6).Draw(t, "turns") {
		turn := Turn{
			Factor: rapid.SampledFrom([]float64{0, 0.5, 1, 1, 1.1, 3}).Draw(t, "factor"),
			Fixed:  rapid.SampledFrom([]float64{0, 0, 0, 0.3, 50}).Draw(t, "fixed"),
		}
		within := func(label string) time.Duration {
			return at + time.Duration(rapid.Int64Range(0, int64(end-at)).Draw(t, label))
		}
		at = within("at")
		turn.At, turn.From = at, at
		if rapid.IntRange(0, 3).Draw(t, "skips") == 0 {
			at = within("from")
			turn.From = at
		}
		turns = append(turns, turn)
	}
	return turns
}

func TestTurnedArrivalsAreAsManyAsTheArea(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := drawLoad(t)
		l.Arrivals = Even
		s := l.Schedule(1)
		turns := drawTurns(t, s.Duration())
		got, area := follow(s, turns)
		if !slices.IsSorted(got) {
			t.Fatalf("not sorted: %v", got)
		}
		for _, turn := range turns {
			if i, _ := slices.BinarySearch(got, turn.At); i < len(got) && got[i] < turn.From {
				t.Fatalf("%v is between %v and %v", got[i], turn.At, turn.From)
			}
		}
		if off := float64(len(got)) - area; off < -1e-3 || off > 1+1e-3 {
			t.Fatalf("got %d arrivals, area %v", len(got), area)
		}
	})
}

// A turn that changes nothing moves no arrival.
func TestTurnToTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := drawLoad(t)
		l.Arrivals = Even
		l.Requests = int64(rapid.SampledFrom([]int{0, 0, 5, 500}).Draw(t, "requests"))
		s := l.Schedule(1)
		var turns []Turn
		for _, turn := range drawTurns(t, s.Duration()) {
			turns = append(turns, Turn{At: turn.At, From: turn.At, Factor: 1})
		}
		slices.SortFunc(turns, func(a, b Turn) int { return int(a.At - b.At) })
		got, _ := follow(s, turns)
		want := slices.Collect(s.Arrivals())
		if len(got) != len(want) {
			t.Fatalf("got %d arrivals, want %d", len(got), len(want))
		}
		for k := range want {
			if off := got[k] - want[k]; off < -time.Microsecond || off > time.Microsecond {
				t.Fatalf("arrival %d: got %v, want %v", k, got[k], want[k])
			}
		}
	})
}

// After a turn there are as many Poisson arrivals as the area that is left, rounded, and
// the limit on requests counts all of them.
func TestTurnedPoissonArrivals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := drawLoad(t)
		l.Arrivals = Poisson
		l.Requests = int64(rapid.SampledFrom([]int{0, 0, 5, 500}).Draw(t, "requests"))
		s := l.Schedule(3)
		at := time.Duration(rapid.Int64Range(0, int64(s.Duration())).Draw(t, "at"))
		turn := Turn{At: at, From: at, Factor: rapid.SampledFrom([]float64{0, 0.5, 1, 2.5}).Draw(t, "factor")}
		for first := range s.Arrivals() {
			if first < at {
				turn.Begun++
			}
		}
		turned := s.Turn(turn)
		got := slices.Collect(turned.Arrivals())
		rest := turned.area - turned.before
		want := int64(math.Floor(rest + 0.5 + 1e-9))
		if l.Requests > 0 {
			want = min(want, l.Requests-turn.Begun)
		}
		if int64(len(got)) != want || turned.Count() != turn.Begun+want {
			t.Fatalf("got %d, counted %d, want %d after %d", len(got), turned.Count(), want, turn.Begun)
		}
		if !slices.IsSorted(got) || len(got) > 0 && (got[0] < at || got[len(got)-1] > s.Duration()) {
			t.Fatalf("not sorted, or not after %v: %v", at, got)
		}
	})
}

// The gaps after a turn follow the exponential law, and are not those of before.
func TestPoissonGapsAfterATurn(t *testing.T) {
	const rate = 1000.0
	plan := Load{Executor: ConstantArrivalRate, Arrivals: Poisson, Rate: rate, Duration: 200 * time.Second}.Schedule(42)
	at := 100 * time.Second
	var gaps []float64
	last := at
	for next := range plan.Turn(Turn{Begun: 100_123, At: at, From: at, Factor: 0.5}).Arrivals() {
		gaps, last = append(gaps, (next-last).Seconds()*rate/2), next
	}
	if len(gaps) != 50_000 {
		t.Fatalf("got %d arrivals, want 50000", len(gaps))
	}
	slices.Sort(gaps)
	worst := 0.0
	for i, gap := range gaps {
		worst = max(worst, math.Abs(float64(i)/float64(len(gaps))+math.Expm1(-gap)))
	}
	if limit := 1.63 / math.Sqrt(float64(len(gaps))); worst > limit {
		t.Errorf("gaps are %v from exponential, want at most %v", worst, limit)
	}
	first := func(arrivals iter.Seq[time.Duration]) time.Duration {
		for at := range arrivals {
			return at
		}
		return 0
	}
	twice := plan.Turn(Turn{Factor: 1})
	if a, b := first(twice.Arrivals()), first(twice.Turn(Turn{Factor: 1}).Arrivals()); a == b || a == first(plan.Arrivals()) {
		t.Errorf("two turns both lead to %v", a)
	}
}

func TestTurnedUsers(t *testing.T) {
	s := time.Second
	plan := users(0, Stage{Duration: 4 * s, Target: 4}, Stage{Duration: 4 * s, Target: 4}).Schedule(1)
	for _, tt := range []struct {
		name string
		turn Turn
		want []Span
	}{
		{"half", Turn{At: 6 * s, From: 6 * s, Factor: 0.5}, []Span{{6 * s, 8 * s}, {6 * s, 8 * s}}},
		{"half in the ramp", Turn{At: 2 * s, From: 2 * s, Factor: 0.5}, []Span{{2 * s, 8 * s}, {4 * s, 8 * s}}},
		{"two and a half", Turn{At: s, From: s, Fixed: 2.5}, []Span{{s, 8 * s}, {s, 8 * s}}},
		{"skipped", Turn{At: s, From: 4 * s, Factor: 1}, slices.Repeat([]Span{{4 * s, 8 * s}}, 4)},
		{"over", Turn{At: s, From: 8 * s, Factor: 1}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := slices.Collect(plan.Turn(tt.turn).Users()); !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestAllows(t *testing.T) {
	rates := ramp(0, Stage{Duration: time.Second, Target: 1000}).Schedule(1)
	crowd := users(0, Stage{Duration: time.Second, Target: 1000}).Schedule(1)
	for _, tt := range []struct {
		schedule      Schedule
		factor, fixed float64
		want          bool
	}{
		{rates, 0, 0, true},
		{rates, 10_000, 0, true},
		{rates, 10_001, 0, false},
		{rates, 0, 10e6, true},
		{rates, 0, 10e6 + 1, false},
		{rates, -1, 0, false},
		{rates, 0, -1, false},
		{rates, math.NaN(), 0, false},
		{rates, 0, math.NaN(), false},
		{rates, math.Inf(1), 0, false},
		{crowd, 1000, 0, true},
		{crowd, 1001, 0, false},
		{crowd, 0, 1e6 + 1, false},
		{rates.Turn(Turn{Factor: 0}), 10_001, 0, false},
	} {
		if err := tt.schedule.Allows(tt.factor, tt.fixed); (err == nil) != tt.want {
			t.Errorf("%v and %v: %v", tt.factor, tt.fixed, err)
		}
	}
}
