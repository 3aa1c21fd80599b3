package pick_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/floodmark/floodmark/demo-server/balance/pick"
)

func Example() {
	picker, err := pick.New(pick.WeightedRoundRobin, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	all := candidates(5, 1, 1)
	for range 7 {
		fmt.Print(picker(all, "").Name, " ")
	}
	// Output: a a b a c a a
}

// candidates returns idle ones with the weights given, named a, b, c and so on.
func candidates(weights ...float64) []*pick.Candidate {
	var all []*pick.Candidate
	for i, w := range weights {
		all = append(all, &pick.Candidate{Name: string(rune('a' + i)), Weight: w, Ramp: 1, Utilisation: -1})
	}
	return all
}

func picker(t interface{ Fatal(...any) }, a pick.Algorithm, seed uint64) pick.Picker {
	p, err := pick.New(a, seed)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// count returns how often each candidate is picked.
func count(p pick.Picker, all []*pick.Candidate, picks int) map[string]int {
	counts := map[string]int{}
	for i := range picks {
		counts[p(all, fmt.Sprint("client ", i)).Name]++
	}
	return counts
}

func TestNewRefuses(t *testing.T) {
	for name, want := range map[pick.Algorithm]string{
		"round_robbin": `did you mean "round_robin"?`,
		"best":         "there are round_robin, weighted_round_robin",
	} {
		if _, err := pick.New(name, 0); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want …%s…", name, err, want)
		}
	}
}

func TestEveryAlgorithmPicksACandidate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.SampledFrom(pick.Algorithms()).Draw(t, "algorithm")
		seed := rapid.Uint64().Draw(t, "seed")
		first, second := picker(t, a, seed), picker(t, a, seed)
		var all, again []*pick.Candidate
		for i := range rapid.IntRange(0, 6).Draw(t, "candidates") {
			c := pick.Candidate{
				Name:        fmt.Sprint("web-", i),
				Weight:      float64(rapid.IntRange(1, 256).Draw(t, "weight")),
				Ramp:        rapid.Float64Range(0.1, 1).Draw(t, "ramp"),
				InFlight:    rapid.IntRange(0, 100).Draw(t, "in flight"),
				Utilisation: rapid.Float64Range(-1, 2).Draw(t, "utilisation"),
			}
			all, again = append(all, new(c)), append(again, new(c))
		}
		for i := range 20 {
			client := fmt.Sprint(i)
			got, same := first(all, client), second(again, client)
			if len(all) == 0 {
				if got != nil || same != nil {
					t.Fatal("picked from nobody")
				}
				continue
			}
			if place := slices.Index(all, got); place < 0 || again[place] != same {
				t.Fatalf("the same seed picks %+v and %+v", got, same)
			}
		}
	})
}

// Turns are as many as the weights say, and nobody is ever more than one ahead.
func TestTurnsFollowWeights(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.SampledFrom([]pick.Algorithm{pick.RoundRobin, pick.WeightedRoundRobin}).Draw(t, "algorithm")
		weights := rapid.SliceOfN(rapid.IntRange(1, 20), 1, 8).Draw(t, "weights")
		var all []*pick.Candidate
		total := 0.0
		for i, w := range weights {
			all = append(all, candidates(float64(w))[0])
			all[i].Name = fmt.Sprint(i)
			if a == pick.RoundRobin {
				w = 1 // it heeds none
			}
			total += float64(w)
		}
		p := picker(t, a, 0)
		got := map[string]int{}
		for turns := 1; turns <= 2*int(total); turns++ {
			c := p(all, "")
			got[c.Name]++
			weight := 1.0
			if a == pick.WeightedRoundRobin {
				weight = c.Weight
			}
			if ideal := float64(turns) * weight / total; float64(got[c.Name]) >= ideal+1 {
				t.Fatalf("after %d turns %s had %d, want less than %v", turns, c.Name, got[c.Name], ideal+1)
			}
		}
		for _, c := range all {
			want := 2
			if a == pick.WeightedRoundRobin {
				want = 2 * int(c.Weight)
			}
			if got[c.Name] != want {
				t.Fatalf("%s had %d turns, want %d", c.Name, got[c.Name], want)
			}
		}
	})
}

// Who was away does not come back to a burst.
func TestTurnsAfterAnAbsence(t *testing.T) {
	all := candidates(1, 1, 1)
	p := picker(t, pick.RoundRobin, 0)
	for range 1000 {
		p(all[:2], "")
	}
	if got := count(p, all, 9); got["c"] < 3 || got["c"] > 4 {
		t.Errorf("got %v, want about 3 each", got)
	}
}

func TestSlowStart(t *testing.T) {
	tests := []struct {
		algorithm pick.Algorithm
		least     int
		most      int
	}{
		{pick.RoundRobin, 100, 100},
		{pick.WeightedRoundRobin, 100, 100},
		{pick.LeastConnections, 100, 100}, // all idle: turns
		{pick.ResourceBased, 100, 100},
		{pick.Random, 60, 140},
		{pick.TwoChoices, 100, 400}, // drawn seldom, then the first of equals
	}
	for _, test := range tests {
		all := candidates(1, 1, 1)
		all[2].Ramp = 0.25 // 0.25 of 2.25 is a ninth
		got := count(picker(t, test.algorithm, 1), all, 900)["c"]
		if got < test.least || got > test.most {
			t.Errorf("%s: got %d of 900, want %d to %d", test.algorithm, got, test.least, test.most)
		}
	}
}

func TestLeastConnectionsPicksTheLeastLoaded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.SampledFrom([]pick.Algorithm{pick.LeastConnections, pick.WeightedLeastConnections}).Draw(t, "algorithm")
		all := candidates(rapid.SliceOfN(rapid.Float64Range(1, 256), 1, 8).Draw(t, "weights")...)
		load := func(c *pick.Candidate) float64 {
			if a == pick.LeastConnections {
				return float64(c.InFlight)
			}
			return float64(c.InFlight) / c.Weight
		}
		p := picker(t, a, 0)
		for range 10 {
			for _, c := range all {
				c.InFlight = rapid.IntRange(0, 5).Draw(t, "in flight")
			}
			got := p(all, "")
			for _, c := range all {
				if load(c) < load(got) {
					t.Fatalf("got %+v, want %+v", got, c)
				}
			}
		}
	})
}

func TestTwoChoicesSparesTheMostLoaded(t *testing.T) {
	all := candidates(1, 1, 1, 1)
	all[2].InFlight = 1
	got := count(picker(t, pick.TwoChoices, 7), all, 1000)
	if got["c"] != 0 || got["a"] < 200 || got["b"] < 200 || got["d"] < 200 {
		t.Errorf("got %v, want none for c, and a third for each of the others", got)
	}
}

func TestRandomFollowsWeights(t *testing.T) {
	got := count(picker(t, pick.Random, 7), candidates(1, 3), 4000)["b"]
	if deviation := math.Sqrt(4000 * 0.25 * 0.75); math.Abs(float64(got)-3000) > 4*deviation {
		t.Errorf("got %d of 4000, want 3000", got)
	}
}

func TestResourceBased(t *testing.T) {
	tests := []struct {
		name         string
		utilisations []float64
		want         []int // of 100 turns
	}{
		{"idle parts", []float64{0.5, 0.75, 0.75}, []int{50, 25, 25}},
		{"nobody reports", []float64{-1, -1}, []int{50, 50}},
		{"one does not report", []float64{0.2, 0.6, -1}, []int{44, 22, 34}},
		{"overloaded", []float64{1.5, 0.01}, []int{1, 99}},
	}
	for _, test := range tests {
		all := candidates(slices.Repeat([]float64{1}, len(test.utilisations))...)
		for i, u := range test.utilisations {
			all[i].Utilisation = u
		}
		got := count(picker(t, pick.ResourceBased, 0), all, 100)
		for i, want := range test.want {
			if n := got[all[i].Name]; n < want-1 || n > want+1 {
				t.Errorf("%s: got %v, want %v", test.name, got, test.want)
			}
		}
	}
}
