package measure

import (
	"sync"
	"time"
)

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
			active: make([]*Tally, len(series)),
			spare:  make([]*Tally, len(series)),
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

// A Lane is where some of the users record. Its methods may be called from any
// goroutine.
type Lane struct {
	mu     sync.Mutex
	active []*Tally // by series, made on first use
	spare  []*Tally // empty; swapped in by Cut
	pacing Histogram
	under  []time.Duration
	series []Series

	answered, spareAnswered []*Backend // by number less 1, made on first use

	_ [64]byte // keeps the next lane's lock off this cache line
}

// tally returns the active tally of a series. The lock must be held.
func (l *Lane) tally(series int) *Tally {
	t := l.active[series]
	if t == nil {
		t = newLaneTally(len(l.under))
		l.active[series] = t
	}
	return t
}

// newLaneTally returns a tally of which no cache line is shared with what another lane
// writes to, lists included: that would cost more than the counting.
func newLaneTally(under int) *Tally {
	const line = 128 // two lines of 64 bytes, which processors fetch together
	padded := &struct {
		_ [line]byte
		Tally
		_ [line]byte
	}{}
	padded.Under = make([]int64, under, max(under, line/8))
	padded.Statuses = make([]StatusCount, 0, line/16)
	return &padded.Tally
}

// Plan counts a request that has become due.
func (l *Lane) Plan(series int) {
	l.mu.Lock()
	t := l.tally(series)
	t.Planned++
	t.InFlight++
	l.mu.Unlock()
}

// Unsend counts a planned request that will never be sent.
func (l *Lane) Unsend(series int) {
	l.mu.Lock()
	t := l.tally(series)
	t.Unsent++
	t.InFlight--
	l.mu.Unlock()
}

// Record counts a planned request that has ended.
func (l *Lane) Record(s *Sample) {
	l.mu.Lock()
	l.tally(s.Series).record(s, l.under)
	if s.Backend > 0 && !l.series[s.Series].Warmup {
		l.backend(s.Backend).record(s)
	}
	l.mu.Unlock()
}

// Pace counts how late the pacer was with an arrival, whether or not a user was
// free for it: the generator's own punctuality.
func (l *Lane) Pace(late time.Duration) {
	l.mu.Lock()
	l.pacing.Record(late)
	l.mu.Unlock()
}

// Cut returns what was recorded since the cut before, up to the offset end from
// the start of the run. One goroutine may call it at a time.
func (r *Recorder) Cut(end time.Duration) Interval {
	out := Interval{Index: r.index, Start: r.last, End: end}
	for _, l := range r.lanes {
		l.mu.Lock()
	}
	for _, l := range r.lanes {
		l.active, l.spare = l.spare, l.active
		l.answered, l.spareAnswered = l.spareAnswered, l.answered
		out.Pacing.Add(&l.pacing)
		l.pacing.Reset()
	}
	for _, l := range r.lanes {
		l.mu.Unlock()
	}
	r.index++
	r.last = end
	out.Backends = r.collectBackends()
	for series := range r.series {
		if part := r.collect(series); part != nil {
			out.Series = append(out.Series, *part)
		}
	}
	return out
}

// collect joins and empties the spare tallies of one series, and returns nil
// when nothing happened and nothing is in flight.
func (r *Recorder) collect(series int) *SeriesInterval {
	part := &SeriesInterval{Series: series, Tally: &Tally{Under: make([]int64, len(r.under))}}
	for _, l := range r.lanes {
		if t := l.spare[series]; t != nil && !t.empty() {
			part.Add(t)
			t.reset()
		}
	}
	quiet := part.empty()
	r.inFlight[series] += part.InFlight
	part.InFlight = r.inFlight[series]
	if quiet && part.InFlight == 0 {
		return nil
	}
	return part
}
