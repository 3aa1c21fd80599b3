package capacity

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A customer of the simulation below.
type customer struct{ arrival, service, left time.Duration }

// simulate serves customers tick by tick, the way one would with pencil and paper: at
// each tick finished slots are cleared, then the line moves up, then whoever arrives
// takes a slot, joins the line or is sent away. It shares nothing with Queue.
func simulate(arrivals, services []time.Duration, slots, places int) []time.Duration {
	customers := make([]*customer, len(arrivals))
	for i := range arrivals {
		customers[i] = &customer{arrival: arrivals[i], service: services[i], left: Refused}
	}
	var line, served []*customer
	next := 0
	for now := time.Duration(0); next < len(customers) || len(line) > 0; now++ {
		clear := func() {
			served = slices.DeleteFunc(served, func(c *customer) bool { return c.left <= now })
			for len(line) > 0 && len(served) < slots {
				c := line[0]
				line = line[1:]
				c.left = now + c.service
				if c.service > 0 {
					served = append(served, c)
				}
			}
		}
		clear()
		for ; next < len(customers) && customers[next].arrival == now; next++ {
			if c := customers[next]; len(served) < slots || len(line) < places {
				line = append(line, c)
				clear()
			}
		}
	}
	responses := make([]time.Duration, len(customers))
	for i, c := range customers {
		responses[i] = Refused
		if c.left >= 0 {
			responses[i] = c.left - c.arrival
		}
	}
	return responses
}

// jobs draws a run of few ticks, so that ties are common.
func jobs(t *rapid.T) (arrivals, services []time.Duration) {
	n := rapid.IntRange(0, 60).Draw(t, "jobs")
	at := time.Duration(0)
	for range n {
		at += time.Duration(rapid.IntRange(0, 6).Draw(t, "gap"))
		arrivals = append(arrivals, at)
		services = append(services, time.Duration(rapid.IntRange(0, 25).Draw(t, "service")))
	}
	return arrivals, services
}

func TestReplayAgreesWithSimulation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		arrivals, services := jobs(t)
		slots, places := rapid.IntRange(1, 5).Draw(t, "slots"), rapid.IntRange(0, 8).Draw(t, "places")
		got := Replay(arrivals, services, slots, places)
		if want := simulate(arrivals, services, slots, places); !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}

func TestQueueCountsItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		arrivals, services := jobs(t)
		slots, places := rapid.IntRange(1, 5).Draw(t, "slots"), rapid.IntRange(0, 8).Draw(t, "places")
		q := NewQueue(slots, places)
		type span struct{ arrival, start, leave time.Duration }
		var spans []span
		for i, now := range arrivals {
			if start, leave, ok := q.Admit(now, services[i]); ok {
				spans = append(spans, span{now, start, leave})
			}
			var busy, waiting int
			var worked time.Duration
			for _, s := range spans {
				if s.start <= now && now < s.leave {
					busy++
				}
				if now < s.start {
					waiting++
				}
				worked += max(0, min(now, s.leave)-s.start)
			}
			if got := q.Busy(now); got != busy {
				t.Fatalf("at %d: got %d busy, want %d", now, got, busy)
			}
			if got := q.Waiting(now); got != waiting {
				t.Fatalf("at %d: got %d waiting, want %d", now, got, waiting)
			}
			if got := q.Worked(now); got != worked {
				t.Fatalf("at %d: got %d worked, want %d", now, got, worked)
			}
		}
	})
}

func TestReplay(t *testing.T) {
	const ms = time.Millisecond
	tests := []struct {
		name               string
		arrivals, services []time.Duration
		slots, queue       int
		want               []time.Duration
	}{
		{"nobody", nil, nil, 1, 1, nil},
		{"alone", []time.Duration{5 * ms}, []time.Duration{2 * ms}, 1, 0, []time.Duration{2 * ms}},
		{"one slot", []time.Duration{0, ms, 2 * ms}, []time.Duration{4 * ms, 4 * ms, 4 * ms}, 1, 9, []time.Duration{4 * ms, 7 * ms, 10 * ms}},
		{"two slots", []time.Duration{0, ms, 2 * ms}, []time.Duration{4 * ms, 4 * ms, 4 * ms}, 2, 9, []time.Duration{4 * ms, 4 * ms, 6 * ms}},
		{"full", []time.Duration{0, ms, 2 * ms}, []time.Duration{4 * ms, 4 * ms, 4 * ms}, 1, 1, []time.Duration{4 * ms, 7 * ms, Refused}},
		{"as one leaves", []time.Duration{0, 4 * ms}, []time.Duration{4 * ms, 4 * ms}, 1, 0, []time.Duration{4 * ms, 4 * ms}},
		{"unequal lists", []time.Duration{0, ms}, []time.Duration{ms}, 1, 1, []time.Duration{ms}},
		{"no slots is one", []time.Duration{0, 0}, []time.Duration{ms, ms}, 0, -1, []time.Duration{ms, Refused}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := Replay(test.arrivals, test.services, test.slots, test.queue); !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func BenchmarkAdmit(b *testing.B) {
	q := NewQueue(4, 200)
	now := time.Duration(0)
	b.ReportAllocs()
	for b.Loop() {
		now += 2 * time.Millisecond
		q.Admit(now, 10*time.Millisecond)
	}
}
