package main

import (
	"bytes"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/floodmark/floodmark/loadgen"
	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/targets"
)

// The expectations for one slot follow from its response being exponential with the
// mean 1/(μ−λ); those for four slots were computed by hand from Erlang's formula.
func TestTheory(t *testing.T) {
	ms := func(v float64) time.Duration { return time.Duration(v * float64(time.Millisecond)) }
	for _, test := range []struct {
		queue queue
		want  statistics
	}{
		{queue{1, 0.5}, statistics{ms(20), ms(20 * math.Log(20)), ms(20 * math.Log(100))}},
		{queue{1, 0.8}, statistics{ms(50), ms(50 * math.Log(20)), ms(50 * math.Log(100))}},
		{queue{2, 0.5}, statistics{ms(13.3333), ms(38.1646), ms(56.6596)}}, // c−1−a is 0: the other branch
		{queue{4, 0.8}, statistics{ms(17.4551), ms(47.3791), ms(68.9295)}},
	} {
		got := theory(test.queue)
		for _, pair := range [][2]time.Duration{
			{got.mean, test.want.mean}, {got.p95, test.want.p95}, {got.p99, test.want.p99},
		} {
			if (pair[0] - pair[1]).Abs() > 20*time.Microsecond {
				t.Errorf("%s: got %+v, want %+v", test.queue.name(), got, test.want)
				break
			}
		}
	}
}

func TestErlangC(t *testing.T) {
	for _, test := range []struct {
		slots int
		a     float64
		want  float64
	}{
		{1, 0.8, 0.8}, // one slot: the share of time it is busy
		{2, 1, 1.0 / 3},
		{4, 3.2, 0.59643},
	} {
		if got := erlangC(test.slots, test.a); math.Abs(got-test.want) > 1e-4 {
			t.Errorf("erlangC(%d, %v): got %v, want %v", test.slots, test.a, got, test.want)
		}
	}
}

func TestArrivals(t *testing.T) {
	q := queue{4, 0.8}
	const length = 100 * time.Second
	got := q.arrivals(7, length)
	if !slices.IsSorted(got) || got[0] < 0 || got[len(got)-1] >= length {
		t.Error("arrivals are not in order within the trial")
	}
	// 32000 are expected; the count of a Poisson process has their root as its
	// standard deviation.
	if n := float64(len(got)); math.Abs(n-32000) > 5*math.Sqrt(32000) {
		t.Errorf("got %v arrivals, want about 32000", n)
	}
	if !slices.Equal(got, q.arrivals(7, length)) {
		t.Error("the same seed gave other arrivals")
	}
	if slices.Equal(got, q.arrivals(8, length)) {
		t.Error("another seed gave the same arrivals")
	}
}

func TestServices(t *testing.T) {
	got, err := services(7, 40_000)
	if err != nil {
		t.Fatal(err)
	}
	mean := statisticsOf(got).mean
	if math.Abs(mean.Seconds()-meanService.Seconds()) > 5*meanService.Seconds()/200 { // its standard error is mean/√n
		t.Errorf("mean: got %v, want about %v", mean, meanService)
	}
}

func TestStatistics(t *testing.T) {
	var responses []time.Duration
	var h measure.Histogram
	for i := 200; i > 0; i-- {
		responses = append(responses, time.Duration(i)*time.Millisecond)
		h.Record(time.Duration(i) * time.Millisecond)
	}
	want := statistics{100500 * time.Microsecond, 190 * time.Millisecond, 198 * time.Millisecond}
	if got := statisticsOf(responses); got != want {
		t.Errorf("of values: got %+v, want %+v", got, want)
	}
	got := statisticsIn(&h)
	if got.mean != want.mean || !within(got.p95, want.p95) || !within(got.p99, want.p99) {
		t.Errorf("in a histogram: got %+v, want %+v", got, want)
	}
}

// within allows for the width of a bucket.
func within(got, want time.Duration) bool { return got >= want && got <= want+want/1000 }

func TestAgrees(t *testing.T) {
	const ms = time.Millisecond
	for _, test := range []struct {
		ideal, measured time.Duration
		want            bool
	}{
		{10 * ms, 11 * ms, true}, // one millisecond outweighs three per cent
		{10 * ms, 11*ms + time.Microsecond, false},
		{10 * ms, 9*ms - time.Microsecond, false}, // too good is wrong as well
		{100 * ms, 103 * ms, true},
		{100 * ms, 104 * ms, false},
	} {
		if got := agrees(test.ideal, test.measured); got != test.want {
			t.Errorf("agrees(%v, %v): got %v, want %v", test.ideal, test.measured, got, test.want)
		}
	}
}

func TestVerdictNamesTheTrial(t *testing.T) {
	good := statistics{mean: 50 * time.Millisecond, p95: 100 * time.Millisecond, p99: 200 * time.Millisecond}
	trial := trial{queue: queue{1, 0.8}, seed: 3, replay: good, measured: good}
	if err := trial.verdict(); err != nil {
		t.Errorf("equal: got %v, want no error", err)
	}
	trial.measured.p99 += 7 * time.Millisecond
	if err := trial.verdict(); err == nil || !strings.Contains(err.Error(), "M/M/1 at 80 %, seed 3") {
		t.Errorf("p99 off: got %v, want an error that names the trial", err)
	}
}

func TestTable(t *testing.T) {
	const ms = time.Millisecond
	trials := []trial{{
		queue: queue{1, 0.8}, seed: 2, requests: 4800,
		replay: statistics{50 * ms, 150 * ms, 200 * ms}, measured: statistics{51 * ms, 150 * ms, 199 * ms},
		modelLag: ms / 5, generatorLag: ms / 10,
	}}
	var got strings.Builder
	if err := writeTable(&got, trials); err != nil {
		t.Fatal(err)
	}
	want := `| queue | seed | requests | response | theory | replay | measured | difference | | model lag p99 | generator lag p99 |
|---|--:|--:|---|--:|--:|--:|--:|--:|--:|--:|
| M/M/1 at 80 % | 2 | 4800 | mean | 50.00 ms | 50.00 ms | 51.00 ms | +1.00 ms | +2.0 % | 0.20 ms | 0.10 ms |
| M/M/1 at 80 % | 2 | 4800 | p95 | 149.79 ms | 150.00 ms | 150.00 ms | +0.00 ms | +0.0 % | 0.20 ms | 0.10 ms |
| M/M/1 at 80 % | 2 | 4800 | p99 | 230.26 ms | 200.00 ms | 199.00 ms | -1.00 ms | -0.5 % | 0.20 ms | 0.10 ms |
`
	if got.String() != want {
		t.Errorf("got\n%swant\n%s", got.String(), want)
	}
}

// Whichever user sends it, the n-th request carries the n-th service time.
func TestSendersShareTheWork(t *testing.T) {
	seen := make(chan string, 3)
	target := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		seen <- r.Header.Get(serviceHeader)
	}))
	defer target.Close()
	base, err := url.Parse(target.URL)
	if err != nil {
		t.Fatal(err)
	}
	to := targets.Target{BaseURL: base, Reuse: true}
	work, err := newWork(to, []time.Duration{3 * time.Millisecond, 1234567, time.Second})
	if err != nil {
		t.Fatal(err)
	}
	one, two := &sender{to.NewClient(), work}, &sender{to.NewClient(), work}
	defer one.Close()
	defer two.Close()
	var resp targets.Response
	if _, begins := any(one).(loadgen.Starter); begins {
		t.Error("somebody else could begin a sender's exchange, with another request")
	}
	for i, want := range []string{"3ms", "1.234567ms", "1s"} {
		[]*sender{one, two, one}[i].Send(t.Context(), nil, &resp)
		if got := <-seen; got != want {
			t.Errorf("request %d: got %q, want %q", i, got, want)
		}
	}
}

func TestWrongFlags(t *testing.T) {
	for _, args := range [][]string{{"surplus"}, {"--duration", "1ms"}, {"--seeds", "0"}, {"--unknown"}} {
		var errors bytes.Buffer
		if got := run(args, process{err: &errors}); got != 2 || errors.Len() == 0 {
			t.Errorf("%q: got exit code %d and %q, want 2 and a reason", args, got, errors.String())
		}
	}
}
