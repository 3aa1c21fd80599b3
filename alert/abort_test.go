package alert

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/floodmark/floodmark/slo"
)

// second returns what so many requests did of which each is bad with a probability below
// 1. It draws how many good ones stand before each bad one, which is less work than all of them.
func second(r *rand.Rand, requests int64, bad float64) slo.Count {
	c := slo.Count{Good: requests, Total: requests}
	at := -1.
	for bad > 0 {
		at += 1 + math.Floor(math.Log(1-r.Float64())/math.Log(1-bad))
		if at >= float64(requests) {
			break
		}
		c.Good--
	}
	return c
}

// strict is the test of the simulations: half a percent may be bad, and 1 % is too much.
func strict(tb testing.TB) Sequential {
	tb.Helper()
	s, err := SequentialOf(objective(tb, "success >= 99.5%"), condition(tb, "success < 99%"))
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// tooMuch is the limit of the strict test, as the usual rule compares with it.
const tooMuch = 0.01

// abortedAt returns in which second of a run the test gives it up, and in which the
// usual rule does, that wants the share so far to be below tooMuch every other second; 0
// is never.
func abortedAt(r *rand.Rand, test Sequential, requests int64, bad func(second int) float64, seconds int) (proved, compared int) {
	a := Abort{Test: test}
	var run slo.Count
	for i := 1; i <= seconds && (proved == 0 || compared == 0); i++ {
		c := second(r, requests, bad(i))
		run.Good += c.Good
		run.Total += c.Total
		if lost, _ := a.Add(c, time.Second); lost && proved == 0 {
			proved = i
		}
		if compared == 0 && i%2 == 0 && float64(run.Bad())/float64(run.Total) >= tooMuch {
			compared = i
		}
	}
	return proved, compared
}

// always is a share of bad requests that does not change.
func always(share float64) func(int) float64 { return func(int) float64 { return share } }

// A service as good as promised is given up in less than one of a hundred runs of five
// minutes, where comparing the share with a limit gives up every other one.
func TestFalseAborts(t *testing.T) {
	const runs, seconds = 2000, 300
	for _, tt := range []struct {
		requests              int64
		leastNaive, mostNaive float64
	}{{10, 0.40, 0.80}, {50, 0.40, 0.60}, {200, 0.10, 0.22}} {
		r := rand.New(rand.NewPCG(1, uint64(tt.requests)))
		var proved, compared float64
		for range runs {
			p, c := abortedAt(r, strict(t), tt.requests, always(0.005), seconds)
			if p > 0 {
				proved++
			}
			if c > 0 {
				compared++
			}
		}
		t.Logf("%d/s: the test %.2f%%, the threshold %.1f%%", tt.requests, 100*proved/runs, 100*compared/runs)
		if proved/runs > 0.01 {
			t.Errorf("%d/s: the test gave up %.2f%% of good runs, want 1%% at most", tt.requests, 100*proved/runs)
		}
		if share := compared / runs; share < tt.leastNaive || share > tt.mostNaive {
			t.Errorf("%d/s: the threshold gave up %.1f%% of good runs, want %v to %v", tt.requests, 100*share, tt.leastNaive, tt.mostNaive)
		}
	}
}

// A service of which 5 % is bad is given up within seconds.
func TestDetectionDelay(t *testing.T) {
	const runs, seconds = 1000, 300
	for _, tt := range []struct {
		requests    int64
		least, most float64
	}{{10, 13, 21}, {50, 3, 5}} {
		r := rand.New(rand.NewPCG(2, uint64(tt.requests)))
		sum := 0
		for range runs {
			proved, _ := abortedAt(r, strict(t), tt.requests, always(0.05), seconds)
			if proved == 0 {
				t.Fatalf("%d/s: a bad run was never given up", tt.requests)
			}
			sum += proved
		}
		mean := float64(sum) / runs
		t.Logf("%d/s: %.1f s", tt.requests, mean)
		if mean < tt.least || mean > tt.most {
			t.Errorf("%d/s: got %.1f s on average, want %v to %v", tt.requests, mean, tt.least, tt.most)
		}
	}
}

// bursts returns the shares of bad requests of a service that is bad for four seconds now
// and then, and keeps the strict promise on the whole.
func bursts(r *rand.Rand, seconds int) []float64 {
	level := make([]float64, seconds+4)
	for i := range seconds {
		if r.Float64() < 0.02 {
			level[i], level[i+1], level[i+2], level[i+3] = 0.06, 0.06, 0.06, 0.06
		}
	}
	return level
}

// Bad requests that come together say less than as many that come alone. What an Abort
// learns of that spares a service with bursts from its tenth block on; before, only
// somebody who knows can.
func TestBurstsSayLess(t *testing.T) {
	const runs, seconds, requests = 500, 600, 50
	learnt := leastBlocks * int(blockLength/time.Second)
	r := rand.New(rand.NewPCG(3, 3))
	var independent, early, late, known int
	for range runs {
		level := bursts(r, seconds)
		plain, knows, learns := strict(t), Abort{Test: strict(t)}, Abort{Test: strict(t)}
		knows.Test.DesignEffect = 12
		var run slo.Count
		var lost [3]int // in which second each gave up
		for i := 1; i <= seconds; i++ {
			c := second(r, requests, level[i])
			run.Good, run.Total = run.Good+c.Good, run.Total+c.Total
			sure, _ := learns.Add(c, time.Second)
			surer, _ := knows.Add(c, time.Second)
			for k, gaveUp := range []bool{plain.IsBad(run), sure, surer} {
				if gaveUp && lost[k] == 0 {
					lost[k] = i
				}
			}
		}
		if lost[0] > 0 {
			independent++
		}
		switch {
		case lost[1] > learnt:
			late++
		case lost[1] > 0:
			early++
		}
		if lost[2] > 0 {
			known++
		}
	}
	t.Logf("of %d runs: independent %d, learnt %d before the tenth block and %d after, known %d", runs, independent, early, late, known)
	if late > runs/100 || known > runs/100 || early+late > independent-runs/10 {
		t.Error("want 1% given up at most by who knows how much requests say, and fewer by who learns than by who does not")
	}
}

func TestDesignEffect(t *testing.T) {
	const seconds, requests = 3000, 50
	r := rand.New(rand.NewPCG(4, 4))
	var alone, together spread
	share := 0.05
	for i := range seconds {
		alone.add(second(r, requests, 0.05), time.Second)
		if i%5 == 0 {
			share = []float64{0.01, 0.09}[r.IntN(2)]
		}
		together.add(second(r, requests, share), time.Second)
	}
	if got := alone.designEffect(); got > 1.2 {
		t.Errorf("independent requests: got %.2f, want about 1", got)
	}
	// A block's share has the variance 0.04² beside that of 250 coins: 1 + 250 · 0.0016 / 0.0475.
	if got := together.designEffect(); got < 7.5 || got > 11 {
		t.Errorf("blocks of 1 and of 9 %%: got %.2f, want about 9.4", got)
	}
	var few spread
	for i := range leastBlocks*5 - 1 {
		few.add(slo.Count{Good: int64(i % 10), Total: 10}, time.Second)
	}
	if got := few.designEffect(); got != 1 {
		t.Errorf("before the tenth block: got %v, want 1", got)
	}
}

// When nothing works it takes ten seconds and twenty requests, whatever the test.
func TestDarkness(t *testing.T) {
	for _, tt := range []struct {
		name    string
		test    Sequential
		counts  []slo.Count // a second each; the last goes on
		lost    int
		because string
	}{
		{"no test", Sequential{}, []slo.Count{{Good: 9, Total: 9}, {Total: 5}}, 11, "all requests of the latest 10.0s were bad, 50 of them"},
		{"few requests", Sequential{}, []slo.Count{{Total: 1}}, 20, "all requests of the latest 20.0s were bad, 20 of them"},
		{"a good one", Sequential{}, []slo.Count{{Total: 5}, {Total: 5}, {Good: 1, Total: 5}, {Total: 5}}, 13, "all requests of the latest 10.0s were bad, 50 of them"},
		{"silence is no failure", Sequential{}, []slo.Count{{Total: 50}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {Total: 1}}, 21, "all requests of the latest 10.0s were bad, 59 of them"},
		{"the test is faster", Sequential{Good: 0.05, Bad: 0.2, Alpha: 0.01, Beta: 0.05}, []slo.Count{{Total: 2}}, 2, "100% of 4 requests were bad where 5.00% may be, and chance does not explain it"},
		{"an hour of good ones", Sequential{Good: 0.05, Bad: 0.2, Alpha: 0.01, Beta: 0.05}, []slo.Count{{Good: 1e6, Total: 1e6}, {Total: 50}}, 11, "all requests of the latest 10.0s were bad, 500 of them"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := Abort{Test: tt.test}
			for i := 1; i <= 60; i++ {
				if lost, why := a.Add(tt.counts[min(i, len(tt.counts))-1], time.Second); lost {
					if i != tt.lost || why != tt.because {
						t.Errorf("got %q in second %d, want %q in second %d", why, i, tt.because, tt.lost)
					}
					return
				}
			}
			t.Error("never lost")
		})
	}
}

// Whatever the load and the test, nothing is given up while every request is good.
func TestGoodRunsGoOn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := Abort{Test: drawSequential(t)}
		requests := rapid.Int64Range(0, 10_000).Draw(t, "requests")
		for range rapid.IntRange(1, 200).Draw(t, "seconds") {
			if lost, why := a.Add(slo.Count{Good: requests, Total: requests}, time.Second); lost {
				t.Fatal(why)
			}
		}
	})
}
