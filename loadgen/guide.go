package loadgen

import (
	"context"
	"time"
)

// A guide follows the legs of a run for the one goroutine that lets load begin.
type guide struct {
	*run
	here  *leg
	goal  context.Context // ends when that goroutine has nothing more to begin
	turns int
}

// A passage is what a guide says of something that was due at an instant of a leg which
// ended while it was waited for.
type passage int

const (
	wait   passage = iota // for its new instant
	due                   // it was due before the leg ended
	missed                // likewise, but too long ago
	turned                // the load begins anew after a turn
	ended                 // no more load should begin
)

// pass goes on to the leg that the run is in, or to the first of a new load; while the
// plan's clock stands it waits, and until a leg that is about to end has ended. begun is how
// many arrivals have begun.
func (g *guide) pass(instant time.Duration, begun int64) passage {
	before := g.turns
	for {
		if g.here.paused || g.here.closed.Load() {
			select {
			case <-g.here.over.Done():
			case <-g.goal.Done():
			}
		}
		next := g.here.next.Load()
		switch {
		case g.goal.Err() != nil || next == nil:
			return ended
		case !g.here.paused && instant < next.start:
			return due
		}
		g.enter(next, begun)
		switch {
		case g.here.paused: // until it goes on
		case g.turns > before:
			return turned
		default:
			return wait
		}
	}
}

// enter goes on to the next leg.
func (g *guide) enter(next *leg, begun int64) {
	if next.turned {
		g.turns++
		g.Control.Turn(Turn{
			Begun: begun, At: g.here.at(next.start), From: next.position, Factor: next.factor, Fixed: next.fixed,
		})
	}
	g.here = next
}
