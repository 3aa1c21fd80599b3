package verify

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/floodmark/floodmark/measure"
)

// A truth is what really happened to all requests of a scenario, by the schedule and
// the server's notes. It is kept in the histograms that the measurement uses, so that
// both round alike and a quantile means the same.
type truth struct {
	response measure.Histogram // from the intended start until the answer was written
	service  measure.Histogram // from the receipt until then
	lag      measure.Histogram // from the intended start until the receipt: no request was sent later
}

// tellTruth matches the server's visits with the arrivals, whose classes are given.
// The n-th request of a class to come in is taken for the n-th arrival of that class.
// Two of one class are a tenth of a second apart on average; the few that are nearer
// than the machine's jitter may come in the other order. Their delays are the same, so
// that only their intended starts are exchanged: one looks later by the gap between
// them and the other earlier, and the mean stays as it is.
func tellTruth(arrivals []time.Duration, classes []int, visits []visit) (*truth, error) {
	if len(visits) != len(arrivals) {
		return nil, fmt.Errorf("%d requests were planned, and %d reached the server and were answered", len(arrivals), len(visits))
	}
	due := map[int][]time.Duration{}
	for k, class := range classes {
		due[class] = append(due[class], arrivals[k])
	}
	slices.SortFunc(visits, func(a, b visit) int { return cmp.Compare(a.received, b.received) })
	t := &truth{}
	for _, v := range visits {
		waiting := due[v.class]
		if len(waiting) == 0 {
			return nil, fmt.Errorf("more requests of class %d reached the server than were planned", v.class)
		}
		due[v.class] = waiting[1:]
		t.response.Record(v.answered - waiting[0])
		t.service.Record(v.answered - v.received)
		t.lag.Record(v.received - waiting[0])
	}
	return t, nil
}
