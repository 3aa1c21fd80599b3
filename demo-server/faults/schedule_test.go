package faults

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var got []string
		schedule := []Timed{
			{2 * time.Second, Spec{Errors: All / 2}},
			{time.Second, Spec{Delay: time.Second}},
			{2 * time.Second, Spec{Part: "web-2", Kill: true}},
			{0, Spec{Reset: All}},
		}
		err := Run(t.Context(), schedule, func(s Spec) error {
			got = append(got, fmt.Sprint(time.Since(start), " ", s))
			if s.Kill {
				time.Sleep(time.Minute) // whoever takes long delays nobody's time but those after it
			}
			return nil
		})
		want := []string{"0s reset=100%", "1s delay=1s", "2s errors=50%", "2s kill part=web-2"}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	})
}

func TestRunGoesOnAfterAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		applied, gone := 0, errors.New("no such node")
		err := Run(t.Context(), []Timed{{0, Spec{Part: "web-9", Kill: true}}, {time.Second, Spec{Errors: All}}}, func(s Spec) error {
			applied++
			if s.Kill {
				return gone
			}
			return nil
		})
		if want := `fault "kill part=web-9" at 0s: no such node`; applied != 2 || !errors.Is(err, gone) || err.Error() != want {
			t.Errorf("applied %d with %v, want 2 with %s", applied, err, want)
		}
	})
}

func TestRunIsEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := Run(ctx, []Timed{{time.Second + 1, Spec{Errors: All}}}, func(Spec) error { t.Error("applied"); return nil })
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want %v", err, context.DeadlineExceeded)
		}
		if err := Run(ctx, []Timed{{0, Spec{Errors: All}}}, func(Spec) error { t.Error("applied"); return nil }); err == nil {
			t.Error("ran without time")
		}
		if err := Run(ctx, nil, nil); err != nil {
			t.Errorf("nothing to do: got %v", err)
		}
	})
}
