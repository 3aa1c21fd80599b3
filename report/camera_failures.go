package report

import (
	"cmp"
	"slices"

	"github.com/floodmark/floodmark/measure"
)

// failures adds up how requests failed, without their histograms.
type failures struct {
	name   func(series int) string
	ring   [tenSeconds]*measure.Tally
	latest *measure.Tally
	run    measure.Tally // without warm-up
}

// add takes the interval of the given number. After one that is too short the one before
// stays the latest, as it does for all other numbers.
func (f *failures) add(in *measure.Interval, number int, series []measure.Series, short bool) {
	now := new(measure.Tally)
	for _, s := range in.Series {
		light := lightly(s.Tally)
		now.Add(light)
		if s.Series >= 0 && s.Series < len(series) && !series[s.Series].Warmup {
			f.run.Add(light)
		}
	}
	f.ring[number%tenSeconds] = now
	if !short {
		f.latest = now
	}
}

// lightly returns what a tally says of failures.
func lightly(t *measure.Tally) *measure.Tally {
	return &measure.Tally{
		Counts: measure.Counts{Failed: t.Failed}, Outcomes: t.Outcomes, Statuses: t.Statuses, Exemplars: t.Exemplars,
	}
}

// views returns the ways in which requests failed, the most frequent in the run first.
func (f *failures) views() []FailureView {
	if f.latest == nil {
		return nil
	}
	var ten measure.Tally
	for _, t := range f.ring {
		if t != nil {
			ten.Add(t)
		}
	}
	var out []FailureView
	at := func(kind failureKind) *FailureView {
		label := short(kind.label)
		i := slices.IndexFunc(out, func(v FailureView) bool { return v.Label == label })
		if i < 0 {
			i = len(out)
			out = append(out, FailureView{Label: label, At: rounded(kind.sample.At), Sample: short(kind.sample.Detail)})
			if kind.sample.Outcome != measure.None {
				out[i].Endpoint = short(f.name(kind.sample.Series))
			}
		}
		return &out[i]
	}
	for _, k := range failureKinds(&f.run) {
		at(k).Count.Run += k.count
	}
	for _, k := range failureKinds(&ten) {
		at(k).Count.Ten += k.count
	}
	for _, k := range failureKinds(f.latest) {
		at(k).Count.Second += k.count
	}
	slices.SortStableFunc(out, func(a, b FailureView) int {
		return cmp.Or(cmp.Compare(b.Count.Run, a.Count.Run), cmp.Compare(b.Count.Ten, a.Count.Ten))
	})
	return out[:min(len(out), maxKinds)]
}
