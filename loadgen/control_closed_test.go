package loadgen

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/floodmark/floodmark/measure"
)

// Users finish what they have begun, wait, and go on.
func TestClosedPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := &fakeTarget{delay: always(300 * time.Millisecond)}
		g := setUp(t, target, mixOf(t, get(t, "a"), get(t, "b")), Stage{"one", 3 * time.Second, false})
		g.Control = &Control{}
		time.AfterFunc(time.Second, func() {
			if g.Control.Skip(by, "") == nil || g.Control.Scale(by, 2) == nil {
				t.Error("a load that nobody can turn was turned")
			}
			_ = g.Control.Pause(by)
		})
		time.AfterFunc(11*time.Second, func() { _ = g.Control.Resume(by) })
		result := g.RunClosed(t.Context(), nil, crowdOf(2, Span{0, 3 * time.Second}), 0)
		// Iterations begin at 0, 0.6; 11, 11.6, 12.2 and 12.8 s, until 13 s.
		if result.Arrivals != 12 || result.Elapsed != 13400*time.Millisecond || result.Drained != 400*time.Millisecond {
			t.Errorf("result = %+v", result)
		}
		slices.Sort(target.sent)
		if at := 900 * time.Millisecond; target.sent[7] != at || target.sent[8] != 11*time.Second {
			t.Errorf("sent at %v", target.sent)
		}
		wantCounts(t, total(g).Counts, measure.Counts{Planned: 24, Succeeded: 24})
	})
}

// A user who thinks when its time changes leaves when the time it has now is over.
func TestClosedThinksWhileThePlanChanges(t *testing.T) {
	tests := []struct {
		name    string
		doings  []doing
		sent    int
		elapsed time.Duration
	}{
		{"nothing changes", nil, 1, 10 * time.Second},
		{"a pause lets it finish its thought", []doing{{5 * time.Second, pause}, {8 * time.Second, resume}}, 3, 13 * time.Second},
		{"a pause that it outlasts", []doing{{5 * time.Second, pause}, {6 * time.Second, resume}}, 1, 11 * time.Second},
		{"skipped", []doing{{5 * time.Second, skip}}, 1, 5 * time.Second},
		{"dismissed", []doing{{5 * time.Second, hold(0)}, {7 * time.Second, skip}}, 1, 7 * time.Second},
		{"joined", []doing{{5 * time.Second, hold(3)}}, 3, 10 * time.Second},
		{"half of one", []doing{{5 * time.Second, scale(0.5)}, {6 * time.Second, skip}}, 1, 6 * time.Second},
		{"dismissed in a pause", []doing{{4 * time.Second, pause}, {5 * time.Second, hold(0)}, {6 * time.Second, resume}}, 1, 12 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				target := &fakeTarget{delay: always(time.Second)}
				g := setUp(t, target, mixOf(t, get(t, "a"), think(10*time.Second, 10*time.Second), get(t, "b")), Stage{"one", 10 * time.Second, false})
				c := newCourse(1, 10*time.Second)
				g.Control = &Control{Turn: c.turn}
				for _, d := range tt.doings {
					time.AfterFunc(d.at, func() {
						if err := d.do(g.Control); err != nil {
							t.Errorf("at %v: %v", d.at, err)
						}
					})
				}
				result := g.RunClosed(t.Context(), nil, c.users, 0)
				if len(target.sent) != tt.sent || result.Elapsed != tt.elapsed || result.Stopped {
					t.Errorf("sent at %v, result = %+v, want %d sent in %v", target.sent, result, tt.sent, tt.elapsed)
				}
				if users := len(slices.Compact(slices.Sorted(slices.Values(target.users)))); target.closed.Load() != int64(users) {
					t.Errorf("%d senders closed, want %d", target.closed.Load(), users)
				}
			})
		})
	}
}

// Users who are there stay, whatever their number becomes; only the difference comes or
// goes.
func TestClosedLevel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := &fakeTarget{delay: always(time.Second)}
		g := setUp(t, target, mixOf(t, get(t, "a")), Stage{"one", 20 * time.Second, false})
		c := newCourse(4, 20*time.Second)
		g.Control = &Control{Turn: c.turn}
		for at, level := range map[time.Duration]float64{4995 * time.Millisecond: 6, 9997 * time.Millisecond: 2, 14998 * time.Millisecond: 3} {
			time.AfterFunc(at, func() { _ = g.Control.Hold(by, level) })
		}
		result := g.RunClosed(t.Context(), nil, c.users, 0)
		want := []int{4, 4, 4, 4, 6, 6, 6, 6, 6, 6, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3}
		got := make([]int, 20)
		for _, at := range target.sent {
			got[at/time.Second]++
		}
		if !slices.Equal(got, want) {
			t.Errorf("sent a second: %v, want %v", got, want)
		}
		if users := slices.Max(target.users) + 1; users != 7 {
			t.Errorf("%d users in all, want 7", users)
		}
		if result.Elapsed != 20998*time.Millisecond {
			t.Errorf("result = %+v", result)
		}
	})
}

// A seat is taken or given up, never both, whoever is quicker.
func TestSeat(t *testing.T) {
	for range 2000 {
		s := &seat{}
		s.end.Store(10)
		var given, left bool
		var both sync.WaitGroup
		both.Go(func() { given = s.give(20) })
		both.Go(func() { left = s.leaves(10) })
		both.Wait()
		if given == left {
			t.Fatalf("given %t, left %t", given, left)
		}
		if given && s.until() != 20 || s.leaves(19) == given {
			t.Fatalf("until %v", s.until())
		}
	}
}
