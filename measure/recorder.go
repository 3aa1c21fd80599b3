package measure

import "time"

// A Recorder collects what users record and hands it out once a beat. Make it
// with [NewRecorder].
//
// Users write to lanes; each lane has its own lock and memory, so that on n
// cores n users record side by side. Cut stops all lanes for the instant it
// takes to swap their memory, which makes each interval a consistent picture: no
// request is counted as ended before it was counted as planned.
type Recorder struct {
	series []Series
	under  []time.Duration
	lanes  []*Lane

	backends backendTable

	// Of the goroutine that cuts.
	index    int
	last     time.Duration
	inFlight []int64 // by series

	// Likewise, if there are deadlines.
	deadlines []time.Duration // ascending
	passed    []int           // by deadline: the first page that was not overdue at the last cut
	ledgers   []ledger        // by series: who is open
	late      []Overdue       // by deadline: of the series that is being collected
}

// NewRecorder returns a recorder for the given series. under lists the
// thresholds T for which requests that succeed within T are counted exactly;
// lanes is how many users can record at once without waiting, at least 1.
func NewRecorder(series []Series, under []time.Duration, lanes int) *Recorder {
	r := &Recorder{series: series, under: under, inFlight: make([]int64, len(series))}
	for range max(lanes, 1) {
		r.lanes = append(r.lanes, &Lane{
			under:  under,
			series: series,
			active: make([]*account, len(series)),
			spare:  make([]*account, len(series)),
		})
	}
	return r
}

// Lane returns the lane for a user of the given number. Many users may share it.
func (r *Recorder) Lane(user int) *Lane { return r.lanes[user%len(r.lanes)] }

// Series returns what the numbers in samples and intervals stand for. The caller
// must not change it.
func (r *Recorder) Series() []Series { return r.series }

// Under returns the thresholds that Tally.Under counts, in order. The caller
// must not change it.
func (r *Recorder) Under() []time.Duration { return r.under }

// Cut returns what was recorded since the cut before, up to the offset end from
// the start of the run. One goroutine may call it at a time.
func (r *Recorder) Cut(end time.Duration) Interval {
	out := Interval{Index: r.index, Start: r.last, End: end}
	passed := r.pass(end)
	for _, l := range r.lanes {
		l.mu.Lock()
	}
	for _, l := range r.lanes {
		l.active, l.spare = l.spare, l.active
		l.answered, l.spareAnswered = l.spareAnswered, l.answered
		out.Pacing.Add(&l.pacing)
		l.pacing.Reset()
		l.near = nearFrom(end)
	}
	for _, l := range r.lanes {
		l.mu.Unlock()
	}
	out.Backends = r.collectBackends()
	for series := range r.series {
		if part := r.collect(series, passed); part != nil {
			out.Series = append(out.Series, *part)
		}
	}
	r.index++
	r.last, r.passed = end, passed
	return out
}

// collect joins and empties the spare accounts of one series, and returns nil
// when nothing happened and nothing is in flight.
func (r *Recorder) collect(series int, passed []int) *SeriesInterval {
	part := &SeriesInterval{Series: series, Tally: &Tally{Under: make([]int64, len(r.under))}}
	for _, l := range r.lanes {
		if a := l.spare[series]; a != nil && !a.empty() {
			part.Add(&a.Tally)
			a.reset()
			if len(passed) > 0 {
				r.post(series, a.notes)
			}
		}
	}
	quiet := part.empty()
	if len(passed) > 0 {
		part.Overdue = r.age(series, passed)
	}
	r.inFlight[series] += part.InFlight
	part.InFlight = r.inFlight[series]
	if quiet && part.InFlight == 0 {
		return nil
	}
	return part
}
