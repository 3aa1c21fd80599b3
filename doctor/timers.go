package doctor

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/floodmark/floodmark/quantity"
	"github.com/floodmark/floodmark/sleeper"
)

// waits is how many waits are timed of each kind, of half a millisecond to one and a
// half.
const waits = 400

// From where on being late is worth a word: the first is what the generator aims at,
// from the second on requests are counted as late.
const (
	unpunctual = 300 * time.Microsecond
	late       = 5 * time.Millisecond
)

// lateness is by how much waits were late.
type lateness struct{ p50, p99 time.Duration }

// timeWaits times waits of one kind.
func timeWaits(ctx context.Context, s *sleeper.Sleeper) (lateness, error) {
	values := make([]time.Duration, 0, waits)
	for i := range waits {
		due := time.Now().Add(500*time.Microsecond + time.Duration(i*379%1000)*time.Microsecond)
		if err := s.Until(ctx, due); err != nil {
			return lateness{}, err
		}
		values = append(values, time.Since(due))
	}
	slices.Sort(values)
	return lateness{values[waits/2-1], values[waits*99/100-1]}, nil
}

// measureTimers times the waits of the generator's own sleeper and those of the Go
// runtime's timers.
func measureTimers(ctx context.Context) (own, runtime lateness, err error) {
	s, err := sleeper.New()
	if err != nil {
		return lateness{}, lateness{}, err
	}
	defer s.Close() //nolint:errcheck // nothing was written to it
	if own, err = timeWaits(ctx, s); err != nil {
		return lateness{}, lateness{}, err
	}
	runtime, err = timeWaits(ctx, new(sleeper.Sleeper))
	return own, runtime, err
}

// judgeTimers judges how late the generator's sleeper is. Go's timers are shown for
// comparison.
func judgeTimers(own, runtime lateness) Check {
	c := found("timers", fmt.Sprintf("late by p50 %s, p99 %s (timers of the Go runtime: p50 %s, p99 %s)",
		quantity.Duration(own.p50), quantity.Duration(own.p99), quantity.Duration(runtime.p50), quantity.Duration(runtime.p99)),
		map[string]float64{
			"p50_seconds": own.p50.Seconds(), "p99_seconds": own.p99.Seconds(),
			"runtime_p50_seconds": runtime.p50.Seconds(), "runtime_p99_seconds": runtime.p99.Seconds(),
		})
	const fix = "stop other programs, or use a machine with a free core"
	switch {
	case own.p99 > late:
		return c.bad("one request in a hundred is sent more than 5ms late, whatever the load", fix, "")
	case own.p99 > unpunctual:
		return c.warn("requests are sent late by that, which shows as lag; 0.3ms is what an idle machine can do", fix, "")
	}
	return c
}
