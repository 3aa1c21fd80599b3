package report

import (
	"encoding/json"
	"math"
	"time"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/slo"
)

// The JSON form of a run: durations in seconds, units in names.
type runJSON struct {
	Version    string          `json:"floodmark_version"`
	Name       string          `json:"name"`
	Source     string          `json:"source"`
	Target     string          `json:"target"`
	Started    time.Time       `json:"started_at"`
	Planned    float64         `json:"planned_seconds"`
	Load       string          `json:"load"`
	Executor   string          `json:"executor"`
	Seed       uint64          `json:"seed"`
	Open       bool            `json:"open"`
	AskedRate  float64         `json:"asked_per_second"`
	InFlight   int             `json:"max_in_flight,omitempty"`
	Rules      rulesJSON       `json:"generator,omitzero"`
	Stages     []stageJSON     `json:"stages,omitempty"`
	Series     []seriesJSON    `json:"series,omitempty"`
	Under      []float64       `json:"under_seconds,omitempty"`
	Deadlines  []float64       `json:"deadlines_seconds,omitempty"`
	Failing    float64         `json:"failing_seconds,omitempty"`
	Objectives []objectiveJSON `json:"objectives,omitempty"`
}

type stageJSON struct {
	Name   string  `json:"name"`
	Start  float64 `json:"start_seconds"`
	End    float64 `json:"end_seconds"`
	Warmup bool    `json:"warmup,omitempty"`
}

type seriesJSON struct {
	Endpoint string `json:"endpoint"`
	Scenario string `json:"scenario"`
	Method   string `json:"method"`
	Stage    string `json:"stage"`
	Warmup   bool   `json:"warmup,omitempty"`
}

type objectiveJSON struct {
	Name       string        `json:"name"`
	Expression string        `json:"expression"`
	Select     []matcherJSON `json:"select,omitempty"`
	Point      bool          `json:"point,omitempty"`
	Target     float64       `json:"target,omitempty"`
	Within     float64       `json:"within_seconds,omitempty"`
}

type matcherJSON struct {
	Label string `json:"label"`
	Op    string `json:"op"`
	Value string `json:"value"`
}

// MarshalJSON writes the run as the head of a saved run.
func (r Run) MarshalJSON() ([]byte, error) {
	out := runJSON{
		Version: r.Version, Name: r.Name, Source: r.Source, Target: r.Target, Started: r.Started,
		Planned: r.Planned.Seconds(), Load: r.Load, Executor: r.Executor, Seed: r.Seed, Open: r.Open,
		AskedRate: finite(r.AskedRate), InFlight: r.MaxInFlight, Rules: r.Rules.json(),
		Under: inSeconds(r.Under), Deadlines: inSeconds(r.Deadlines), Failing: r.Failing.Seconds(),
	}
	for _, s := range r.Stages {
		out.Stages = append(out.Stages, stageJSON{s.Name, s.Start.Seconds(), s.End.Seconds(), s.Warmup})
	}
	for _, s := range r.Series {
		out.Series = append(out.Series, seriesJSON(s))
	}
	for _, o := range r.Objectives {
		out.Objectives = append(out.Objectives, o.json())
	}
	return json.Marshal(out)
}

func (t ObjectiveText) json() objectiveJSON {
	out := objectiveJSON{Name: t.Name, Expression: t.Expression, Point: t.Point, Target: finite(t.Target), Within: t.Within.Seconds()}
	for _, m := range t.Select {
		out.Select = append(out.Select, matcherJSON{m.Label, m.Op, m.Value})
	}
	return out
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (r *Run) UnmarshalJSON(data []byte) error {
	var in runJSON
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	*r = Run{
		Version: in.Version, Name: in.Name, Source: in.Source, Target: in.Target, Started: in.Started,
		Planned: measure.FromSeconds(in.Planned), Load: in.Load, Executor: in.Executor, Seed: in.Seed, Open: in.Open,
		AskedRate: in.AskedRate, MaxInFlight: in.InFlight, Rules: in.Rules.rules(),
		Under: fromSeconds(in.Under), Deadlines: fromSeconds(in.Deadlines), Failing: measure.FromSeconds(in.Failing),
	}
	for _, s := range in.Stages {
		r.Stages = append(r.Stages, Stage{Name: s.Name, Start: measure.FromSeconds(s.Start), End: measure.FromSeconds(s.End), Warmup: s.Warmup})
	}
	for _, s := range in.Series {
		r.Series = append(r.Series, measure.Series(s))
	}
	for _, o := range in.Objectives {
		r.Objectives = append(r.Objectives, o.text())
	}
	return nil
}

func (o objectiveJSON) text() ObjectiveText {
	out := ObjectiveText{Name: o.Name, Expression: o.Expression, Point: o.Point, Target: o.Target, Within: measure.FromSeconds(o.Within)}
	for _, m := range o.Select {
		out.Select = append(out.Select, slo.Matcher{Label: m.Label, Op: m.Op, Value: m.Value})
	}
	return out
}

// inSeconds returns durations as JSON has them.
func inSeconds(all []time.Duration) []float64 {
	var out []float64
	for _, d := range all {
		out = append(out, d.Seconds())
	}
	return out
}

// fromSeconds is the inverse of inSeconds.
func fromSeconds(all []float64) []time.Duration {
	var out []time.Duration
	for _, s := range all {
		out = append(out, measure.FromSeconds(s))
	}
	return out
}

// finite returns v, or 0 for what JSON cannot hold.
func finite(v float64) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	return v
}
