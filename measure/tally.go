package measure

import (
	"slices"
	"time"
)

// Counts accounts for planned requests. At any cut and at the end,
// Planned = Succeeded + Failed + Unsent + InFlight.
type Counts struct {
	Planned   int64 // became due
	Succeeded int64 // met the profile's success rule
	Failed    int64 // ended otherwise
	Unsent    int64 // found no place: max_in_flight was reached; or no time: see loadgen.Control
	InFlight  int64 // due and not ended: waiting for a user, or on the wire
}

// Finished returns how many requests ended, well or badly.
func (c Counts) Finished() int64 { return c.Succeeded + c.Failed }

// Balanced reports whether every planned request is accounted for.
func (c Counts) Balanced() bool {
	return c.Planned == c.Succeeded+c.Failed+c.Unsent+c.InFlight
}

// add adds what other counted.
func (c *Counts) add(other Counts) {
	c.Planned += other.Planned
	c.Succeeded += other.Succeeded
	c.Failed += other.Failed
	c.Unsent += other.Unsent
	c.InFlight += other.InFlight
}

// StatusCount is how often one status code came.
type StatusCount struct {
	Status int
	Count  int64
}

// An Exemplar is one failure, told in words.
type Exemplar struct {
	At      time.Duration // when it ended, from the start of the run
	Series  int
	Outcome Outcome
	Status  int
	Detail  string // at most maxDetail bytes, as the target or the system put it
}

// Limits of what a tally keeps besides numbers.
const (
	maxStatuses  = 32
	maxExemplars = 16
	maxDetail    = 200
)

// A Tally is everything counted about some requests. The zero value is empty and
// ready. It is not safe for concurrent use.
type Tally struct {
	Counts
	Late     int64 // sent more than LateAfter after their intended start
	Outcomes [OutcomeCount]int64
	Statuses []StatusCount // in order of first appearance; rare surplus codes show only as class
	Under    []int64       // by threshold of the recorder: succeeded with response <= T
	Overdue  []Overdue     // by deadline of the recorder; nil while nothing is
	BytesIn  int64
	BytesOut int64

	Response, Service, Lag Histogram
	Connect, TLS           Histogram // of new connections only

	Exemplars []Exemplar // the first failure of each kind
}

// record counts one sample; under holds the recorder's thresholds.
func (t *Tally) record(s *Sample, under []time.Duration) {
	response, lag := s.Response(), s.Lag()
	t.Response.Record(response)
	t.Service.Record(s.Service())
	t.Lag.Record(lag)
	if s.Connect > 0 {
		t.Connect.Record(s.Connect)
	}
	if s.TLS > 0 {
		t.TLS.Record(s.TLS)
	}
	if lag > LateAfter {
		t.Late++
	}
	t.Outcomes[s.Outcome]++
	t.BytesIn += s.BytesIn
	t.BytesOut += s.BytesOut
	if s.Status != 0 {
		t.addStatus(s.Status, 1)
	}
	t.InFlight--
	if !s.Succeeded {
		t.Failed++
		t.keepExemplar(s)
		return
	}
	t.Succeeded++
	for i, limit := range under {
		if response <= limit {
			t.Under[i]++
		}
	}
}

// addStatus counts a status code; past maxStatuses new codes are not told apart.
func (t *Tally) addStatus(status int, n int64) {
	for i := range t.Statuses {
		if t.Statuses[i].Status == status {
			t.Statuses[i].Count += n
			return
		}
	}
	if len(t.Statuses) < maxStatuses {
		t.Statuses = append(t.Statuses, StatusCount{status, n})
	}
}

// keepExemplar keeps the sample's detail if it is the first of its kind.
func (t *Tally) keepExemplar(s *Sample) {
	if t.hasExemplar(s.Series, s.Outcome, s.Status) {
		return
	}
	detail := string(s.Detail[:min(len(s.Detail), maxDetail)])
	t.Exemplars = append(t.Exemplars, Exemplar{s.Done, s.Series, s.Outcome, s.Status, detail})
}

// hasExemplar reports whether one more exemplar of this kind has no place.
func (t *Tally) hasExemplar(series int, outcome Outcome, status int) bool {
	return len(t.Exemplars) >= maxExemplars || slices.ContainsFunc(t.Exemplars, func(e Exemplar) bool {
		return e.Series == series && e.Outcome == outcome && e.Status == status
	})
}

// Add counts everything that other holds.
func (t *Tally) Add(other *Tally) {
	t.add(other.Counts)
	t.Late += other.Late
	for i, n := range other.Outcomes {
		t.Outcomes[i] += n
	}
	for _, s := range other.Statuses {
		t.addStatus(s.Status, s.Count)
	}
	if len(t.Under) < len(other.Under) {
		t.Under = append(t.Under, make([]int64, len(other.Under)-len(t.Under))...)
	}
	for i, n := range other.Under {
		t.Under[i] += n
	}
	if len(t.Overdue) < len(other.Overdue) {
		t.Overdue = append(t.Overdue, make([]Overdue, len(other.Overdue)-len(t.Overdue))...)
	}
	for i, o := range other.Overdue {
		t.Overdue[i].Add(o, 1)
	}
	t.BytesIn += other.BytesIn
	t.BytesOut += other.BytesOut
	t.Response.Add(&other.Response)
	t.Service.Add(&other.Service)
	t.Lag.Add(&other.Lag)
	t.Connect.Add(&other.Connect)
	t.TLS.Add(&other.TLS)
	for _, e := range other.Exemplars {
		if !t.hasExemplar(e.Series, e.Outcome, e.Status) {
			t.Exemplars = append(t.Exemplars, e)
		}
	}
}

// empty reports whether nothing was counted and nothing is in flight.
func (t *Tally) empty() bool {
	return t.Counts == Counts{} && t.Response.count == 0
}

// reset empties the tally and keeps its memory.
func (t *Tally) reset() {
	t.Counts = Counts{}
	t.Late, t.BytesIn, t.BytesOut = 0, 0, 0
	t.Outcomes = [OutcomeCount]int64{}
	t.Statuses = t.Statuses[:0]
	clear(t.Under)
	t.Response.Reset()
	t.Service.Reset()
	t.Lag.Reset()
	t.Connect.Reset()
	t.TLS.Reset()
	t.Exemplars = nil // handed on with the interval
}
