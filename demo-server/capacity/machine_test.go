package capacity_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/floodmark/floodmark/demo-server/capacity"
	"github.com/floodmark/floodmark/sleeper"
)

func ExampleMachine() {
	s, err := sleeper.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	machine, err := capacity.NewMachine(1, 0, s) // one core, nobody may wait
	if err != nil {
		fmt.Println(err)
		return
	}
	queued, err := machine.Do(context.Background(), time.Millisecond)
	fmt.Println(queued, err, machine.Stats().Worked)
	// Output: 0s <nil> 1ms
}

// newMachine returns a machine on the clock of the running bubble.
func newMachine(t *testing.T, slots, places int) *capacity.Machine {
	t.Helper()
	m, err := capacity.NewMachine(slots, places, new(sleeper.Sleeper))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// In virtual time nothing is late, so the machine must answer each request at the very
// nanosecond that the ideal queue says.
func TestMachineIsTheIdealQueue(t *testing.T) {
	tests := []struct {
		name          string
		slots, places int
		gap           time.Duration // mean time between arrivals; service takes 10 ms
	}{
		{"one slot at 80%", 1, 1000, 12500 * time.Microsecond},
		{"four slots at 90%", 4, 1000, 2777 * time.Microsecond},
		{"overload with five places", 1, 5, 8 * time.Millisecond},
		{"no places", 2, 0, 5 * time.Millisecond},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rng := rand.New(rand.NewPCG(7, 7))
				var arrivals, services []time.Duration
				at := time.Duration(0)
				for range 2000 {
					at += time.Duration(rng.ExpFloat64() * float64(test.gap))
					arrivals = append(arrivals, at)
					services = append(services, time.Duration(rng.ExpFloat64()*float64(10*time.Millisecond)))
				}
				got := drive(t, newMachine(t, test.slots, test.places), arrivals, services)
				for i, want := range capacity.Replay(arrivals, services, test.slots, test.places) {
					if got[i] != want {
						t.Fatalf("request %d: got %v, want %v", i, got[i], want)
					}
				}
			})
		})
	}
}

// drive sends each request at its instant and returns what each waited.
func drive(t *testing.T, m *capacity.Machine, arrivals, services []time.Duration) []time.Duration {
	t.Helper()
	responses := make([]time.Duration, len(arrivals))
	var group sync.WaitGroup
	start := time.Now()
	for i, arrival := range arrivals {
		time.Sleep(arrival - time.Since(start))
		group.Go(func() {
			sent := time.Now()
			_, err := m.Do(t.Context(), services[i])
			responses[i] = time.Since(sent)
			if errors.Is(err, capacity.ErrFull) {
				responses[i] = capacity.Refused
			} else if err != nil {
				t.Errorf("request %d: %v", i, err)
			}
		})
		synctest.Wait() // admitted before the next one arrives
	}
	group.Wait()
	return responses
}

func TestMachineStats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t, 2, 1)
		var group sync.WaitGroup
		for range 4 { // two slots, one place, one too many
			group.Go(func() { _, _ = m.Do(t.Context(), 10*time.Second) })
		}
		synctest.Wait()
		time.Sleep(time.Second)
		got, want := m.Stats(), capacity.Stats{
			Slots: 2, Places: 1, Speed: 1, Busy: 2, Waiting: 1, Admitted: 3, Refused: 1,
			Worked: 2 * time.Second, Uptime: time.Second,
		}
		if got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		if got := got.Utilisation(); got != 1 {
			t.Errorf("utilisation: got %v, want 1", got)
		}
		group.Wait()
		got, want = m.Stats(), capacity.Stats{
			Slots: 2, Places: 1, Speed: 1, Admitted: 3, Refused: 1,
			Worked: 30 * time.Second, Uptime: 20 * time.Second, Lag: capacity.Lag{Count: 3},
		}
		if got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	})
}

func TestMachineQueuedTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t, 1, 1)
		var group sync.WaitGroup
		group.Go(func() { _, _ = m.Do(t.Context(), 3*time.Second) })
		synctest.Wait()
		time.Sleep(time.Second)
		if got, err := m.Do(t.Context(), time.Second); got != 2*time.Second || err != nil {
			t.Errorf("got %v, %v, want 2s, nil", got, err)
		}
		group.Wait()
	})
}

// Who gives up still uses the slot: the next one waits for it.
func TestMachineCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t, 1, 1)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := m.Do(ctx, 10*time.Second); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want %v", err, context.DeadlineExceeded)
		}
		if got, err := m.Do(t.Context(), time.Second); got != 9*time.Second || err != nil {
			t.Errorf("the next one queued: got %v, %v, want 9s, nil", got, err)
		}
		if got := m.Stats().Cancelled; got != 1 {
			t.Errorf("cancelled: got %d, want 1", got)
		}
	})
}

func TestMachineFreeze(t *testing.T) {
	tests := []struct {
		name    string
		freezes []time.Duration // one a second, the first at once
		service time.Duration
		want    time.Duration
	}{
		{"held until the thaw", []time.Duration{5 * time.Second}, time.Second, 5 * time.Second},
		{"work beyond the thaw", []time.Duration{time.Second}, 3 * time.Second, 3 * time.Second},
		{"thawed early", []time.Duration{time.Hour, 0}, 500 * time.Millisecond, time.Second},
		{"frozen again", []time.Duration{2 * time.Second, 5 * time.Second}, 500 * time.Millisecond, 6 * time.Second},
		{"negative is a thaw", []time.Duration{-time.Second}, time.Second, time.Second},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newMachine(t, 1, 0)
				start := time.Now()
				var group sync.WaitGroup
				group.Go(func() {
					for _, d := range test.freezes {
						m.Freeze(d)
						time.Sleep(time.Second)
					}
				})
				if _, err := m.Do(t.Context(), test.service); err != nil {
					t.Fatal(err)
				}
				if got := time.Since(start); got != test.want {
					t.Errorf("left after %v, want %v", got, test.want)
				}
				if got := m.Stats().Lag.Max; got != 0 {
					t.Errorf("a freeze counts as model lag: got %v, want 0", got)
				}
				group.Wait()
			})
		})
	}
}

func TestMachineFrozenAndCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t, 1, 0)
		m.Freeze(time.Hour)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := m.Do(ctx, time.Second); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want %v", err, context.DeadlineExceeded)
		}
		if !m.Stats().Frozen {
			t.Error("got a thawed machine, want a frozen one")
		}
	})
}

func TestNewMachineLimits(t *testing.T) {
	tests := []struct {
		slots, places int
		want          string
	}{
		{0, 0, "a machine has 1 to 1024 slots, got 0"},
		{1025, 0, "a machine has 1 to 1024 slots, got 1025"},
		{1, -1, "a machine has 0 to 100000 waiting places, got -1"},
		{1, 100001, "a machine has 0 to 100000 waiting places, got 100001"},
	}
	for _, test := range tests {
		if _, err := capacity.NewMachine(test.slots, test.places, new(sleeper.Sleeper)); err == nil || err.Error() != test.want {
			t.Errorf("got %v, want %s", err, test.want)
		}
	}
}

// The same on the real clock: many callers, none refused, none early.
func TestMachineOnTheRealClock(t *testing.T) {
	s, err := sleeper.New()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	m, err := capacity.NewMachine(4, 100, s)
	if err != nil {
		t.Fatal(err)
	}
	const callers, service = 40, time.Millisecond
	start := time.Now()
	var group sync.WaitGroup
	for range callers {
		group.Go(func() {
			if _, err := m.Do(t.Context(), service); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if got, want := time.Since(start), callers/4*service; got < want {
		t.Errorf("done after %v, want at least %v", got, want)
	}
	if got := m.Stats().Lag.Count; got != callers {
		t.Errorf("got %d lags, want %d", got, callers)
	}
}
