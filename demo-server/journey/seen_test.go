package journey_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/floodmark/floodmark/demo-server/journey"
)

// seen returns a stage and what was seen of it once: testdata/seen holds what a real
// backend and a real load said, in a quick journey. Of the samples of the counters only
// those are kept at which something changed. The computer was busy then; here it is quiet.
func seen(t *testing.T, name string) (journey.Stage, []*journey.Observation) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "seen", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Case string
		Runs []struct {
			Result        journey.Result
			Seconds       []journey.Second
			Before, After journey.Stats
			Acts          []journey.Done
			Samples       []journey.Sample
		}
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	stages, err := journey.Pick(journey.Stages(), []string{name})
	if err != nil {
		t.Fatal(err)
	}
	stage := stages[0]
	all := make([]*journey.Observation, len(cases))
	for i, c := range cases {
		if stage.Cases[i].Name != c.Case {
			t.Fatalf("case %d is %s, and %s was seen", i, stage.Cases[i].Name, c.Case)
		}
		all[i] = &journey.Observation{Case: stage.Cases[i], Quick: true}
		for j, r := range c.Runs {
			run := journey.Run{
				Load: stage.Cases[i].Loads[j], Quick: true, Result: r.Result,
				Before: r.Before, After: r.After, Acts: r.Acts, Samples: r.Samples,
			}
			run.Result.Seconds = r.Seconds
			all[i].Runs = append(all[i].Runs, run)
		}
		all[i].Last = c.Runs[len(c.Runs)-1].After
	}
	disturb(all, true, 0.0001)
	return stage, all
}

// disturb says whether the generator was good enough, and how late all machines were.
func disturb(all []*journey.Observation, valid bool, lag float64) {
	late := func(s journey.Stats) {
		for _, h := range s.Hosts {
			if h.Machine != nil {
				h.Machine.Lag.Mean, h.Machine.Lag.P99 = lag, lag
			}
		}
	}
	for _, o := range all {
		for i := range o.Runs {
			o.Runs[i].Result.Generator = journey.Generator{Valid: valid, Pacing: 0.0003}
			late(o.Runs[i].After)
			for _, sample := range o.Runs[i].Samples {
				late(sample.Stats)
			}
		}
		late(o.Last)
	}
}

// arrive adds to the requests that a replica has had by the end of a run.
func arrive(run *journey.Run, more uint64) {
	for i, h := range run.After.Hosts {
		for j, n := range h.Nodes {
			if n.Part == "web" {
				run.After.Hosts[i].Nodes[j].Requests.Total += more
				return
			}
		}
	}
}

// change, endpoint and observed panic where there is nothing to change: it is the test that
// is wrong then.

// change changes a value in the details of the first node of a part that has it.
func change(s journey.Stats, part string, to func(was any) any, path ...string) {
	for i, h := range s.Hosts {
		for j, n := range h.Nodes {
			var detail any
			if n.Part != part || json.Unmarshal(n.Detail, &detail) != nil || !put(detail, to, path) {
				continue
			}
			text, err := json.Marshal(detail)
			if err != nil {
				panic(err)
			}
			s.Hosts[i].Nodes[j].Detail = text
			return
		}
	}
	panic(fmt.Sprintf("no %s has %v", part, path))
}

// put changes what a path leads to: names of objects, each anywhere within the one before.
func put(v any, to func(was any) any, path []string) bool {
	switch v := v.(type) {
	case map[string]any:
		inner, ok := v[path[0]]
		switch {
		case ok && len(path) == 1:
			v[path[0]] = to(inner)
			return true
		case ok:
			return put(inner, to, path[1:])
		}
		return slices.ContainsFunc(slices.Sorted(maps.Keys(v)), func(key string) bool { return put(v[key], to, path) })
	case []any:
		return slices.ContainsFunc(v, func(inner any) bool { return put(inner, to, path) })
	}
	return false
}

// times makes a number so many times what it was.
func times(factor float64) func(any) any {
	return func(was any) any {
		n, _ := was.(float64)
		return factor * n
	}
}

// always makes it a value.
func always(value any) func(any) any { return func(any) any { return value } }

// endpoint returns a part of a result, to be changed.
func endpoint(run *journey.Run, name string) *journey.Endpoint {
	i := slices.IndexFunc(run.Result.Endpoints, func(e journey.Endpoint) bool { return e.Name == name })
	if i < 0 {
		panic(fmt.Sprintf("no endpoint %s", name))
	}
	return &run.Result.Endpoints[i]
}

// observed changes what was observed for an objective; nil: nothing was.
func observed(run *journey.Run, name string, value *float64) {
	i := slices.IndexFunc(run.Result.SLOs, func(s journey.SLO) bool { return s.Name == name })
	if i < 0 {
		panic(fmt.Sprintf("no objective %s", name))
	}
	run.Result.SLOs[i].Observed = value
}

// fail lets a share of the requests of some seconds fail.
func fail(run *journey.Run, from, to, share float64) {
	for i := range run.Result.Seconds {
		s := &run.Result.Seconds[i]
		if s.Start > from && s.End < to {
			all := s.Succeeded + s.Failed
			s.Failed = int64(share * float64(all))
			s.Succeeded = all - s.Failed
		}
	}
}

// admit lets so many requests of each second succeed, and returns how many more those are.
func admit(run *journey.Run, succeeded int64) uint64 {
	var more int64
	for i := range run.Result.Seconds {
		more += succeeded - run.Result.Seconds[i].Succeeded
		run.Result.Seconds[i].Succeeded = succeeded
	}
	return uint64(max(more, 0))
}
