package limit

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// epoch is an instant at which windows of all whole seconds up to a minute begin.
const epoch = 1_700_000_040_000_000

// A trial asks one state at instants, and keeps when what was admitted came and passed.
type trial struct {
	policy   Policy
	terms    terms
	state    state
	arrivals []int64
	passed   []int64 // arrivals, each with its delay
	last     Decision
}

func newTrial(p Policy) *trial {
	return &trial{policy: p, terms: p.terms(), state: newState(p.Algorithm)}
}

func (r *trial) ask(now int64) Decision {
	r.last = r.state.ask(now, r.terms)
	if r.last.Admitted {
		r.arrivals = append(r.arrivals, now)
		r.passed = append(r.passed, now+r.last.Delay.Microseconds())
	}
	return r.last
}

// between counts the instants from one on, to before another.
func between(instants []int64, from, to int64) int64 {
	count := int64(0)
	for _, at := range instants {
		if from <= at && at < to {
			count++
		}
	}
	return count
}

// admits is what each algorithm means, from all that was admitted before: slow, and
// sharing nothing with the states.
func admits(r *trial, now int64) (ok bool, delay int64) {
	limit, window, burst := r.terms.limit, r.terms.window, r.terms.capacity
	start := now - now%window
	switch r.policy.Algorithm {
	case TokenBucket: // no time whatever may have more than burst and what it brought
		count := int64(len(r.arrivals)) + 1
		for i, at := range r.arrivals {
			if (count-int64(i)-burst)*window > (now-at)*limit {
				return false, 0
			}
		}
		return true, 0
	case LeakyBucket: // instants times limit, at which a request leaves a queue with places
		leave := int64(-1) << 62
		for _, at := range r.arrivals {
			leave = max(leave+window, (at-epoch)*limit)
		}
		wait := max(leave+window-(now-epoch)*limit, 0)
		return wait <= (burst-1)*window, (wait + limit - 1) / limit
	case FixedWindow:
		return between(r.arrivals, start, start+window) < limit, 0
	case SlidingLog:
		return between(r.arrivals, now-window+1, now+1) < limit, 0
	default:
		estimate := between(r.arrivals, start-window, start)*(start+window-now)/window + between(r.arrivals, start, now+1)
		return estimate < limit, 0
	}
}

// instants draws when requests come.
func instants(t *rapid.T, p Policy) []int64 {
	now := int64(epoch)
	var all []int64
	for range rapid.IntRange(1, 80).Draw(t, "requests") {
		now += drawGap(t, p).Microseconds()
		all = append(all, now)
	}
	return all
}

// each checks a property of every algorithm.
func each(t *testing.T, property func(t *rapid.T, p Policy)) {
	t.Helper()
	for _, a := range Algorithms() {
		t.Run(string(a), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) { property(t, drawPolicy(t, a)) })
		})
	}
}

// A request is admitted when, and only when, the algorithm's meaning allows it.
func TestAdmittedIsWhatTheAlgorithmMeans(t *testing.T) {
	each(t, func(t *rapid.T, p Policy) {
		r := newTrial(p)
		for _, now := range instants(t, p) {
			ok, delay := admits(r, now)
			if got := r.ask(now); got.Admitted != ok || ok && got.Delay.Microseconds() != delay {
				t.Fatalf("%+v, admitted at %v: at %d got %+v, want admitted %v, delay %dµs", p, r.arrivals, now, got, ok, delay)
			}
		}
	})
}

// No time has more than the bound that the algorithm promises for it.
func TestBounds(t *testing.T) {
	each(t, func(t *rapid.T, p Policy) {
		r := newTrial(p)
		for _, now := range instants(t, p) {
			r.ask(now)
		}
		limit, window := r.terms.limit, r.terms.window
		for i, from := range r.passed {
			for j, to := range r.passed[i:] {
				count, ok := int64(j+1), true
				f := to % window // since the latest edge
				switch p.Algorithm {
				case TokenBucket:
					ok = (count-r.terms.capacity)*window <= (to-from)*limit
				case LeakyBucket: // a microsecond more, to which instants are rounded
					ok = (count-1)*window <= (to-from+1)*limit
				case FixedWindow:
					ok = from/window != to/window || count <= limit
				case SlidingLog:
					ok = to-from >= window || count <= limit
				case SlidingCounter:
					ok = from/window+1 < to/window || from/window == to/window && count <= limit ||
						count <= ceil(limit*(window+f), window)
				}
				if !ok {
					t.Fatalf("%+v: %d passed from %d to %d", p, count, from, to)
				}
			}
		}
		if p.Algorithm == LeakyBucket && !slices.IsSorted(r.passed) {
			t.Fatalf("%+v: passed out of order: %v", p, r.passed)
		}
	})
}

// Remaining is how many more pass now, and Reset is the very microsecond at which one
// more than that does.
func TestRemainingAndReset(t *testing.T) {
	each(t, func(t *rapid.T, p Policy) {
		all := instants(t, p)
		passAt := func(wait int64) (last Decision, count int) {
			r := newTrial(p)
			for _, now := range all {
				last = r.ask(now)
			}
			for r.ask(all[len(all)-1] + wait).Admitted {
				count++
			}
			return last, count
		}
		last, now := passAt(0)
		_, before := passAt(last.Reset.Microseconds() - 1)
		_, after := passAt(last.Reset.Microseconds())
		if now != last.Remaining || before != last.Remaining || after <= last.Remaining || last.Reset <= 0 {
			t.Fatalf("%+v, asked at %v: got %+v; %d pass now, %d just before the reset, %d at it", p, all, last, now, before, after)
		}
	})
}

// An idle state decides like one that was never asked.
func TestIdle(t *testing.T) {
	each(t, func(t *rapid.T, p Policy) {
		used, fresh := newTrial(p), newTrial(p)
		all := instants(t, p)
		for _, now := range all {
			used.ask(now)
		}
		now := all[len(all)-1] + drawGap(t, p).Microseconds()
		if !used.state.idle(now, used.terms) {
			return
		}
		for _, later := range instants(t, p) {
			at := now + later - epoch
			if got, want := used.ask(at), fresh.ask(at); got != want {
				t.Fatalf("%+v: at %d got %+v, want %+v", p, at, got, want)
			}
		}
	})
}

// After long enough, every state is idle.
func TestIdleInTheEnd(t *testing.T) {
	each(t, func(t *rapid.T, p Policy) {
		r := newTrial(p)
		all := instants(t, p)
		for _, now := range all {
			r.ask(now)
		}
		const windows = 20 // a bucket of 16 that leaks one a window
		if later := all[len(all)-1] + windows*r.terms.window; !r.state.idle(later, r.terms) {
			t.Fatalf("%+v: not idle after %d windows", p, windows)
		}
	})
}

// arrivals come at a rate for some time, evenly or by chance.
func arrivals(rate int, d time.Duration, rng *rand.Rand) []int64 {
	gap := 1e6 / float64(rate)
	var all []int64
	for at := 0.0; at < float64(d.Microseconds()); {
		all = append(all, epoch+int64(at))
		if rng == nil {
			at += gap
		} else {
			at += gap * rng.ExpFloat64()
		}
	}
	return all
}

// Twice the limit is offered for a minute: what is admitted is the limit, within 2 %.
func TestAdmittedRate(t *testing.T) {
	const limit, length = 100, time.Minute
	for _, a := range Algorithms() {
		for name, rng := range map[string]*rand.Rand{"even": nil, "poisson": rand.New(rand.NewPCG(7, 7))} {
			t.Run(string(a)+" "+name, func(t *testing.T) {
				r := newTrial(Policy{Algorithm: a, Limit: limit, Burst: 50})
				for _, now := range arrivals(2*limit, length, rng) {
					r.ask(now)
				}
				got, want := float64(len(r.arrivals)), limit*length.Seconds()
				if got < 0.98*want || got > 1.02*want {
					t.Errorf("got %v admitted, want %v within 2 %%", got, want)
				}
			})
		}
	}
}

// What passes in each second, of 200 offered evenly: the numbers that stage 6 of the
// journey shows.
func TestPassedEachSecond(t *testing.T) {
	tests := []struct {
		algorithm Algorithm
		want      []int64
	}{
		{TokenBucket, []int64{149, 100, 100, 100}},
		{LeakyBucket, []int64{100, 100, 100, 100}},
		{FixedWindow, []int64{100, 100, 100, 100}},
		{SlidingLog, []int64{100, 100, 100, 100}},
		{SlidingCounter, []int64{100, 100, 100, 100}},
	}
	for _, test := range tests {
		r := newTrial(Policy{Algorithm: test.algorithm, Limit: 100, Burst: 50})
		for _, now := range arrivals(200, 4*time.Second, nil) {
			r.ask(now)
		}
		var got []int64
		for second := range int64(4) {
			from := epoch + second*1_000_000
			got = append(got, between(r.passed, from, from+1_000_000))
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", test.algorithm, got, test.want)
		}
	}
}

// A hundred requests a minute are allowed, and a hundred come in the last half second of
// a minute and a hundred in the first half second of the next. The fixed window lets all
// of them through, twice its limit in one second; the others do not.
func TestBurstAcrossTheEdge(t *testing.T) {
	const second = 1_000_000
	tests := []struct {
		algorithm Algorithm
		want      int64 // passed in that second
	}{
		{FixedWindow, 200},
		{SlidingLog, 100},
		{SlidingCounter, 101}, // the share of half a second of sixty
		{TokenBucket, 101},    // what came in by then, above the burst
		{LeakyBucket, 2},      // one each 0.6 s
	}
	for _, test := range tests {
		r := newTrial(Policy{Algorithm: test.algorithm, Limit: 100, Window: time.Minute})
		edge := int64(epoch + 60*second)
		for i := range int64(200) {
			r.ask(edge - second/2 + i*second/200)
		}
		if got := between(r.passed, edge-second/2, edge+second/2); got != test.want {
			t.Errorf("%s: got %d in a second, want %d", test.algorithm, got, test.want)
		}
	}
}
