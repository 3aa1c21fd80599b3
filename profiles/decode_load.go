package profiles

import "slices"

// decodeLoad reads the load. Whether a level is a rate or a number of users depends on the executor, so that comes first.
func (d *decoder) decodeLoad(s section) {
	l := &d.profile.Load
	executor, arrivals, pacing := "", string(l.Arrivals), string(l.Pacing)
	s.text("executor", &executor)
	s.text("arrivals", &arrivals)
	s.text("pacing", &pacing)
	l.Executor, l.Arrivals, l.Pacing = Executor(executor), Arrivals(arrivals), Pacing(pacing)
	s.rate("rate", &l.Rate)
	s.integer("vus", &l.VUs)
	s.duration("duration", &l.Duration)
	d.decodeLoadWarmup(s)
	d.level(s, "start", &l.Start)
	s.list("stages", d.decodeStage)
	d.decodeRequests(s)
	s.integer("max_in_flight", &l.MaxInFlight)
	s.duration("drain", &l.Drain)
}

// decodeLoadWarmup reads a duration; true belongs to a stage.
func (d *decoder) decodeLoadWarmup(s section) {
	f, ok := s.fields["warmup"]
	if ok && (f.node.text == "true" || f.node.text == "false") {
		d.wrong(f, "write a duration such as 10s here, or true in a stage", "%s is not a duration", quote(f.node.raw))
		return
	}
	s.duration("warmup", &d.profile.Load.Warmup)
}

// level reads a rate or a number of users. With an executor that does not exist nobody knows which, and the executor is
// the thing to mend.
func (d *decoder) level(s section, key string, into *float64) {
	switch e := d.profile.Load.Executor; {
	case e.Open():
		s.rate(key, into)
	case slices.Contains(executors(), string(e)):
		s.number(key, into)
	default:
		d.broken[join(s.path, key)] = true
	}
}

func (d *decoder) decodeStage(f field) {
	var stage Stage
	if s, ok := d.section(f, "stage"); ok {
		s.text("name", &stage.Name)
		s.duration("duration", &stage.Duration)
		d.level(s, "target", &stage.Target)
		s.flag("warmup", &stage.Warmup)
		for _, key := range []string{"duration", "target"} {
			if _, ok := s.fields[key]; !ok && !d.broken[join(f.path, key)] {
				d.wrong(field{join(f.path, key), f.at, f.node}, "every stage has a duration and a target", "this stage has no %s", key)
			}
		}
	}
	d.profile.Load.Stages = append(d.profile.Load.Stages, stage)
}

// decodeRequests reads a limit; none is written by leaving it out, not by 0.
func (d *decoder) decodeRequests(s section) {
	requests := &d.profile.Load.Requests
	s.whole("requests", requests)
	if f, ok := s.fields["requests"]; ok && *requests == 0 && !d.broken[f.path] {
		d.wrong(f, "leave it out for no limit", "requests must be at least 1")
	}
}
