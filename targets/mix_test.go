package targets

import (
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// scenario returns a scenario of one request.
func scenario(name string, weight float64) Scenario {
	return Scenario{Name: name, Weight: weight, Steps: []Step{{Name: name, Request: &Request{method: "GET"}}}}
}

func TestPickFollowsWeights(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(rapid.Float64Range(0, 10), 1, 6).Draw(t, "weights")
		weights[rapid.IntRange(0, len(weights)-1).Draw(t, "sure")] = 5
		seed := rapid.Uint64().Draw(t, "seed")
		first := rapid.Uint64().Draw(t, "first")

		var scenarios []Scenario
		total := 0.0
		for _, w := range weights {
			scenarios = append(scenarios, scenario("s", w))
			total += w
		}
		mix, err := NewMix(scenarios)
		if err != nil {
			t.Fatal(err)
		}
		const n = 4000
		counts := make([]float64, len(weights))
		for k := range uint64(n) {
			counts[mix.Pick(seed, first+k)]++
		}
		for i, w := range weights {
			p := w / total
			// Five standard deviations and a little: once in a few million draws.
			if got, want, slack := counts[i], n*p, 3+5.5*math.Sqrt(n*p*(1-p)); math.Abs(got-want) > slack {
				t.Errorf("scenario %d of %v: %v picks of %d, want %v ± %v", i, weights, got, n, want, slack)
			}
			if w == 0 && counts[i] > 0 {
				t.Errorf("scenario %d is off and was picked", i)
			}
		}
	})
}

// The numbers are part of what makes a run repeatable: a change of them changes
// every profile's run.
func TestPickIsFixed(t *testing.T) {
	mix, err := NewMix([]Scenario{scenario("a", 8), scenario("b", 2)})
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for k := range uint64(30) {
		got.WriteString(mix.Scenarios()[mix.Pick(42, k)].Name)
	}
	if want := "aaaabaaaaaabbaabaaaaaaaaabaaba"; got.String() != want {
		t.Errorf("picks = %s, want %s", got.String(), want)
	}
}

func TestThinkIsUniform(t *testing.T) {
	step := Step{ThinkMin: 500 * time.Millisecond, ThinkMax: 2 * time.Second}
	var sum time.Duration
	const n = 10000
	quarters := [4]int{}
	for k := range uint64(n) {
		got := step.Think(7, k, 1)
		if got < step.ThinkMin || got > step.ThinkMax {
			t.Fatalf("arrival %d thinks %v", k, got)
		}
		if again := step.Think(7, k, 1); again != got {
			t.Fatalf("arrival %d thinks %v, then %v", k, got, again)
		}
		sum += got
		quarters[min(3, (got-step.ThinkMin)*4/(step.ThinkMax-step.ThinkMin))]++
	}
	if mean := sum / n; (mean - 1250*time.Millisecond).Abs() > 20*time.Millisecond {
		t.Errorf("mean = %v, want 1.25s", mean)
	}
	for i, got := range quarters {
		if math.Abs(float64(got)-n/4) > 250 {
			t.Errorf("quarter %d holds %d of %d", i, got, n)
		}
	}
	if a, b := step.Think(7, 1, 1), step.Think(7, 1, 2); a == b {
		t.Errorf("two steps of an arrival both think %v", a)
	}
	fixed := Step{ThinkMin: time.Second, ThinkMax: time.Second}
	if got := fixed.Think(1, 2, 3); got != time.Second {
		t.Errorf("a fixed pause = %v, want 1s", got)
	}
}

func TestNewMixRefuses(t *testing.T) {
	pause := Step{ThinkMin: time.Second, ThinkMax: time.Second}
	tests := []struct {
		name      string
		scenarios []Scenario
		want      string
	}{
		{"nothing", nil, "no scenario has a weight"},
		{"all off", []Scenario{scenario("a", 0)}, "no scenario has a weight"},
		{"negative", []Scenario{scenario("a", -1)}, "scenario a: weight -1"},
		{"NaN", []Scenario{scenario("a", math.NaN())}, "weight NaN"},
		{"infinite", []Scenario{scenario("a", math.Inf(1))}, "weight +Inf"},
		{"pauses only", []Scenario{{Name: "a", Weight: 1, Steps: []Step{pause}}}, "scenario a: it has no request"},
		{"backward pause", []Scenario{{Name: "a", Weight: 1, Steps: []Step{{ThinkMin: 2, ThinkMax: 1}}}}, "step 1: a pause"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := NewMix(tt.scenarios); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error = %v, want one with %q", err, tt.want)
			}
		})
	}
}

func BenchmarkPick(b *testing.B) {
	mix, err := NewMix([]Scenario{scenario("a", 8), scenario("b", 2), scenario("c", 1)})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	k := uint64(0)
	for b.Loop() {
		mix.Pick(42, k)
		k++
	}
}
