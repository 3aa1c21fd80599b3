package measure

import (
	"encoding/json"
	"fmt"
	"math"
	"time"
)

// The JSON form of an interval holds everything but the histograms' buckets,
// which go to the .hlog file. Durations are in seconds.
type intervalJSON struct {
	Index    int           `json:"index"`
	Start    float64       `json:"start_seconds"`
	End      float64       `json:"end_seconds"`
	Series   []seriesJSON  `json:"series,omitempty"`
	Pacing   *clockJSON    `json:"pacing,omitempty"`
	Backends []backendJSON `json:"backends,omitempty"`
	Health   *Health       `json:"health,omitempty"`
	Paused   float64       `json:"paused_seconds,omitempty"`
}

type seriesJSON struct {
	Series    int                   `json:"series"`
	Planned   int64                 `json:"planned"`
	Succeeded int64                 `json:"succeeded"`
	Failed    int64                 `json:"failed"`
	Unsent    int64                 `json:"unsent"`
	InFlight  int64                 `json:"in_flight"`
	Late      int64                 `json:"late,omitempty"`
	Outcomes  map[string]int64      `json:"outcomes,omitempty"`
	Statuses  [][2]int64            `json:"statuses,omitempty"` // pairs of code and count
	Under     []int64               `json:"under,omitempty"`
	Overdue   [][3]int64            `json:"overdue,omitempty"` // new, ended, succeeded; left out while nothing is
	BytesIn   int64                 `json:"bytes_in"`
	BytesOut  int64                 `json:"bytes_out"`
	Clocks    map[string]*clockJSON `json:"clocks,omitempty"`
	Exemplars []exemplarJSON        `json:"exemplars,omitempty"`
}

type backendJSON struct {
	Address   string     `json:"address"`
	Succeeded int64      `json:"succeeded"`
	Failed    int64      `json:"failed"`
	Connected int64      `json:"connections,omitempty"`
	Response  *clockJSON `json:"response"`
}

type clockJSON struct {
	Count   int64   `json:"count"`
	Sum     float64 `json:"sum_seconds"`
	Min     float64 `json:"min_seconds"`
	Max     float64 `json:"max_seconds"`
	P99     float64 `json:"p99_seconds"`
	Clamped int64   `json:"clamped,omitempty"`
}

type exemplarJSON struct {
	At      float64 `json:"at_seconds"`
	Outcome string  `json:"outcome"`
	Status  int     `json:"status,omitempty"`
	Detail  string  `json:"detail,omitempty"`
}

// MarshalJSON writes the interval without the buckets of its histograms.
func (i *Interval) MarshalJSON() ([]byte, error) {
	out := intervalJSON{
		Index: i.Index, Start: i.Start.Seconds(), End: i.End.Seconds(), Pacing: clockToJSON(&i.Pacing),
		Health: i.Health, Paused: i.Paused.Seconds(),
	}
	for _, part := range i.Series {
		out.Series = append(out.Series, seriesToJSON(part))
	}
	for _, b := range i.Backends {
		out.Backends = append(out.Backends, backendJSON{b.Address, b.Succeeded, b.Failed, b.Connected, clockToJSON(&b.Response)})
	}
	return json.Marshal(out)
}

func seriesToJSON(part SeriesInterval) seriesJSON {
	out := seriesJSON{
		Series: part.Series, Planned: part.Planned, Succeeded: part.Succeeded, Failed: part.Failed,
		Unsent: part.Unsent, InFlight: part.InFlight, Late: part.Late, Under: part.Under,
		BytesIn: part.BytesIn, BytesOut: part.BytesOut,
		Outcomes: part.OutcomeMap(),
		Clocks:   make(map[string]*clockJSON),
	}
	for _, s := range part.Statuses {
		out.Statuses = append(out.Statuses, [2]int64{int64(s.Status), s.Count})
	}
	for _, o := range part.Overdue {
		out.Overdue = append(out.Overdue, [3]int64{o.New, o.Ended, o.Succeeded})
	}
	for c := range ClockCount {
		if h := clockToJSON(part.Clock(c)); h != nil {
			out.Clocks[c.String()] = h
		}
	}
	for _, e := range part.Exemplars {
		out.Exemplars = append(out.Exemplars, exemplarJSON{e.At.Seconds(), e.Outcome.String(), e.Status, e.Detail})
	}
	return out
}

// OutcomeMap returns the outcomes that occurred, by name.
func (t *Tally) OutcomeMap() map[string]int64 {
	out := make(map[string]int64)
	for o, n := range t.Outcomes {
		if n > 0 {
			out[Outcome(o).String()] = n
		}
	}
	return out
}

func clockToJSON(h *Histogram) *clockJSON {
	if h.count == 0 {
		return nil
	}
	return &clockJSON{h.count, h.sum.Seconds(), h.min.Seconds(), h.max.Seconds(), h.Quantile(0.99).Seconds(), h.clamped}
}

// UnmarshalJSON reads what MarshalJSON wrote. The histograms know their count,
// sum and extremes then; [LogReader.Fill] gives them their buckets.
func (i *Interval) UnmarshalJSON(data []byte) error {
	var in intervalJSON
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	*i = Interval{Index: in.Index, Start: FromSeconds(in.Start), End: FromSeconds(in.End), Health: in.Health, Paused: FromSeconds(in.Paused)}
	i.Pacing.restore(in.Pacing)
	for _, b := range in.Backends {
		backend := &Backend{Address: b.Address, Succeeded: b.Succeeded, Failed: b.Failed, Connected: b.Connected}
		backend.Response.restore(b.Response)
		i.Backends = append(i.Backends, backend)
	}
	for _, s := range in.Series {
		part, err := seriesFromJSON(s)
		if err != nil {
			return fmt.Errorf("interval %d: series %d: %w", in.Index, s.Series, err)
		}
		i.Series = append(i.Series, part)
	}
	return nil
}

func seriesFromJSON(s seriesJSON) (SeriesInterval, error) {
	t := &Tally{
		Counts: Counts{s.Planned, s.Succeeded, s.Failed, s.Unsent, s.InFlight},
		Late:   s.Late, Under: s.Under, BytesIn: s.BytesIn, BytesOut: s.BytesOut,
	}
	for name, n := range s.Outcomes {
		o, ok := ParseOutcome(name)
		if !ok {
			return SeriesInterval{}, fmt.Errorf("unknown outcome %q", name)
		}
		t.Outcomes[o] = n
	}
	for _, pair := range s.Statuses {
		t.Statuses = append(t.Statuses, StatusCount{int(pair[0]), pair[1]})
	}
	for _, o := range s.Overdue {
		t.Overdue = append(t.Overdue, Overdue{o[0], o[1], o[2]})
	}
	for name, c := range s.Clocks {
		clock, ok := parseClock(name)
		if !ok {
			return SeriesInterval{}, fmt.Errorf("unknown clock %q", name)
		}
		t.Clock(clock).restore(c)
	}
	for _, e := range s.Exemplars {
		o, _ := ParseOutcome(e.Outcome)
		t.Exemplars = append(t.Exemplars, Exemplar{FromSeconds(e.At), s.Series, o, e.Status, e.Detail})
	}
	return SeriesInterval{s.Series, t}, nil
}

// restore sets what is known exactly and leaves the buckets to be filled.
func (h *Histogram) restore(c *clockJSON) {
	if c != nil {
		h.count, h.clamped = c.Count, c.Clamped
		h.sum, h.min, h.max = FromSeconds(c.Sum), FromSeconds(c.Min), FromSeconds(c.Max)
	}
}

// FromSeconds converts back what Duration.Seconds gave, exact to the nanosecond for
// runs of up to a month.
func FromSeconds(s float64) time.Duration {
	return time.Duration(math.Round(s * 1e9))
}
