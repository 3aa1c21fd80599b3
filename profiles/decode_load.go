package profiles

import (
	"slices"

	"github.com/floodmark/floodmark/profiles/document"
)

// decodeLoad reads the load. Whether a level is a rate or a number of users depends on the executor, so that comes first.
func (d *decoder) decodeLoad(s section) {
	l := &d.profile.Load
	executor, arrivals, pacing := "", string(l.Arrivals), string(l.Pacing)
	s.Text("executor", &executor)
	s.Text("arrivals", &arrivals)
	s.Text("pacing", &pacing)
	l.Executor, l.Arrivals, l.Pacing = Executor(executor), Arrivals(arrivals), Pacing(pacing)
	s.rate("rate", &l.Rate)
	s.Integer("vus", &l.VUs)
	s.Duration("duration", &l.Duration)
	d.decodeLoadWarmup(s)
	d.level(s, "start", &l.Start)
	s.List("stages", d.decodeStage)
	d.decodeRequests(s)
	s.Integer("max_in_flight", &l.MaxInFlight)
	s.Duration("drain", &l.Drain)
}

// decodeLoadWarmup reads a duration; true belongs to a stage.
func (d *decoder) decodeLoadWarmup(s section) {
	f, ok := s.Fields["warmup"]
	if ok && (f.Node.Text == "true" || f.Node.Text == "false") {
		d.Wrong(f, "write a duration such as 10s here, or true in a stage", "%s is not a duration", document.Quote(f.Node.Raw))
		return
	}
	s.Duration("warmup", &d.profile.Load.Warmup)
}

// level reads a rate or a number of users. With an executor that does not exist nobody knows which, and the executor is
// the thing to mend.
func (d *decoder) level(s section, key string, into *float64) {
	switch e := d.profile.Load.Executor; {
	case e.Open():
		s.rate(key, into)
	case slices.Contains(executors(), string(e)):
		s.Number(key, into)
	default:
		d.Broken[document.Join(s.Path, key)] = true
	}
}

func (d *decoder) decodeStage(f document.Field) {
	var stage Stage
	if s, ok := d.section(f, "stage"); ok {
		s.Text("name", &stage.Name)
		s.Duration("duration", &stage.Duration)
		d.level(s, "target", &stage.Target)
		s.Flag("warmup", &stage.Warmup)
		for _, key := range []string{"duration", "target"} {
			if _, ok := s.Fields[key]; !ok && !d.Broken[document.Join(f.Path, key)] {
				d.Wrong(document.Field{Path: document.Join(f.Path, key), At: f.At, Node: f.Node}, "every stage has a duration and a target", "this stage has no %s", key)
			}
		}
	}
	d.profile.Load.Stages = append(d.profile.Load.Stages, stage)
}

// decodeRequests reads a limit; none is written by leaving it out, not by 0.
func (d *decoder) decodeRequests(s section) {
	requests := &d.profile.Load.Requests
	s.Whole("requests", requests)
	if f, ok := s.Fields["requests"]; ok && *requests == 0 && !d.Broken[f.Path] {
		d.Wrong(f, "leave it out for no limit", "requests must be at least 1")
	}
}
