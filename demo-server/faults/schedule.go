package faults

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// A Timed fault begins by the clock.
type Timed struct {
	At   time.Duration // from the start of Run
	Spec Spec
}

// Run applies each fault at its time, those of the same time in the order given, and
// returns after the last. That one could not be applied keeps none of the others from
// it; Run then returns why, for all of them. It returns early with the context's error.
func Run(ctx context.Context, schedule []Timed, apply func(Spec) error) error {
	start := time.Now()
	ordered := slices.Clone(schedule)
	slices.SortStableFunc(ordered, func(a, b Timed) int { return cmp.Compare(a.At, b.At) })
	var failed []error
	for _, next := range ordered {
		err := ctx.Err()
		if err == nil {
			err = pause(ctx, next.At-time.Since(start))
		}
		if err != nil {
			return errors.Join(append(failed, err)...)
		}
		if err := apply(next.Spec); err != nil {
			failed = append(failed, fmt.Errorf("fault %q at %v: %w", next.Spec, next.At, err))
		}
	}
	return errors.Join(failed...)
}
