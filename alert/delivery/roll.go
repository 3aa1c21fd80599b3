package delivery

import (
	"maps"
	"slices"
	"time"

	"github.com/floodmark/floodmark/alert"
)

// resolvedFor is how long a refresh still says that an alert is over.
const resolvedFor = 5 * time.Minute

// A roll is what a receiver has been told and must hear again. The zero value is empty.
type roll struct {
	alerts map[string]standing // by key
	last   time.Time           // of the latest refresh, or when the first alert was added
}

// A standing is the latest that was said about an alert.
type standing struct {
	told  alert.Told
	until time.Time // zero while it is firing
}

// note remembers what has been delivered.
func (r *roll) note(told []alert.Told, now time.Time) {
	if len(r.alerts) == 0 {
		r.alerts, r.last = map[string]standing{}, now
	}
	for _, t := range told {
		s := standing{told: t}
		if t.Ended() {
			s.until = now.Add(resolvedFor)
		}
		r.alerts[t.Key] = s
	}
}

// due returns when the next refresh is, if there is anything to say.
func (r *roll) due(interval time.Duration) (at time.Time, due bool) {
	return r.last.Add(interval), interval > 0 && len(r.alerts) > 0
}

// list begins a refresh: it returns what is to be said, in messages of a bounded size.
func (r *roll) list(now time.Time) [][]alert.Told {
	r.last = now
	maps.DeleteFunc(r.alerts, func(_ string, s standing) bool { return !s.until.IsZero() && !now.Before(s.until) })
	var firing, over []alert.Told
	for _, key := range slices.Sorted(maps.Keys(r.alerts)) {
		if s := r.alerts[key]; s.until.IsZero() {
			firing = append(firing, s.told)
		} else {
			over = append(over, s.told)
		}
	}
	return slices.Collect(slices.Chunk(append(firing, over...), maxWhole))
}
