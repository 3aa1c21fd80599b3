package capacity_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/floodmark/floodmark/demo-server/capacity"
	"github.com/floodmark/floodmark/sleeper"
)

// A machine with a line does what the Universal Scalability Law says its cores are worth
// together, whether service times are equal, so that slots fall free in step, or not.
func TestSaturatedMachineFollowsTheLaw(t *testing.T) {
	laws := map[string]float64{"fixed:10ms": 0.003, "exponential:10ms": 0.02} // the first and the last ones meet fewer others
	relative := map[int]float64{1: 1.00, 2: 1.90, 4: 3.41, 8: 5.47, 16: 7.17, 32: 7.06, 64: 5.24}
	for text, tolerance := range laws {
		for slots, want := range relative {
			config := capacity.Config{Slots: slots, Places: 100_000, Sigma: 0.05, Kappa: 0.002}
			if got := config.Capacity(); math.Abs(got-want) > 0.005 {
				t.Errorf("%d slots: got a capacity of %.3f, want %.2f", slots, got, want)
			}
			law, err := capacity.ParseLaw(text)
			if err != nil {
				t.Fatal(err)
			}
			source, services := capacity.NewSource(law, 1), make([]time.Duration, 30_000)
			var work time.Duration
			for i := range services {
				services[i] = source.Draw()
				work += services[i]
			}
			busy := slices.Max(config.Replay(make([]time.Duration, len(services)), services))
			if got := work.Seconds() / busy.Seconds(); math.Abs(got-config.Capacity()) > tolerance*config.Capacity() {
				t.Errorf("%s, %d slots: did %.3f times the work of one, want %.3f", text, slots, got, config.Capacity())
			}
		}
	}
}

func TestContentionCountsWhoIsBusy(t *testing.T) {
	const ms = time.Millisecond
	config := capacity.Config{Slots: 3, Places: 9, Sigma: 0.1, Kappa: 0.01} // stretch 1, 1.12, 1.26
	arrivals := []time.Duration{0, 0, 0, 0, 1000 * ms, 1099 * ms, 1100 * ms}
	services := slices.Repeat([]time.Duration{100 * ms}, len(arrivals))
	want := []time.Duration{100 * ms, 112 * ms, 126 * ms, 226 * ms, 100 * ms, 112 * ms, 112 * ms}
	if got := config.Replay(arrivals, services); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestSpeedDividesServiceTimes(t *testing.T) {
	const ms = time.Millisecond
	arrivals, services := []time.Duration{0, 0}, []time.Duration{10 * ms, 10 * ms}
	for speed, want := range map[float64][]time.Duration{
		0:    {10 * ms, 20 * ms},
		4:    {2500 * time.Microsecond, 5 * ms},
		0.01: {time.Second, 2 * time.Second},
	} {
		config := capacity.Config{Slots: 1, Places: 1, Speed: speed}
		if got := config.Replay(arrivals, services); !slices.Equal(got, want) {
			t.Errorf("speed %v: got %v, want %v", speed, got, want)
		}
	}
}

// The slowest machine there may be, with its queue full of the longest jobs there are,
// still leaves in the order of time.
func TestSlowestMachineDoesNotOverflow(t *testing.T) {
	config := capacity.Config{Slots: 1024, Places: 100_000, Speed: 0.01, Sigma: 1, Kappa: 1}
	q := config
	q.Slots = 1
	services := slices.Repeat([]time.Duration{time.Hour}, q.Places+1)
	if got := q.Replay(make([]time.Duration, len(services)), services); !slices.IsSorted(got) {
		t.Error("answers are not in order")
	}
	if got := config.Replay(make([]time.Duration, 2000), services); slices.Min(got) < time.Hour {
		t.Errorf("got an answer after %v, want at least an hour", slices.Min(got))
	}
}

func TestMachineWithContentionIsItsReplay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		config := capacity.Config{Slots: 4, Places: 20, Speed: 2, Sigma: 0.05, Kappa: 0.002}
		m, err := capacity.New(config, new(sleeper.Sleeper))
		if err != nil {
			t.Fatal(err)
		}
		rng := rand.New(rand.NewPCG(7, 7))
		var arrivals, services []time.Duration
		at := time.Duration(0)
		for range 2000 {
			at += time.Duration(rng.ExpFloat64() * 1.6e6)
			arrivals = append(arrivals, at)
			services = append(services, time.Duration(rng.ExpFloat64()*1e7))
		}
		got, want := drive(t, m, arrivals, services), config.Replay(arrivals, services)
		if !slices.Equal(got, want) {
			t.Error("the machine is not its replay")
		}
		if !slices.Contains(want, capacity.Refused) {
			t.Error("nothing was refused; the test is too easy")
		}
	})
}

func TestBrownOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, err := capacity.New(capacity.Config{Slots: 2, Speed: 2}, new(sleeper.Sleeper))
		if err != nil {
			t.Fatal(err)
		}
		took := func(service, want time.Duration) {
			t.Helper()
			start := time.Now()
			if _, err := m.Do(t.Context(), service); err != nil || time.Since(start) != want {
				t.Errorf("%v took %v, %v, want %v", service, time.Since(start), err, want)
			}
		}
		took(2*time.Second, time.Second)
		var group sync.WaitGroup
		group.Go(func() { took(4*time.Second, 2*time.Second) }) // admitted before
		synctest.Wait()
		m.SetSpeed(0.25)
		took(time.Second, 2*time.Second)
		if got := m.Stats().Speed; got != 0.5 {
			t.Errorf("got a speed of %v, want 0.5", got)
		}
		m.SetSpeed(1)
		took(2*time.Second, time.Second)
		m.SetSpeed(0) // as slow as may be
		took(time.Second, 50*time.Second)
		m.SetSpeed(math.NaN())
		took(time.Second, 50*time.Second)
		group.Wait()
	})
}

func TestConfigFaults(t *testing.T) {
	tests := []struct {
		config capacity.Config
		want   string
	}{
		{capacity.Config{}, "a machine has 1 to 1024 slots, got 0"},
		{capacity.Config{Slots: 1, Speed: 0.001}, "a machine's speed is 0.01 to 100, got 0.001"},
		{capacity.Config{Slots: 1, Speed: math.NaN()}, "a machine's speed is 0.01 to 100, got NaN"},
		{capacity.Config{Slots: 1, Sigma: 1.5}, "contention (sigma) is 0 to 1, got 1.5"},
		{capacity.Config{Slots: 1, Kappa: -1}, "coherency (kappa) is 0 to 1, got -1"},
		{capacity.Config{Places: -1, Kappa: math.NaN()}, "waiting places, got -1\ncoherency"},
	}
	for _, test := range tests {
		if _, err := capacity.New(test.config, new(sleeper.Sleeper)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: got %v, want …%s…", test.config, err, test.want)
		}
	}
	if err := (capacity.Config{Slots: 1, Speed: 100, Sigma: 1, Kappa: 1}).Validate(); err != nil {
		t.Error(err)
	}
}
