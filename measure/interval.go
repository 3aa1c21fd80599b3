package measure

import "time"

// An Interval is what happened between two cuts, usually a second apart. A
// request belongs to the interval in which it ended. Intervals are plain data:
// they can be added to [Totals], written to a file and read back.
type Interval struct {
	Index      int           // counted from 0
	Start, End time.Duration // from the start of the run
	Series     []SeriesInterval
	Pacing     Histogram  // how late the pacer was, by arrival
	Backends   []*Backend // who answered what, in the order of their addresses
	Health     *Health    // of the generator, nil if nobody looked

	// Paused is how much of it somebody had paused the load. The recorder does not know.
	Paused time.Duration
}

// SeriesInterval is one series' part of an interval. Its tally counts what was
// new in the interval, except InFlight, which is the level at its end. A series
// without news and with nothing in flight is left out.
type SeriesInterval struct {
	Series int
	*Tally
}

// Length returns the interval's length.
func (i *Interval) Length() time.Duration { return i.End - i.Start }

// Loaded returns the part of Length in which load was asked for.
func (i *Interval) Loaded() time.Duration { return max(i.Length()-i.Paused, 0) }

// Totals adds up intervals for the run. The zero value is not ready: use
// [NewTotals]. It is not safe for concurrent use.
type Totals struct {
	series []Series
	under  []time.Duration
	sums   []*Tally // by series, nil where nothing happened
	end    time.Duration
	first  time.Duration // start of the first interval
	count  int
	Pacing Histogram // how late the pacer was, by arrival

	// Backends is who answered what, in the order of their addresses.
	Backends []*Backend
	Health   HealthTotals
}

// NewTotals returns empty totals for the series and thresholds of a recorder.
func NewTotals(series []Series, under []time.Duration) *Totals {
	return &Totals{series: series, under: under, sums: make([]*Tally, len(series))}
}

// Add adds an interval. Intervals must come in order: the level of requests in
// flight is that of the last one that names the series.
func (t *Totals) Add(in *Interval) {
	if t.count == 0 {
		t.first = in.Start
	}
	t.count++
	t.end = in.End
	t.Pacing.Add(&in.Pacing)
	t.Backends = AddBackends(t.Backends, in.Backends)
	t.Health.add(in.Health, in.Length())
	for _, sum := range t.sums {
		if sum != nil {
			sum.InFlight = 0 // a series that is left out has nothing in flight
		}
	}
	for _, part := range in.Series {
		if part.Series < 0 || part.Series >= len(t.sums) {
			continue // of another run
		}
		if t.sums[part.Series] == nil {
			t.sums[part.Series] = &Tally{Under: make([]int64, len(t.under))}
		}
		t.sums[part.Series].Add(part.Tally)
	}
}

// Series returns what the totals are of.
func (t *Totals) Series() []Series { return t.series }

// Under returns the thresholds that Tally.Under counts, in order.
func (t *Totals) Under() []time.Duration { return t.under }

// Elapsed returns the length of run that the intervals cover.
func (t *Totals) Elapsed() time.Duration { return t.end - t.first }

// Intervals returns how many intervals were added.
func (t *Totals) Intervals() int { return t.count }

// Select returns the sum of all series that match, as a new tally. A nil match
// takes all.
func (t *Totals) Select(match func(Series) bool) *Tally {
	sum := &Tally{Under: make([]int64, len(t.under))}
	for i, part := range t.sums {
		if part != nil && (match == nil || match(t.series[i])) {
			sum.Add(part)
		}
	}
	return sum
}
