package verify

import (
	"encoding/json"
	"io"
)

// schemaName marks a document; it changes when a field changes its meaning.
const schemaName = "floodmark.verify/v1"

// A document is the JSON form of a result. Durations are in seconds.
type document struct {
	Schema    string         `json:"schema"`
	Version   string         `json:"floodmark_version"`
	Verdict   Verdict        `json:"verdict"`
	ExitCode  int            `json:"exit_code"`
	Reason    string         `json:"reason"`
	Rate      float64        `json:"rate_per_second"`
	Duration  float64        `json:"duration_seconds"`
	Bound     float64        `json:"bound_seconds"`
	Share     float64        `json:"bound_ratio"`
	Scenarios []scenarioJSON `json:"scenarios"`
}

type scenarioJSON struct {
	Name        string           `json:"name"`
	Requests    int              `json:"requests"`
	Connections int              `json:"max_connections"` // 0: as many as were needed
	StallStart  float64          `json:"stall_start_seconds"`
	StallEnd    float64          `json:"stall_end_seconds"` // both 0 without a stall
	Pacing      []pacingJSON     `json:"pacing"`
	Comparisons []comparisonJSON `json:"comparisons"`
}

type pacingJSON struct {
	Name string  `json:"name"`
	Late float64 `json:"late_seconds"`
}

type comparisonJSON struct {
	Clock       string           `json:"clock"`
	Reference   Reference        `json:"reference"`
	Percentiles []percentileJSON `json:"percentiles"`
}

type percentileJSON struct {
	Name     string   `json:"name"`
	Quantile float64  `json:"quantile"`
	Want     float64  `json:"want_seconds"`
	Measured float64  `json:"measured_seconds"`
	Error    float64  `json:"error_seconds"`
	Ratio    float64  `json:"error_ratio"`
	Bound    float64  `json:"bound_seconds"` // 0: not judged
	Standing Standing `json:"standing"`
}

// JSON writes the result for programs. version is Floodmark's own.
func (r *Result) JSON(w io.Writer, version string) error {
	out := document{
		Schema: schemaName, Version: version, Verdict: r.Verdict, ExitCode: r.Verdict.ExitCode(), Reason: r.Reason,
		Rate: r.Check.Rate, Duration: r.Check.Duration.Seconds(), Bound: r.Check.Bound.Seconds(), Share: r.Check.Share,
		Scenarios: []scenarioJSON{},
	}
	for i := range r.Scenarios {
		out.Scenarios = append(out.Scenarios, r.Scenarios[i].json())
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(out)
}

func (s *Scenario) json() scenarioJSON {
	out := scenarioJSON{
		Name: s.Name, Requests: s.Requests, Connections: s.Connections,
		StallStart: s.Stall.Start.Seconds(), StallEnd: s.Stall.End.Seconds(),
	}
	for _, p := range s.Pacing {
		out.Pacing = append(out.Pacing, pacingJSON{p.Name, p.Measured.Seconds()})
	}
	for _, c := range s.Comparisons {
		comparison := comparisonJSON{Clock: c.Clock.String(), Reference: c.Reference}
		for _, p := range c.Percentiles {
			comparison.Percentiles = append(comparison.Percentiles, percentileJSON{
				p.Name, p.Quantile, p.Want.Seconds(), p.Measured.Seconds(),
				p.Error().Seconds(), p.Ratio(), p.Bound.Seconds(), p.Standing,
			})
		}
		out.Comparisons = append(out.Comparisons, comparison)
	}
	return out
}
