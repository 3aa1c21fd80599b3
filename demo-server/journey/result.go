package journey

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"
)

// A Result is what floodmark says of one run: what is used here of its result.json, and
// its seconds. Durations are in seconds, and 0 where nothing was measured.
type Result struct {
	Started   time.Time        `json:"started_at"`
	Verdict   string           `json:"verdict"`
	Counts    Counts           `json:"counts"`
	Rates     Rates            `json:"rate_per_second"`
	Response  Clock            `json:"response"`
	Service   Clock            `json:"service"`
	Statuses  map[string]int64 `json:"statuses"`
	Endpoints []Endpoint       `json:"endpoints"`
	SLOs      []SLO            `json:"slos"`
	Alerts    []Alert          `json:"alerts"`
	Generator Generator        `json:"generator"`

	Seconds []Second `json:"-"` // warm-up included
}

// Counts says where the requests of a run went, those of the warm-up not among them.
type Counts struct {
	Planned   int64 `json:"planned"`
	Succeeded int64 `json:"succeeded"`
	Failed    int64 `json:"failed"`
	Unsent    int64 `json:"unsent"`
	InFlight  int64 `json:"in_flight"`
}

// Rates are per second.
type Rates struct {
	Asked     float64 `json:"asked"`
	Completed float64 `json:"completed"`
}

// A Clock is the distribution of one kind of time.
type Clock struct {
	Count int64   `json:"count"`
	Mean  float64 `json:"mean_seconds"`
	P50   float64 `json:"p50_seconds"`
	P99   float64 `json:"p99_seconds"`
	Max   float64 `json:"max_seconds"`
}

// An Endpoint is the part of a result that is about one endpoint.
type Endpoint struct {
	Name     string `json:"name"`
	Counts   Counts `json:"counts"`
	Response Clock  `json:"response"`
}

// An SLO is an objective with what was observed: seconds, or a ratio.
type SLO struct {
	Name     string   `json:"name"`
	Observed *float64 `json:"observed"`
}

// An Alert is a change of an alert.
type Alert struct {
	Rule  string  `json:"rule"`
	State string  `json:"state"`
	At    float64 `json:"at_seconds"`
}

// A Generator says whether the one who loaded was good enough.
type Generator struct {
	Valid   bool     `json:"valid"`
	Reasons []string `json:"reasons"`
	Pacing  float64  `json:"pacing_p99_seconds"`
}

// A Second is one interval of a run.
type Second struct {
	Start, End float64 // seconds from the start of the run
	Succeeded  int64
	Failed     int64
	P99        float64 // response of the slowest endpoint
	Statuses   map[int]int64
}

// ReadResult reads result.json and events.ndjson of a run.
func ReadResult(result, events io.Reader) (Result, error) {
	var r Result
	if err := json.NewDecoder(result).Decode(&r); err != nil {
		return r, fmt.Errorf("the result: %w", err)
	}
	lines := bufio.NewScanner(events)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		if !bytes.Contains(lines.Bytes(), []byte(`"type":"interval"`)) {
			continue
		}
		second, err := readSecond(lines.Bytes())
		if err != nil {
			return r, fmt.Errorf("the seconds: %w", err)
		}
		r.Seconds = append(r.Seconds, second)
	}
	return r, lines.Err()
}

// readSecond reads a line of events.ndjson.
func readSecond(line []byte) (Second, error) {
	var in struct {
		Start  float64 `json:"start_seconds"`
		End    float64 `json:"end_seconds"`
		Series []struct {
			Succeeded int64        `json:"succeeded"`
			Failed    int64        `json:"failed"`
			Statuses  [][2]float64 `json:"statuses"`
			Clocks    struct {
				Response struct {
					P99 float64 `json:"p99_seconds"`
				} `json:"response"`
			} `json:"clocks"`
		} `json:"series"`
	}
	if err := json.Unmarshal(line, &in); err != nil {
		return Second{}, err
	}
	second := Second{Start: in.Start, End: in.End, Statuses: map[int]int64{}}
	for _, series := range in.Series {
		second.Succeeded += series.Succeeded
		second.Failed += series.Failed
		second.P99 = max(second.P99, series.Clocks.Response.P99)
		for _, status := range series.Statuses {
			second.Statuses[int(status[0])] += int64(status[1])
		}
	}
	return second, nil
}

// Between returns how many requests succeeded per second between two times of the run, in
// all seconds that lie wholly between them.
func (r Result) Between(from, to time.Duration) float64 {
	var succeeded int64
	var length float64
	for _, s := range r.Seconds {
		if s.Start > from.Seconds()-0.1 && s.End < to.Seconds()+0.1 {
			succeeded += s.Succeeded
			length += s.End - s.Start
		}
	}
	if length == 0 {
		return 0
	}
	return float64(succeeded) / length
}

// Errors returns the share of requests that failed, or were not even sent.
func (r Result) Errors() float64 {
	if r.Counts.Planned == 0 {
		return 0
	}
	return float64(r.Counts.Planned-r.Counts.Succeeded) / float64(r.Counts.Planned)
}

// holds reports whether the load was held: a p99 within the limit and fewer than one
// request in a thousand failed.
func (r Result) holds(limit time.Duration) bool {
	return r.Counts.Succeeded > 0 && r.Response.P99 <= limit.Seconds() && r.Errors() < 0.001
}

// SLO returns what was observed for an objective, and 0 if nothing was.
func (r Result) SLO(name string) float64 {
	for _, s := range r.SLOs {
		if s.Name == name && s.Observed != nil {
			return *s.Observed
		}
	}
	return 0
}

// Endpoint returns the part about one endpoint, empty if there is none.
func (r Result) Endpoint(name string) Endpoint {
	i := slices.IndexFunc(r.Endpoints, func(e Endpoint) bool { return e.Name == name })
	if i < 0 {
		return Endpoint{Name: name}
	}
	return r.Endpoints[i]
}

// Status returns how many answers had a status.
func (r Result) Status(code int) int64 { return r.Statuses[strconv.Itoa(code)] }
