package alert

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// play steps a machine through sights a second apart and returns the state after each,
// by its initial, a capital F for firing. The sights are letters: x breach, o clear, = between the levels,
// ? too few requests, - none at all.
func play(r *Rule, silence time.Duration, sights string) string {
	var m machine
	initials := map[State]byte{Inactive: 'i', Pending: 'p', Firing: 'F', Recovering: 'r'}
	var all []byte
	for i, c := range sights {
		s := sight{at: time.Duration(i+1) * time.Second, breach: c == 'x', clear: c == 'o', data: strings.ContainsRune("xo=", c), silent: c == '-'}
		to, _ := m.step(r, s, silence)
		all = append(all, initials[to])
	}
	return string(all)
}

// Each row of the table of states, and what follows from several.
func TestStates(t *testing.T) {
	plain := Rule{}
	patient := Rule{For: 3 * time.Second, KeepFiring: 2 * time.Second}
	breach := Rule{For: 2 * time.Second, KeepFiring: 2 * time.Second, NoData: BreachData}
	clear := Rule{KeepFiring: 2 * time.Second, NoData: ClearData}
	for _, tt := range []struct {
		name           string
		rule           Rule
		sights, states string
	}{
		{"fires at once", plain, "oxxo", "iFFi"},
		{"waits for For", patient, "xxxxx", "pppFF"},
		{"a breach that ends in time", patient, "xxxoxxx", "pppippp"},
		{"the dead band ends a breach", patient, "xxx=xxxx", "pppipppF"},
		{"pending stands still without data", patient, "xx??xx-xx", "pppppFFFF"},
		{"the dead band holds a fire", plain, "x====", "FFFFF"},
		{"recovers", patient, "xxxxooo", "pppFrri"},
		{"recovers and breaches", patient, "xxxxoxooo", "pppFrFrri"},
		{"the dead band restarts the recovery", patient, "xxxxoo=ooo", "pppFrrrrii"},
		{"no data does not resolve", patient, "xxxxoo?????", "pppFrrrrrrr"},
		{"no data, and then the rest of the recovery", patient, "xxxxo???oo", "pppFrrrrri"},
		{"no data does not fire", plain, "?????-----", "iiiiiiiiii"},
		{"silence as a breach, after a while", breach, "o----------", "iiiippFFFFF"},
		{"too few are no silence", breach, "o??????????", "iiiiiiiiiii"},
		{"silence as a recovery", clear, "x--------", "FFFFrriii"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := play(&tt.rule, 4*time.Second, tt.sights); got != tt.states {
				t.Errorf("%s\ngot  %s\nwant %s", tt.sights, got, tt.states)
			}
		})
	}
}

// drawRule draws a rule's timing.
func drawRule(t *rapid.T) *Rule {
	within := func(label string) time.Duration {
		return time.Duration(rapid.IntRange(0, 5).Draw(t, label)) * time.Second
	}
	return &Rule{For: within("for"), KeepFiring: within("keep firing")}
}

// No resolve without a fire, and no transition but along the arrows.
func TestTransitionsFollowTheArrows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRule(t)
		r.NoData = rapid.SampledFrom([]NoData{"", KeepState, BreachData, ClearData}).Draw(t, "no data")
		states := play(r, 3*time.Second, rapid.StringMatching("[xo=?-]{0,60}").Draw(t, "sights"))
		from := 'i'
		for i, to := range states {
			step := string([]rune{from, to})
			if from != to && !slices.Contains([]string{"ip", "iF", "pi", "pF", "Fr", "Fi", "rF", "ri"}, step) {
				t.Fatalf("step %d of %s: %s", i, states, step)
			}
			from = to
		}
	})
}

// Without data nothing changes.
func TestNoTransitionWithoutData(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sights := rapid.StringMatching("[xo=?-]{1,60}").Draw(t, "sights")
		states := play(drawRule(t), 3*time.Second, sights)
		for i := 1; i < len(states); i++ {
			if strings.ContainsRune("?-", rune(sights[i])) && states[i] != states[i-1] {
				t.Fatalf("second %d of %s: %s", i, sights, states)
			}
		}
	})
}

// What is worse at every instant is alarmed whenever what is better is.
func TestStatesAreMonotoneInBadness(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const order = "o=x"
		better := rapid.StringMatching("[xo=?]{1,60}").Draw(t, "better")
		worse := []byte(better)
		for i, c := range better {
			if c != '?' {
				at := strings.IndexRune(order, c)
				worse[i] = order[rapid.IntRange(at, 2).Draw(t, "worse")]
			}
		}
		r := drawRule(t)
		b := play(r, time.Minute, better)
		w := play(r, time.Minute, string(worse))
		for i := range b {
			if strings.ContainsRune("Fr", rune(b[i])) && !strings.ContainsRune("Fr", rune(w[i])) {
				t.Fatalf("second %d\nbetter %s %s\nworse  %s %s", i, better, b, worse, w)
			}
		}
	})
}
