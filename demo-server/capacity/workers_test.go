package capacity_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/floodmark/floodmark/demo-server/capacity"
)

func TestWorkersServeInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := capacity.NewWorkers(2, 3)
		var mu sync.Mutex
		var order []int
		var group sync.WaitGroup
		for i := range 6 { // two are served, three wait, one is too many
			group.Go(func() {
				if err := w.Take(t.Context()); err != nil {
					if i != 5 || !errors.Is(err, capacity.ErrNoWorker) {
						t.Errorf("request %d: %v", i, err)
					}
					return
				}
				mu.Lock()
				order = append(order, i)
				mu.Unlock()
				time.Sleep(time.Second)
				w.Release()
			})
			synctest.Wait()
		}
		got, want := w.Stats(), capacity.WorkerStats{Limit: 2, Places: 3, Busy: 2, Waiting: 3, Taken: 2, Refused: 1, LongestLine: 3}
		if got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		group.Wait()
		slices.Sort(order[:2]) // at the same instant
		slices.Sort(order[2:4])
		if want := []int{0, 1, 2, 3, 4}; !slices.Equal(order, want) {
			t.Errorf("served in the order %v, want %v", order, want)
		}
		got, want = w.Stats(), capacity.WorkerStats{Limit: 2, Places: 3, Taken: 5, Refused: 1, LongestLine: 3, LongestWait: 2 * time.Second}
		if got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	})
}

func TestWorkersWhoGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := capacity.NewWorkers(1, 5)
		if err := w.Take(t.Context()); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := w.Take(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want %v", err, context.DeadlineExceeded)
		}
		w.Release()
		got, want := w.Stats(), capacity.WorkerStats{Limit: 1, Places: 5, Taken: 1, Cancelled: 1, LongestLine: 1}
		if got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		if err := w.Take(t.Context()); err != nil {
			t.Errorf("the worker is lost: %v", err)
		}
	})
}

func TestWorkersWithoutLimit(t *testing.T) {
	w := capacity.NewWorkers(0, 0)
	for range 1000 {
		if err := w.Take(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for range 1000 {
		w.Release()
	}
	if got, want := w.Stats(), (capacity.WorkerStats{Taken: 1000}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// Whatever many callers do who give up at any moment: no worker is lost, none is
// invented, and each request is counted once.
func TestWorkersAreNeitherLostNorInvented(t *testing.T) {
	w := capacity.NewWorkers(3, 20)
	var group sync.WaitGroup
	var mu sync.Mutex
	inside, most := 0, 0
	count := func(by int) {
		mu.Lock()
		defer mu.Unlock()
		inside += by
		most = max(most, inside)
	}
	const callers, rounds = 16, 300
	for i := range callers {
		group.Go(func() {
			for range rounds {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*20*time.Microsecond)
				if w.Take(ctx) == nil {
					count(1)
					count(-1)
					w.Release()
				}
				cancel()
			}
		})
	}
	group.Wait()
	s := w.Stats()
	if got := s.Taken + s.Refused + s.Cancelled; got != callers*rounds || s.Busy != 0 || s.Waiting != 0 {
		t.Errorf("got %+v, want %d requests and nobody inside", s, callers*rounds)
	}
	if most > 3 {
		t.Errorf("got %d at once, want 3 at most", most)
	}
}
