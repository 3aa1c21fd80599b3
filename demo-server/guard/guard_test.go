package guard

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

var errDown = errors.New("down")

func build(tb testing.TB, config Config) *Guard {
	tb.Helper()
	config.Name = "payment"
	g, err := New(config)
	if err != nil {
		tb.Fatal(err)
	}
	return g
}

// wantSum fails unless every call is in exactly one counter.
func wantSum(tb testing.TB, s Stats) {
	tb.Helper()
	if sum := s.InFlight + s.Succeeded + s.Failed + s.TimedOut + s.ShortCircuited + s.BulkheadFull + s.Cancelled; sum != s.Calls {
		tb.Errorf("the counters sum up to %d, want %d: %+v", sum, s.Calls, s)
	}
	if s.FellBack > s.Failed+s.TimedOut+s.ShortCircuited+s.BulkheadFull {
		tb.Errorf("more fell back than failed: %+v", s)
	}
}

// play makes calls by letters: o succeeds, x fails, d is declined, s is too slow, - is given up by
// its caller; a dot is 100 ms without one. It returns what the caller saw (o, x, d, t for the
// timeout, ! for the open breaker, - for given up, a dot) and the state after each, by its initial.
func play(t *testing.T, g *Guard, calls string) (saw, states string) {
	t.Helper()
	for _, c := range calls {
		if c == '.' {
			time.Sleep(100 * time.Millisecond)
			saw += "."
		} else {
			saw += act(t, g, c)
		}
		states += g.Stats().State.String()[:1]
	}
	return saw, states
}

var errDeclined = errors.New("declined")

func act(t *testing.T, g *Guard, c rune) string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	err := g.Do(ctx, func(ctx context.Context) error {
		switch c {
		case 'x':
			return errDown
		case 'd':
			return errDeclined
		case 's':
			<-ctx.Done()
			return ctx.Err()
		case '-':
			cancel()
			return ctx.Err()
		}
		return nil
	})
	for seen, is := range map[string]error{"x": errDown, "d": errDeclined, "t": ErrTimeout, "!": ErrOpen, "-": context.Canceled} {
		if errors.Is(err, is) {
			return seen
		}
	}
	if err != nil {
		t.Errorf("unexpected error %v", err)
	}
	return "o"
}

func TestBreaker(t *testing.T) {
	small := Config{
		FailureThreshold: 3, SuccessThreshold: 2, Timeout: 500 * time.Millisecond, CallTimeout: 300 * time.Millisecond,
		IsFailure: func(err error) bool { return !errors.Is(err, errDeclined) },
	}
	one := Config{FailureThreshold: 1, SuccessThreshold: 1, Timeout: 100 * time.Millisecond}
	for _, tt := range []struct {
		name               string
		config             Config
		calls, saw, states string
	}{
		{"stays closed", small, "oooo", "oooo", "cccc"},
		{"opens at the threshold", small, "xxxoo", "xxx!!", "ccooo"},
		{"failures in a row", small, "xxoxxoxxx", "xxoxxoxxx", "cccccccco"},
		{"slow is failed", small, "sssoo", "ttt!!", "ccooo"},
		{"declined is no failure", small, "ddddxxdxx", "ddddxxdxx", "ccccccccc"},
		{"given up says nothing", small, "x-x-xo", "x-x-x!", "ccccoo"},
		{"half-open after the timeout, not before", small, "xxx....o.oo", "xxx....!.oo", "ccooooooohc"},
		{"closes by the success threshold", small, "xxx.....oox", "xxx.....oox", "ccoooooohcc"},
		{"a failed probe opens it again", small, "xxx.....xo.....oo", "xxx.....x!.....oo", "ccooooooooooooohc"},
		{"a second probe that fails", small, "xxx.....oxo", "xxx.....ox!", "ccoooooohoo"},
		{"a probe given up", small, "xxx.....----oo", "xxx.....----oo", "ccoooooohhhhhc"},
		{"no failure, no memory", small, "xxx.....ooxxo", "xxx.....ooxxo", "ccoooooohcccc"},
		{"one and one", one, "xo.oo", "x!.oo", "ooocc"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := build(t, tt.config)
				saw, states := play(t, g, tt.calls)
				if saw != tt.saw || states != tt.states {
					t.Errorf("%s\ngot  %s %s\nwant %s %s", tt.calls, saw, states, tt.saw, tt.states)
				}
				wantSum(t, g.Stats())
			})
		})
	}
}

func TestChangesAndStats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var changes []string
		var g *Guard
		begun := time.Now()
		var lines strings.Builder
		g = build(t, Config{FailureThreshold: 2, SuccessThreshold: 1, Timeout: time.Second, OnChange: func(c Change) {
			changes = append(changes, c.Name+" "+c.From.String()+" "+c.To.String()+" "+c.At.Sub(begun).String())
			if c.To == HalfOpen { // it may use the guard
				act(t, g, 'o')
				g.Stats()
			}
		}, Log: slog.New(slog.NewTextHandler(&lines, nil))})
		play(t, g, "oxxo..........")
		if got := g.Stats(); got.InState != time.Second || got.ProbesIn != 0 || got.State != Open {
			t.Errorf("got %+v, want open for a second", got)
		}
		play(t, g, "o")
		want := []string{"payment closed open 0s", "payment open half-open 1s", "payment half-open closed 1s"}
		if !slices.Equal(changes, want) {
			t.Errorf("got %q, want %q", changes, want)
		}
		time.Sleep(time.Minute)
		got := g.Stats()
		if got.InState != time.Minute || got.Opened != 1 || got.Calls != 6 || got.Failed != 2 || got.ShortCircuited != 2 {
			t.Errorf("got %+v", got)
		}
		if got := strings.Count(lines.String(), "dependency=payment"); got != 3 {
			t.Errorf("got %d lines, want 3:\n%s", got, lines.String())
		}
		text, err := json.Marshal(got)
		if want := `"state":"closed","in_state_seconds":60,`; err != nil || !strings.Contains(string(text), want) {
			t.Errorf("got %s, %v, want …%s…", text, err, want)
		}
	})
}

func TestBulkhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := build(t, Config{Bulkhead: 2, FailureThreshold: 1})
		var group sync.WaitGroup
		release := make(chan struct{})
		for range 2 {
			group.Go(func() {
				_ = g.Do(t.Context(), func(context.Context) error { <-release; return nil })
			})
		}
		synctest.Wait()
		if err := g.Do(t.Context(), func(context.Context) error { return nil }); !errors.Is(err, ErrFull) {
			t.Errorf("got %v, want %v", err, ErrFull)
		}
		if got := g.Stats(); got.State != Closed || got.InFlight != 2 || got.BulkheadFull != 1 {
			t.Errorf("got %+v, want a closed breaker, two in flight, one refused", got)
		}
		close(release)
		group.Wait()
		if err := g.Do(t.Context(), func(context.Context) error { return nil }); err != nil {
			t.Errorf("got %v, want a free place", err)
		}
		wantSum(t, g.Stats())
	})
}

func TestFallback(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var causes []error
		g := build(t, Config{
			FailureThreshold: 2, CallTimeout: time.Second, Timeout: time.Minute,
			IsFailure: func(err error) bool { return !errors.Is(err, errDeclined) },
			Fallback:  func(_ context.Context, cause error) error { causes = append(causes, cause); return nil },
		})
		saw, _ := play(t, g, "od-xso")
		if want := "od-ooo"; saw != want {
			t.Errorf("got %s, want %s", saw, want)
		}
		want := []error{errDown, ErrTimeout, ErrOpen}
		if !slices.EqualFunc(causes, want, errors.Is) {
			t.Errorf("got %v, want %v", causes, want)
		}
		other := errors.New("the fallback failed as well")
		err := g.DoOr(t.Context(), nil, func(context.Context, error) error { return other })
		if !errors.Is(err, other) {
			t.Errorf("got %v, want %v", err, other)
		}
		if err := g.DoOr(t.Context(), nil, nil); !errors.Is(err, ErrOpen) {
			t.Errorf("got %v, want %v", err, ErrOpen)
		}
		if got := g.Stats(); got.FellBack != 3 || got.Cancelled != 1 || got.ShortCircuited != 3 {
			t.Errorf("got %+v, want 3 helped, 1 cancelled, 3 short-circuited", got)
		}
		wantSum(t, g.Stats())
	})
}

// A call that panics gives its probe and its place back, and the panic passes through.
func TestPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := build(t, Config{FailureThreshold: 1, SuccessThreshold: 1, Timeout: time.Second, Bulkhead: 1, CallTimeout: time.Minute})
		for range 3 {
			func() {
				defer func() {
					if got := recover(); got != "boom" {
						t.Errorf("got %v, want boom", got)
					}
				}()
				_ = g.Do(t.Context(), func(context.Context) error { panic("boom") })
			}()
			if got := g.Stats(); got.State != Open || got.InFlight != 0 {
				t.Errorf("got %+v, want open with nothing in flight", got)
			}
			time.Sleep(time.Second)
		}
		if err := g.Do(t.Context(), func(context.Context) error { return nil }); err != nil || g.Stats().State != Closed {
			t.Errorf("got %v, %v, want a probe and a closed breaker", err, g.Stats().State)
		}
		wantSum(t, g.Stats())
	})
}

// The caller's deadline tells the dependency's slowness, its cancellation tells nothing.
func TestCallersContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := build(t, Config{FailureThreshold: 1, Timeout: time.Hour, CallTimeout: time.Minute})
		wait := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		if err := g.Do(ctx, wait); !errors.Is(err, context.Canceled) || g.Stats().State != Closed {
			t.Errorf("given up: got %v, %v", err, g.Stats().State)
		}
		if err := g.Do(ctx, wait); !errors.Is(err, context.Canceled) || g.Stats().Cancelled != 2 {
			t.Errorf("given up before: got %v, %+v", err, g.Stats())
		}
		late, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		if err := g.Do(late, wait); !errors.Is(err, context.DeadlineExceeded) || g.Stats().TimedOut != 1 || g.Stats().State != Open {
			t.Errorf("out of time: got %v, %+v", err, g.Stats())
		}
	})
}

func TestNewRefuses(t *testing.T) {
	_, err := New(Config{Name: "payment", FailureThreshold: -1, SuccessThreshold: maxThreshold + 1, Timeout: -1, CallTimeout: -1, Bulkhead: -1})
	if err == nil {
		t.Fatal("got nil")
	}
	for _, want := range []string{
		`guard "payment": the failure threshold is -1, want 0 to 10000`, "the success threshold is 10001",
		"the timeout is -1ns", "the call timeout is -1ns", "the bulkhead is -1",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want …%s…", err, want)
		}
	}
}

// The trial of the specification: a dependency is dead for 2.5 s, each failure takes
// 300 ms, somebody calls every 10 ms when free. With a breaker a few calls are slow and
// the others fail at once; without, the caller is blocked all the time.
func TestOutageCostsFewSlowCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := build(t, Config{FailureThreshold: 3, SuccessThreshold: 1, Timeout: 500 * time.Millisecond, CallTimeout: 300 * time.Millisecond})
		begun := time.Now()
		dead := func() bool { return time.Since(begun) < 2500*time.Millisecond }
		var slow, fast int
		for {
			before := time.Now()
			err := g.Do(t.Context(), func(ctx context.Context) error {
				if dead() {
					<-ctx.Done()
				}
				return ctx.Err()
			})
			switch {
			case err == nil:
				recovered := time.Since(begun) - 2500*time.Millisecond
				// Three fill the threshold until 0.92 s; then it is open for 500 ms and a probe takes
				// 300 ms, from 1.42 s and from 2.22 s; the next, at 3.02 s, is good.
				if slow != 5 || fast != 3*49 || recovered != 520*time.Millisecond {
					t.Errorf("got %d slow, %d fast, recovered after %v, want 5, 147, 520ms", slow, fast, recovered)
				}
				return
			case time.Since(before) >= 300*time.Millisecond:
				slow++
			default:
				fast++
			}
			time.Sleep(10 * time.Millisecond)
		}
	})
}
