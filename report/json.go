package report

import (
	"encoding/json"
	"io"
	"strconv"
	"time"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/quantity"
)

// schemaName marks a result; it changes when a field changes its meaning.
const schemaName = "floodmark.result/v1"

// A result is the JSON form of a summary. Durations are in seconds; a value that
// nobody measured is null.
type result struct {
	Schema     string           `json:"schema"`
	Version    string           `json:"floodmark_version"`
	Name       string           `json:"name"`
	Target     string           `json:"target"`
	Load       string           `json:"load"`
	Seed       uint64           `json:"seed"`
	Started    time.Time        `json:"started_at"`
	Seconds    float64          `json:"duration_seconds"`
	Verdict    Verdict          `json:"verdict"`
	ExitCode   int              `json:"exit_code"`
	Reason     string           `json:"reason"`
	Counts     counts           `json:"counts"`
	Late       int64            `json:"late"`
	Clamped    int64            `json:"clamped"`
	Rates      rates            `json:"rate_per_second"`
	Response   clock            `json:"response"`
	Service    clock            `json:"service"`
	Lag        clock            `json:"lag"`
	Connect    clock            `json:"connect"`
	TLS        clock            `json:"tls"`
	Outcomes   map[string]int64 `json:"outcomes"`
	Statuses   map[string]int64 `json:"statuses"`
	Bytes      byteCounts       `json:"bytes"`
	Exemplars  []exemplar       `json:"exemplars"`
	Endpoints  []endpoint       `json:"endpoints"`
	Backends   []backend        `json:"backends"`
	Warmup     counts           `json:"warmup"`
	Objectives []objective      `json:"slos"`
	Steered    []Steer          `json:"steered"`
	Marks      Marks            `json:"marks"`
	Alerts     []Change         `json:"alerts"`
	Notices    []toldJSON       `json:"notices"`
	Deliveries []Delivery       `json:"deliveries"`
	Omitted    int              `json:"alerts_omitted"`
	Unheard    int              `json:"undelivered"`
	Generator  generatorDetails `json:"generator"`
	Lost       int              `json:"lost_intervals"`
	Warnings   []string         `json:"warnings"`
}

type counts struct {
	Planned   int64 `json:"planned"`
	Succeeded int64 `json:"succeeded"`
	Failed    int64 `json:"failed"`
	Unsent    int64 `json:"unsent"`
	InFlight  int64 `json:"in_flight"`
}

type rates struct {
	Asked     float64 `json:"asked"`
	Sent      float64 `json:"sent"`
	Completed float64 `json:"completed"`
}

type byteCounts struct {
	In  int64 `json:"in"`
	Out int64 `json:"out"`
}

type clock struct {
	Count int64    `json:"count"`
	P50   *float64 `json:"p50_seconds"`
	P90   *float64 `json:"p90_seconds"`
	P95   *float64 `json:"p95_seconds"`
	P99   *float64 `json:"p99_seconds"`
	P999  *float64 `json:"p999_seconds"`
	Max   *float64 `json:"max_seconds"`
	Mean  *float64 `json:"mean_seconds"`
}

type exemplar struct {
	At       float64 `json:"at_seconds"`
	Endpoint string  `json:"endpoint"`
	Outcome  string  `json:"outcome"`
	Status   int     `json:"status"`
	Detail   string  `json:"detail"`
}

type endpoint struct {
	Name     string           `json:"name"`
	Counts   counts           `json:"counts"`
	Rate     float64          `json:"completed_per_second"`
	Response clock            `json:"response"`
	Service  clock            `json:"service"`
	Lag      clock            `json:"lag"`
	Outcomes map[string]int64 `json:"outcomes"`
	Bytes    byteCounts       `json:"bytes"`
}

// JSON writes the summary for scripts, as [Schema] describes it: indented, in a
// fixed order, the same bytes for the same summary. It never writes NaN or an
// infinity.
func JSON(w io.Writer, s Summary) error {
	out, err := json.MarshalIndent(s.result(), "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(out, '\n'))
	return err
}

func (s *Summary) result() result {
	t := s.Measured
	out := result{
		Schema: schemaName, Version: s.Run.Version, Name: s.Run.Name, Target: s.Run.Target, Load: s.Run.Load,
		Seed: s.Run.Seed, Started: s.Run.Started.UTC(), Seconds: s.Ending.Elapsed.Seconds(),
		Verdict: s.Verdict, ExitCode: s.ExitCode, Reason: s.Reason,
		Counts: countsOf(t), Late: t.Late, Clamped: t.Response.Clamped(),
		Rates: rates{
			Asked:     finite(s.run.AskedRate),
			Sent:      perSecond(t.Planned-t.Unsent, s.Loaded),
			Completed: perSecond(t.Finished(), s.Elapsed),
		},
		Response: clockOf(&t.Response), Service: clockOf(&t.Service), Lag: clockOf(&t.Lag),
		Connect: clockOf(&t.Connect), TLS: clockOf(&t.TLS),
		Outcomes: t.OutcomeMap(), Statuses: make(map[string]int64), Bytes: byteCounts{t.BytesIn, t.BytesOut},
		Exemplars: []exemplar{}, Endpoints: []endpoint{}, Objectives: []objective{},
		Steered: append([]Steer{}, s.Ending.Steered...), Marks: append(Marks{}, s.Ending.Marks...),
		Alerts: s.Ending.Alerts.changes(), Notices: s.Ending.Alerts.notices(), Deliveries: s.Ending.Alerts.deliveries(),
		Omitted: s.Ending.Alerts.Omitted, Unheard: s.Ending.Alerts.Undelivered,
		Backends: backendsOf(s.Totals.Backends, s.Elapsed),
		Warmup:   countsOf(s.Warmup), Generator: s.generatorDetails(),
		Lost: s.Ending.LostIntervals, Warnings: append([]string{}, s.Ending.Warnings...),
	}
	for _, status := range t.Statuses {
		out.Statuses[strconv.Itoa(status.Status)] = status.Count
	}
	for _, e := range t.Exemplars {
		out.Exemplars = append(out.Exemplars, s.exemplar(e))
	}
	for _, e := range s.Endpoints {
		out.Endpoints = append(out.Endpoints, endpointOf(e, s.Elapsed))
	}
	for _, status := range s.Statuses {
		out.Objectives = append(out.Objectives, objectiveOf(status, 1))
	}
	return out
}

func countsOf(t *measure.Tally) counts { return counts(t.Counts) }

func clockOf(h *measure.Histogram) clock {
	out := clock{Count: h.Count()}
	if h.Count() == 0 {
		return out
	}
	quantile := func(q float64) *float64 { return new(h.Quantile(q).Seconds()) }
	out.P50, out.P90, out.P95 = quantile(0.5), quantile(0.9), quantile(0.95)
	out.P99, out.P999 = quantile(0.99), quantile(0.999)
	out.Max, out.Mean = new(h.Max().Seconds()), new(h.Mean().Seconds())
	return out
}

func (s *Summary) exemplar(e measure.Exemplar) exemplar {
	out := exemplar{At: e.At.Seconds(), Outcome: e.Outcome.String(), Status: e.Status, Detail: quantity.Line(e.Detail)}
	if series := s.Totals.Series(); e.Series >= 0 && e.Series < len(series) {
		out.Endpoint = series[e.Series].Endpoint
	}
	return out
}

func endpointOf(e Endpoint, elapsed time.Duration) endpoint {
	return endpoint{
		Name: e.Name, Counts: countsOf(e.Tally), Rate: perSecond(e.Finished(), elapsed),
		Response: clockOf(&e.Response), Service: clockOf(&e.Service), Lag: clockOf(&e.Lag),
		Outcomes: e.OutcomeMap(), Bytes: byteCounts{e.BytesIn, e.BytesOut},
	}
}
