package ideal_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/floodmark/floodmark/demo-server/balance/pick"
	"github.com/floodmark/floodmark/demo-server/capacity"
	"github.com/floodmark/floodmark/demo-server/journey/ideal"
)

func law(t *testing.T, text string) capacity.Law {
	t.Helper()
	l, err := capacity.ParseLaw(text)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// near reports whether two durations differ by no more than two percent.
func near(got, want time.Duration) bool {
	return math.Abs(float64(got-want)) <= 0.02*float64(want)
}

// The simulation agrees with theory where there is one.
func TestSystemIsTheQueueOfTheory(t *testing.T) {
	t.Parallel()
	for _, q := range []ideal.Markov{
		{Cores: 1, Mean: 10 * time.Millisecond, Rate: 50},
		{Cores: 1, Mean: 10 * time.Millisecond, Rate: 70},
		{Cores: 2, Mean: 20 * time.Millisecond, Rate: 66},
		{Cores: 4, Mean: 10 * time.Millisecond, Rate: 320},
		{Cores: 8, Mean: 20 * time.Millisecond, Rate: 363},
	} {
		t.Run(fmt.Sprintf("%d cores at %v", q.Cores, q.Rate), func(t *testing.T) {
			t.Parallel()
			s := ideal.System{Web: ideal.Station{Cores: q.Cores, Places: 100_000, Law: law(t, "exponential:"+q.Mean.String())}, Seed: 7}
			got := s.Run(q.Rate, 400_000*max(1, 3/q.Cores)) // one core makes the longest memory
			if !near(got.Mean, q.Response()) {
				t.Errorf("mean %v, want %v", got.Mean, q.Response())
			}
			if want := q.Quantile(0.5); !near(got.P50, want) {
				t.Errorf("p50 %v, want %v", got.P50, want)
			}
			if want := q.Quantile(0.99); !near(got.P99, want) {
				t.Errorf("p99 %v, want %v", got.P99, want)
			}
			if got.Refused != 0 || math.Abs(got.Throughput-q.Rate) > 0.01*q.Rate {
				t.Errorf("got %+v, want nothing refused and %v/s", got, q.Rate)
			}
		})
	}
}

// Another seed gives the same figures, to two percent.
func TestFiguresAreStable(t *testing.T) {
	t.Parallel()
	var first ideal.Figures
	for seed := range uint64(3) {
		s := ideal.System{
			Replicas: 4, Algorithm: pick.LeastConnections, Seed: seed,
			Web: ideal.Station{Cores: 1, Places: 200, Law: law(t, "exponential:20ms")},
		}
		got := s.Run(160, 400_000)
		if seed == 0 {
			first = got
		}
		if !near(got.Mean, first.Mean) || !near(got.P99, first.P99) {
			t.Errorf("seed %d: %+v, seed 0: %+v", seed, got, first)
		}
	}
	s := ideal.System{Web: ideal.Station{Cores: 1, Places: 5, Law: law(t, "exponential:20ms")}, Seed: 3}
	if a, b := s.Run(40, 10_000), s.Run(40, 10_000); a != b {
		t.Errorf("the same seed gave %+v and %+v", a, b)
	}
}

// With few places the share refused is that of M/M/1/K: (1−ρ)ρ^K ÷ (1−ρ^(K+1)).
func TestRefusals(t *testing.T) {
	t.Parallel()
	s := ideal.System{Web: ideal.Station{Cores: 1, Places: 5, Law: law(t, "exponential:10ms")}, Seed: 3}
	for _, rate := range []float64{80, 120} {
		rho, k := rate/100, 6.0
		want := (1 - rho) * math.Pow(rho, k) / (1 - math.Pow(rho, k+1))
		if got := s.Run(rate, 400_000).Refused; math.Abs(got-want) > 0.003 {
			t.Errorf("at %v/s %.4f are refused, want %.4f", rate, got, want)
		}
	}
}

// One machine for both: half as much, and it collapses earlier.
func TestSeparateDatabaseDoublesTheCeiling(t *testing.T) {
	t.Parallel()
	station := ideal.Station{Cores: 2, Places: 200, Law: law(t, "exponential:10ms")}
	one := ideal.System{Web: station, Database: &station, OneMachine: true, Seed: 7}
	two := ideal.System{Web: station, Database: &station, Seed: 7}
	for _, c := range []struct {
		name   string
		system ideal.System
		want   float64
	}{{"one machine", one, 100}, {"two machines", two, 200}} {
		if got := c.system.Run(300, 200_000).Throughput; math.Abs(got-c.want) > 0.02*c.want {
			t.Errorf("%s: %v/s, want %v/s", c.name, got, c.want)
		}
	}
	if got, want := two.Run(80, 400_000).Mean, 2*(ideal.Markov{Cores: 2, Mean: 10 * time.Millisecond, Rate: 80}).Response(); !near(got, want) {
		t.Errorf("two machines at 80/s: mean %v, want %v, as one behind the other", got, want)
	}
	if slow, fast := one.Run(80, 200_000).Mean, two.Run(80, 200_000).Mean; slow < 2*fast {
		t.Errorf("one machine %v, two %v at 80/s: want less than half", slow, fast)
	}
}

// The textbook's order of pickers, and what a slow replica does to those that do not look.
func TestPickers(t *testing.T) {
	t.Parallel()
	mean := func(a pick.Algorithm, speeds ...float64) ideal.Figures {
		return ideal.System{
			Replicas: 4, Algorithm: a, Speeds: speeds, Seed: 7,
			Web: ideal.Station{Cores: 1, Places: 200, Law: law(t, "exponential:20ms")},
		}.Run(160, 400_000)
	}
	order := []pick.Algorithm{pick.Random, pick.RoundRobin, pick.TwoChoices, pick.LeastConnections}
	for i, a := range order[:len(order)-1] {
		if slow, fast := mean(a).Mean, mean(order[i+1]).Mean; slow <= fast {
			t.Errorf("%s %v, %s %v", a, slow, order[i+1], fast)
		}
	}
	if got, want := mean(pick.Random).Mean, 100*time.Millisecond; !near(got, want) {
		t.Errorf("random %v, want %v: four queues M/M/1", got, want)
	}
	rr, lc := mean(pick.RoundRobin, 1.0/3, 1, 1, 1), mean(pick.LeastConnections, 1.0/3, 1, 1, 1)
	if rr.P99 < 5*lc.P99 {
		t.Errorf("with a slow replica round robin's p99 is %v, least connections' %v", rr.P99, lc.P99)
	}
}

func TestCapacity(t *testing.T) {
	t.Parallel()
	capacityOf := func(replicas int) float64 {
		s := ideal.System{Replicas: replicas, Algorithm: pick.LeastConnections, Seed: 7, Web: ideal.Station{Cores: 2, Places: 200, Law: law(t, "exponential:20ms")}}
		top := float64(100 * replicas)
		return s.Capacity(150*time.Millisecond, top/2, top, 200_000)
	}
	one, four := capacityOf(1), capacityOf(4)
	if one < 62 || one > 70 {
		t.Errorf("one replica holds %.0f/s, want about 66", one)
	}
	if four < 4*one {
		t.Errorf("four replicas hold %.0f/s, one %.0f/s: pooled queues should do more than four times as much", four, one)
	}
}

func TestScale(t *testing.T) {
	t.Parallel()
	for cores, want := range map[int]float64{1: 1, 2: 1.90, 4: 3.41, 8: 5.47, 16: 7.17, 32: 7.06, 64: 5.24} {
		if got := ideal.Scale(cores, 0.05, 0.002); math.Abs(got-want) > 0.006 {
			t.Errorf("%d cores do %.3f, want %.2f", cores, got, want)
		}
	}
}

func TestNothingToDo(t *testing.T) {
	t.Parallel()
	if got := (ideal.System{}).Run(0, 10); got != (ideal.Figures{}) {
		t.Errorf("no rate: %+v", got)
	}
	if got := (ideal.System{}).Run(10, 0); got != (ideal.Figures{}) {
		t.Errorf("no requests: %+v", got)
	}
}

func ExampleSystem() {
	work, _ := capacity.ParseLaw("fixed:20ms")
	s := ideal.System{Replicas: 2, Web: ideal.Station{Cores: 1, Places: 10, Law: work}, Seed: 1}
	f := s.Run(300, 10_000) // three times what two replicas can do
	fmt.Printf("%.0f/s answered\n", f.Throughput)
	// Output: 100/s answered
}
