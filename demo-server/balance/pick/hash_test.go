package pick_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/floodmark/floodmark/demo-server/balance/pick"
)

// A client stays where it is unless its backend goes, or a new one takes it.
func TestHashMovesOnlyWhatMustMove(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := candidates(rapid.SliceOfN(rapid.Float64Range(1, 10), 2, 8).Draw(t, "weights")...)
		p := picker(t, pick.IPHash, 0)
		changed := all[rapid.IntRange(0, len(all)-1).Draw(t, "changed")]
		var others []*pick.Candidate
		for _, c := range all {
			if c != changed {
				others = append(others, c)
			}
		}
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "order"), 0))
		rng.Shuffle(len(others), func(i, j int) { others[i], others[j] = others[j], others[i] })
		for i := range 200 {
			client := fmt.Sprintf("127.0.%d.%d", i/250, i%250)
			with, without := p(all, client), p(others, client)
			if with != changed && with != without {
				t.Fatalf("%s moved from %s to %s", client, with.Name, without.Name)
			}
		}
	})
}

func TestHashFollowsWeights(t *testing.T) {
	const clients = 20_000
	all := candidates(1, 1, 2)
	got := map[string]float64{}
	p := picker(t, pick.IPHash, 0)
	for i := range clients {
		got[p(all, fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255)).Name]++
	}
	for name, share := range map[string]float64{"a": 0.25, "b": 0.25, "c": 0.5} {
		deviation := math.Sqrt(clients * share * (1 - share))
		if math.Abs(got[name]-share*clients) > 4*deviation {
			t.Errorf("%s: got %v of %d, want %v", name, got[name], clients, share*clients)
		}
	}
}

// Removing one of four moves its quarter of the clients; a modulo would move three quarters.
func TestHashMovesAQuarter(t *testing.T) {
	const clients = 10_000
	all := candidates(1, 1, 1, 1)
	p := picker(t, pick.IPHash, 0)
	moved := 0
	for i := range clients {
		client := fmt.Sprint("client ", i)
		if p(all, client) != p(all[:3], client) {
			moved++
		}
	}
	if deviation := math.Sqrt(clients * 0.25 * 0.75); math.Abs(float64(moved)-clients/4) > 4*deviation {
		t.Errorf("%d of %d moved, want a quarter", moved, clients)
	}
}
