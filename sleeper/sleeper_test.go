package sleeper_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/floodmark/floodmark/sleeper"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func Example() {
	s, err := sleeper.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()

	due := time.Now().Add(2 * time.Millisecond)
	err = s.Until(context.Background(), due)
	fmt.Println(err, time.Now().Before(due))
	// Output: <nil> false
}

// kinds are the two ways to wait; every promise holds for both.
func kinds(t *testing.T) map[string]*sleeper.Sleeper {
	t.Helper()
	precise, err := sleeper.New()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]*sleeper.Sleeper{"precise": precise, "zero value": new(sleeper.Sleeper)}
	for _, s := range all {
		t.Cleanup(func() { closed(t, s) })
	}
	return all
}

func closed(t *testing.T, s *sleeper.Sleeper) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Errorf("Close: got %v, want nil", err)
	}
}

func TestUntilIsNeverEarly(t *testing.T) {
	for kind, s := range kinds(t) {
		t.Run(kind, func(t *testing.T) {
			var group sync.WaitGroup
			for caller := range 16 {
				group.Go(func() {
					for i := range 50 {
						due := time.Now().Add(time.Duration((caller*37+i*101)%1500) * time.Microsecond)
						if err := s.Until(t.Context(), due); err != nil {
							t.Errorf("got %v, want nil", err)
						}
						if early := time.Until(due); early > 0 {
							t.Errorf("woke %v early", early)
						}
					}
				})
			}
			group.Wait()
		})
	}
}

func TestUntilWakesInOrder(t *testing.T) {
	for kind, s := range kinds(t) {
		t.Run(kind, func(t *testing.T) {
			const callers, gap = 5, 20 * time.Millisecond
			woken := make(chan int, callers)
			start := time.Now()
			var group sync.WaitGroup
			for i := range callers { // the latest first, so that each arms the timer anew
				place := callers - i
				group.Go(func() {
					if err := s.Until(t.Context(), start.Add(time.Duration(place)*gap)); err != nil {
						t.Errorf("got %v, want nil", err)
					}
					woken <- place
				})
			}
			group.Wait()
			for want := 1; want <= callers; want++ {
				if got := <-woken; got != want {
					t.Errorf("wake-up %d: got caller %d", want, got)
				}
			}
		})
	}
}

func TestUntilPast(t *testing.T) {
	for kind, s := range kinds(t) {
		t.Run(kind, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			for _, past := range []time.Time{{}, time.Now(), time.Now().Add(-time.Hour), time.Unix(0, 0)} {
				if err := s.Until(ctx, past); err != nil {
					t.Errorf("%v: got %v, want nil", past, err)
				}
			}
		})
	}
}

func TestUntilWithoutMonotonicReading(t *testing.T) {
	for kind, s := range kinds(t) {
		t.Run(kind, func(t *testing.T) {
			due := time.Now().Add(3 * time.Millisecond).Round(0)
			if err := s.Until(t.Context(), due); err != nil {
				t.Errorf("got %v, want nil", err)
			}
			if early := time.Until(due); early > 0 {
				t.Errorf("woke %v early", early)
			}
		})
	}
}

func TestUntilCancelled(t *testing.T) {
	for kind, s := range kinds(t) {
		t.Run(kind, func(t *testing.T) {
			never := time.Now().AddDate(400, 0, 0) // beyond what a Duration holds
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error)
			go func() { ended <- s.Until(ctx, never) }()
			go func() { ended <- s.Until(ctx, never.Add(-time.Hour)) }()
			if err := s.Until(t.Context(), time.Now().Add(2*time.Millisecond)); err != nil {
				t.Errorf("beside waiters: got %v, want nil", err)
			}
			cancel()
			for range 2 {
				if err := <-ended; !errors.Is(err, context.Canceled) {
					t.Errorf("got %v, want %v", err, context.Canceled)
				}
			}
			if err := s.Until(t.Context(), time.Now().Add(time.Millisecond)); err != nil {
				t.Errorf("after a cancelled wait: got %v, want nil", err)
			}
		})
	}
}

// A cancellation that meets its own wake-up must leave nothing behind for the next
// caller, who would then return early.
func TestUntilCancelledWhenDue(t *testing.T) {
	for kind, s := range kinds(t) {
		t.Run(kind, func(t *testing.T) {
			for i := range 300 {
				due := time.Now().Add(time.Duration(100+i) * time.Microsecond)
				ctx, cancel := context.WithDeadline(t.Context(), due)
				if err := s.Until(ctx, due); err == nil && time.Now().Before(due) {
					t.Fatal("woke early")
				}
				cancel()
			}
		})
	}
}

func TestCloseWakesEverybody(t *testing.T) {
	for kind, s := range kinds(t) {
		t.Run(kind, func(t *testing.T) {
			const callers = 20
			ended := make(chan error)
			for i := range callers {
				go func() { ended <- s.Until(context.Background(), time.Now().Add(time.Hour+time.Duration(i))) }()
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			for range callers {
				if err := <-ended; !errors.Is(err, sleeper.ErrClosed) {
					t.Errorf("got %v, want %v", err, sleeper.ErrClosed)
				}
			}
			if err := s.Until(t.Context(), time.Time{}); !errors.Is(err, sleeper.ErrClosed) {
				t.Errorf("after Close: got %v, want %v", err, sleeper.ErrClosed)
			}
		})
	}
}

func TestZeroValueFollowsABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s sleeper.Sleeper
		due := time.Now().Add(time.Hour)
		if err := s.Until(t.Context(), due); err != nil {
			t.Fatal(err)
		}
		if got := time.Now(); !got.Equal(due) {
			t.Errorf("woke at %v, want %v", got, due)
		}
	})
}
