package slo

import "github.com/floodmark/floodmark/measure"

// A Watcher reads expressions over windows that slide with the run. Make it with
// [NewWatcher], ask for a [Gauge] of each thing to watch, and add each interval.
//
// Time is that of the intervals, so a saved run reads the same as a live one. What
// is kept does not grow with the run: the intervals of the longest window, packed,
// and the sum of each window, from which the oldest interval is subtracted as the
// newest is added. Windows of the same length over the same series are kept once,
// whoever watches. It is not safe for concurrent use.
type Watcher struct {
	recorded Recorded
	feeds    []*feed
	about    map[string]*feed // by the set of their series
	of       [][]*feed        // by series: the feeds that it belongs to
}

// NewWatcher returns a watcher of what a recorder counts.
func NewWatcher(recorded Recorded) *Watcher {
	return &Watcher{recorded: recorded, about: map[string]*feed{}, of: make([][]*feed, len(recorded.Series))}
}

// Add adds an interval. Intervals come in order, each once, and are not kept.
func (w *Watcher) Add(in *measure.Interval) {
	for _, f := range w.feeds {
		f.begin(in)
	}
	for _, part := range in.Series {
		if part.Series < 0 || part.Series >= len(w.of) {
			continue // of another run
		}
		for _, f := range w.of[part.Series] {
			f.gather(part.Tally)
		}
	}
	for _, f := range w.feeds {
		f.end(in.End)
	}
}

// feed returns the feed of the series that match, which is made if it is new.
func (w *Watcher) feed(match func(measure.Series) bool) *feed {
	set := make([]byte, len(w.of))
	for i, s := range w.recorded.Series {
		if match(s) {
			set[i] = 1
		}
	}
	if f := w.about[string(set)]; f != nil {
		return f
	}
	f := newFeed(len(w.recorded.Under))
	w.about[string(set)] = f
	w.feeds = append(w.feeds, f)
	for i, in := range set {
		if in == 1 {
			w.of[i] = append(w.of[i], f)
		}
	}
	return f
}
