package profiles

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func ExampleSchedule() {
	load := Load{
		Executor: RampingArrivalRate,
		Arrivals: Even,
		Stages:   []Stage{{Duration: 2 * time.Second, Target: 4}, {Duration: time.Second, Target: 4}},
	}
	schedule := load.Schedule(1)
	fmt.Println(schedule.Count(), "arrivals in", schedule.Duration())
	for at := range schedule.Arrivals() {
		fmt.Println(at)
	}
	// Output:
	// 8 arrivals in 3s
	// 0s
	// 1s
	// 1.414213562s
	// 1.732050808s
	// 2s
	// 2.25s
	// 2.5s
	// 2.75s
}

func TestEvenArrivals(t *testing.T) {
	s := time.Second
	tests := []struct {
		name string
		load Load
		want []time.Duration
	}{
		{"constant", Load{Executor: ConstantArrivalRate, Rate: 2, Duration: 2 * s}, []time.Duration{0, s / 2, s, 3 * s / 2}},
		{"warm-up comes before", Load{Executor: ConstantArrivalRate, Rate: 1, Warmup: s, Duration: s}, []time.Duration{0, s}},
		{"part of an arrival", Load{Executor: ConstantArrivalRate, Rate: 1, Duration: 3 * s / 2}, []time.Duration{0, s}},
		{"a tenth ten times is one", Load{Executor: ConstantArrivalRate, Rate: 0.1, Duration: 10 * s}, []time.Duration{0}},
		{"requests cut", Load{Executor: ConstantArrivalRate, Rate: 1, Duration: 9 * s, Requests: 2}, []time.Duration{0, s}},
		{"waits while the rate is 0", ramp(0, Stage{Duration: s}, Stage{Target: 1}, Stage{Duration: 2 * s, Target: 1}), []time.Duration{s, 2 * s}},
		{"gap", ramp(1, Stage{Duration: s, Target: 1}, Stage{}, Stage{Duration: 5 * s}, Stage{Target: 1}, Stage{Duration: s, Target: 1}), []time.Duration{0, 6 * s}},
		{"down to 0", ramp(2, Stage{Duration: 2 * s}), []time.Duration{0, secondsOfRoot(2 - math.Sqrt2)}},
		{"no time", ramp(2, Stage{Target: 9}), nil},
		{"users", Load{Executor: ConstantVUs, VUs: 3, Duration: s}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			schedule := tt.load.Schedule(1)
			got := slices.Collect(schedule.Arrivals())
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
			if schedule.Count() != int64(len(tt.want)) {
				t.Errorf("count: got %d, want %d", schedule.Count(), len(tt.want))
			}
		})
	}
}

func ramp(start float64, stages ...Stage) Load {
	return Load{Executor: RampingArrivalRate, Arrivals: Even, Start: start, Stages: stages}
}

func secondsOfRoot(seconds float64) time.Duration {
	return time.Duration(math.Round(seconds * 1e9))
}

func TestScheduleParts(t *testing.T) {
	l := ramp(10, Stage{Duration: time.Second, Target: 20, Warmup: true}, Stage{Target: 50}, Stage{Name: "hold", Duration: 2 * time.Second, Target: 50})
	s := l.Schedule(1)
	want := []Segment{
		{"stage 1", 0, time.Second, 10, 20, true},
		{"stage 2", time.Second, time.Second, 20, 50, false},
		{"hold", time.Second, 3 * time.Second, 50, 50, false},
	}
	if got := s.Stages(); !slices.Equal(got, want) {
		t.Errorf("stages: got %v, want %v", got, want)
	}
	if got := s.Measured(); got != 2*time.Second {
		t.Errorf("measured: got %v, want 2s", got)
	}
	if got := s.Peak(); got != 50 {
		t.Errorf("peak: got %v, want 50", got)
	}
	for at, want := range map[time.Duration]float64{-1: 0, 0: 10, time.Second / 2: 15, time.Second: 50, 3 * time.Second: 50, 4 * time.Second: 0} {
		if got := s.RateAt(at); got != want {
			t.Errorf("rate at %v: got %v, want %v", at, got, want)
		}
	}
	constant := Load{Executor: ConstantVUs, VUs: 4, Warmup: time.Second, Duration: 2 * time.Second}.Schedule(1)
	wantConstant := []Segment{{"warmup", 0, time.Second, 4, 4, true}, {"main", time.Second, 3 * time.Second, 4, 4, false}}
	if got := constant.Stages(); !slices.Equal(got, wantConstant) {
		t.Errorf("stages: got %v, want %v", got, wantConstant)
	}
}

func TestZeroScheduleIsEmpty(t *testing.T) {
	var s Schedule
	arrivals, users := slices.Collect(s.Arrivals()), slices.Collect(s.Users())
	if s.Duration() != 0 || s.Count() != 0 || s.Peak() != 0 || s.RateAt(0) != 0 || len(arrivals)+len(users) != 0 {
		t.Errorf("got %v, %v, %v, want nothing", s, arrivals, users)
	}
}

// drawLoad draws an open ramping load of moderate size.
func drawLoad(t *rapid.T) Load {
	l := ramp(drawRate(t))
	l.Arrivals = rapid.SampledFrom([]Arrivals{Even, Poisson}).Draw(t, "arrivals")
	for range rapid.IntRange(1, 5).Draw(t, "stages") {
		length := rapid.SampledFrom([]int64{0, 1, 7, 1000, 1500, 3333}).Draw(t, "milliseconds")
		l.Stages = append(l.Stages, Stage{Duration: time.Duration(length) * time.Millisecond, Target: drawRate(t)})
	}
	return l
}

func drawRate(t *rapid.T) float64 {
	return rapid.SampledFrom([]float64{0, 0, 0.5, 1, 10, 99.9, 1000. / 60, 700}).Draw(t, "rate")
}

// area is the definition, worked out the plain way: the mean of two rates times the time between them.
func (l Load) area() float64 {
	sum, level := 0.0, l.Start
	for _, s := range l.Stages {
		sum += (level + s.Target) / 2 * s.Duration.Seconds()
		level = s.Target
	}
	return sum
}

func TestArrivalsAreSortedWithinTheRunAndAsManyAsTheArea(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := drawLoad(t)
		s := l.Schedule(rapid.Uint64().Draw(t, "seed"))
		got := slices.Collect(s.Arrivals())
		if !slices.IsSorted(got) {
			t.Fatalf("not sorted: %v", got)
		}
		if len(got) > 0 && (got[0] < 0 || got[len(got)-1] > s.Duration()) {
			t.Fatalf("outside 0 to %v: %v", s.Duration(), got)
		}
		if int64(len(got)) != s.Count() || math.Abs(float64(len(got))-l.area()) > 1 {
			t.Fatalf("got %d arrivals, counted %d, area %v", len(got), s.Count(), l.area())
		}
		if whole := math.Round(l.area()); math.Abs(l.area()-whole) < 1e-10 && float64(len(got)) != whole {
			t.Fatalf("got %d arrivals, want the whole area %v", len(got), whole)
		}
	})
}

func TestCuttingAStageChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := drawLoad(t)
		i := rapid.IntRange(0, len(l.Stages)-1).Draw(t, "cut stage")
		whole := l.Stages[i]
		from := l.Start
		if i > 0 {
			from = l.Stages[i-1].Target
		}
		share := rapid.Float64Range(0.01, 0.99).Draw(t, "share")
		first := whole
		first.Duration = time.Duration(share * float64(whole.Duration))
		if whole.Duration == 0 {
			return
		}
		first.Target = from + (whole.Target-from)*float64(first.Duration)/float64(whole.Duration)
		second := Stage{Duration: whole.Duration - first.Duration, Target: whole.Target}
		cut := l
		cut.Stages = slices.Replace(slices.Clone(l.Stages), i, i+1, first, second)
		wants, gots := slices.Collect(l.Schedule(7).Arrivals()), slices.Collect(cut.Schedule(7).Arrivals())
		if len(gots) != len(wants) {
			t.Fatalf("got %d arrivals, want %d", len(gots), len(wants))
		}
		for k := range gots {
			if off := gots[k] - wants[k]; off < -time.Microsecond || off > time.Microsecond {
				t.Fatalf("arrival %d: got %v, want %v", k, gots[k], wants[k])
			}
		}
	})
}

// TestLongRunIsExact compares the last arrivals of three hours with arithmetic of 200 bits.
func TestLongRunIsExact(t *testing.T) {
	hold, fall := 3*time.Hour, 10*time.Minute
	l := ramp(0, Stage{Duration: time.Minute, Target: 50_000}, Stage{Duration: hold, Target: 50_000}, Stage{Duration: fall, Target: 20_000})
	s := l.Schedule(1)
	p := &s.pieces[len(s.pieces)-1]
	for _, k := range []int64{p.whole, p.whole + 1, s.Count() - 2, s.Count() - 1} {
		got := p.at(float64(k-p.whole) - p.fraction)
		want := exactArrival(k, time.Minute+hold, fall)
		if off := got - want; off < -time.Microsecond || off > time.Microsecond {
			t.Errorf("arrival %d: got %v, want %v", k, got, want)
		}
	}
	// The same arrivals must come out of the sequence, which is where an accumulated error would show.
	constant := Load{Executor: ConstantArrivalRate, Arrivals: Even, Rate: 1000. / 3, Duration: hold}.Schedule(1)
	k, last := int64(0), time.Duration(0)
	for at := range constant.Arrivals() {
		k, last = k+1, at
	}
	want := time.Duration(math.Round(float64(k-1) * 3 / 1000 * 1e9))
	if off := last - want; k != constant.Count() || off < -time.Microsecond || off > time.Microsecond {
		t.Errorf("arrival %d of %d: got %v, want %v", k-1, constant.Count(), last, want)
	}
}

// exactArrival solves a*t²/2 + b*t = c for the falling stage of TestLongRunIsExact, with b = 50000 and a = -50.
func exactArrival(k int64, start, fall time.Duration) time.Duration {
	num := func(x float64) *big.Float { return new(big.Float).SetPrec(200).SetFloat64(x) }
	before := num(50_000*30 + 50_000*3*3600)
	c := num(0).Sub(num(float64(k)), before)
	b, a := num(50_000), num(-30_000/fall.Seconds())
	root := num(0).Mul(b, b)
	root.Add(root, num(0).Mul(num(2), num(0).Mul(a, c))).Sqrt(root)
	seconds := num(0).Quo(num(0).Sub(root, b), a)
	nanoseconds, _ := seconds.Mul(seconds, num(1e9)).Float64()
	return start + time.Duration(math.Round(nanoseconds))
}

// TestRampAfterALongRunStartsExactly would be milliseconds off if the area so far were one float.
func TestRampAfterALongRunStartsExactly(t *testing.T) {
	l := ramp(50_000, Stage{Duration: 3 * time.Hour, Target: 50_000}, Stage{}, Stage{Duration: 10 * time.Second, Target: 10})
	s := l.Schedule(1)
	p := &s.pieces[1]
	if p.whole != 540_000_000 || p.fraction != 0 {
		t.Fatalf("before the ramp: got %d and %v, want 540000000 and 0", p.whole, p.fraction)
	}
	for k, want := range []float64{0, math.Sqrt(2), 2, math.Sqrt(6)} {
		if got, want := p.at(float64(k)), 3*time.Hour+secondsOfRoot(want); got != want {
			t.Errorf("arrival %d of the ramp: got %v, want %v", k, got, want)
		}
	}
}

func TestPoissonGaps(t *testing.T) {
	const rate = 1000.0
	s := Load{Executor: ConstantArrivalRate, Arrivals: Poisson, Rate: rate, Duration: 200 * time.Second}.Schedule(42)
	var gaps []float64
	last, sum, squares := time.Duration(0), 0.0, 0.0
	for at := range s.Arrivals() {
		gap := (at - last).Seconds() * rate
		gaps, last = append(gaps, gap), at
		sum, squares = sum+gap, squares+gap*gap
	}
	n := float64(len(gaps))
	if n != 200_000 {
		t.Fatalf("got %v arrivals, want 200000", n)
	}
	mean := sum / n
	if variance := squares/n - mean*mean; math.Abs(mean-1) > 0.01 || math.Abs(variance-1) > 0.02 {
		t.Errorf("gaps: got mean %v and variance %v, want 1 and 1", mean, variance)
	}
	slices.Sort(gaps)
	worst := 0.0
	for i, gap := range gaps {
		worst = max(worst, math.Abs(float64(i)/n+math.Expm1(-gap)))
	}
	// Kolmogorov's bound at 1%, for gaps that follow the exponential law.
	if limit := 1.63 / math.Sqrt(n); worst > limit {
		t.Errorf("gaps are %v from exponential, want at most %v", worst, limit)
	}
}

// TestPoissonFollowsTheRamp compares the share of arrivals before each tenth of a ramp with the area there.
func TestPoissonFollowsTheRamp(t *testing.T) {
	l := ramp(0, Stage{Duration: 100 * time.Second, Target: 2000})
	l.Arrivals = Poisson
	counts := [10]float64{}
	for at := range l.Schedule(42).Arrivals() {
		counts[min(9, int(at/(10*time.Second)))]++
	}
	for i, got := range counts {
		want := 100_000 * float64(2*i+1) / 100
		if math.Abs(got-want) > 4*math.Sqrt(want) {
			t.Errorf("tenth %d: got %v arrivals, want about %v", i, got, want)
		}
	}
}

func TestPoissonDependsOnTheSeedAlone(t *testing.T) {
	l := Load{Executor: ConstantArrivalRate, Arrivals: Poisson, Rate: 100, Duration: time.Second}
	first := slices.Collect(l.Schedule(1).Arrivals())
	if again := slices.Collect(l.Schedule(1).Arrivals()); !slices.Equal(first, again) {
		t.Error("the same seed gave other arrivals")
	}
	if other := slices.Collect(l.Schedule(2).Arrivals()); slices.Equal(first, other) {
		t.Error("another seed gave the same arrivals")
	}
	l.Requests = 10
	if cut := slices.Collect(l.Schedule(1).Arrivals()); !slices.Equal(cut, first[:10]) {
		t.Errorf("cut: got %v, want %v", cut, first[:10])
	}
}

func BenchmarkArrivals(b *testing.B) {
	for _, arrivals := range []Arrivals{Even, Poisson} {
		b.Run(string(arrivals), func(b *testing.B) {
			l := ramp(10, Stage{Duration: time.Hour, Target: 1e6})
			l.Arrivals = arrivals
			s := l.Schedule(1)
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				n = 0
				for at := range s.Arrivals() {
					if n++; n == 100_000 || at < 0 {
						break
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/arrival")
		})
	}
}
