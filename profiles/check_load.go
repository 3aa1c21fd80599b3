package profiles

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/floodmark/floodmark/profiles/document"
)

func (l Load) check(ps *document.Problems) {
	switch name := string(l.Executor); {
	case name == "":
		ps.Missing("load.executor", "write executor: constant-arrival-rate, which suits most tests")
	case !slices.Contains(executors(), name):
		ps.Add("load.executor", document.DidYouMean(name, executors()), "unknown executor %s", document.Quote(name))
	default:
		l.checkExecutor(ps)
	}
	if l.Arrivals != Even && l.Arrivals != Poisson {
		ps.Add("load.arrivals", document.DidYouMean(string(l.Arrivals), []string{string(Even), string(Poisson)}),
			"unknown arrivals %s", document.Quote(string(l.Arrivals)))
	}
	if l.Pacing != Precise && l.Pacing != Economical {
		ps.Add("load.pacing", document.DidYouMean(string(l.Pacing), []string{string(Precise), string(Economical)}),
			"unknown pacing %s", document.Quote(string(l.Pacing)))
	}
	if l.Requests < 0 {
		ps.Add("load.requests", "leave it out for no limit", "requests must be at least 1")
	}
	if l.MaxInFlight < 1 || l.MaxInFlight > maxUsers {
		ps.Add("load.max_in_flight", "", "max_in_flight must be from 1 to %d", maxUsers)
	}
	if l.Drain < 0 || l.Drain > maxTimeout {
		ps.Add("load.drain", "", "drain must be from 0s to %s", FormatDuration(maxTimeout))
	}
}

// checkExecutor asks for the keys an executor needs and refuses those it would ignore.
func (l Load) checkExecutor(ps *document.Problems) {
	l.checkForeign(ps)
	switch l.Executor {
	case ConstantArrivalRate:
		if l.Rate == 0 {
			ps.Missing("load.rate", "write rate: 500/s; it must be more than 0/s")
		}
		checkRate(ps, "load.rate", l.Rate)
	case ConstantVUs:
		if l.VUs == 0 {
			ps.Missing("load.vus", "write vus: 10; it must be at least 1")
		}
		checkUsers(ps, "load.vus", float64(l.VUs))
	default:
		l.checkStages(ps)
		return
	}
	if l.Duration == 0 {
		ps.Missing("load.duration", "write duration: 30s; it must be more than 0s")
	} else {
		checkPositive(ps, "load.duration", l.Duration, maxDuration)
	}
	if l.Warmup < 0 || l.Warmup > maxDuration {
		ps.Add("load.warmup", "", "the warm-up must be from 0s to %s", FormatDuration(maxDuration))
	}
	if l.Executor == ConstantArrivalRate && l.Rate > 0 && l.Rate <= maxRate && l.Duration > 0 && l.Schedule(0).Count() == 0 {
		ps.Add("load.rate", "raise the rate or the duration", "at this rate nothing would be sent in this duration")
	}
}

// checkForeign refuses keys that belong to another executor: silently unused, they would mislead.
func (l Load) checkForeign(ps *document.Problems) {
	ramping := l.Executor.Ramping()
	rateHint, vusHint := "it counts users: write vus", "it counts arrivals: write rate"
	if ramping {
		rateHint, vusHint = "its levels are in its stages", "its levels are in its stages"
	}
	foreign := func(key string, set, allowed bool, hint string) {
		if set && !allowed {
			ps.AddKey("load."+key, hint, "%s has no use for %s", l.Executor, document.Quote(key))
		}
	}
	foreign("rate", l.Rate != 0, l.Executor == ConstantArrivalRate, rateHint)
	foreign("vus", l.VUs != 0, l.Executor == ConstantVUs, vusHint)
	foreign("duration", l.Duration != 0, !ramping, "its stages have durations")
	foreign("warmup", l.Warmup != 0, !ramping, "write warmup: true in a stage")
	foreign("stages", len(l.Stages) > 0, ramping, "use ramping-arrival-rate or ramping-vus")
	foreign("start", l.Start != 0, ramping, "use ramping-arrival-rate or ramping-vus")
	foreign("arrivals", l.Arrivals == Poisson, l.Executor.Open(), "its users start again as soon as they end")
	foreign("pacing", l.Pacing == Economical, l.Executor.Open(), "nobody paces its users")
}

func (l Load) checkStages(ps *document.Problems) {
	if len(l.Stages) == 0 {
		ps.Missing("load.stages", "write stages, such as - { duration: 30s, target: 500/s }")
		return
	}
	if len(l.Stages) > maxStages {
		ps.Add("load.stages", "", "there are more than %d stages", maxStages)
		return
	}
	before := len(*ps)
	l.checkLevel(ps, "load.start", l.Start)
	total, names := time.Duration(0), map[string]bool{}
	for i, s := range l.Stages {
		path := fmt.Sprintf("load.stages[%d]", i)
		if s.Duration < 0 || s.Duration > maxDuration {
			ps.Add(path+".duration", "", "a stage lasts from 0s to %s", FormatDuration(maxDuration))
		}
		l.checkLevel(ps, path+".target", s.Target)
		name := s.name(i)
		if names[name] {
			ps.Add(path+".name", "name it otherwise", "two stages are named %s", document.Quote(name))
		}
		if hasControl(name) {
			ps.Add(path+".name", "", "a stage's name must be text without control characters")
		}
		names[name] = true
		total += s.Duration
	}
	if len(*ps) == before {
		l.checkWhole(ps, total)
	}
}

// checkWhole judges the stages together.
func (l Load) checkWhole(ps *document.Problems, total time.Duration) {
	s := l.Schedule(0)
	switch {
	case total == 0:
		ps.Add("load.stages", "give a stage a duration", "the stages last no time")
	case total > maxDuration:
		ps.Add("load.stages", "", "the stages together last longer than %s", FormatDuration(maxDuration))
	case s.Open() && s.Count() == 0 || !s.Open() && s.Peak() < 1:
		ps.Add("load.stages", "give a stage a target above 0", "the stages never ask for any load")
	case s.Measured() == 0:
		ps.Add("load.stages", "leave warmup out of one stage", "every stage is warm-up, so nothing would be measured")
	}
}

func (l Load) checkLevel(ps *document.Problems, path string, level float64) {
	if l.Executor.Open() {
		checkRate(ps, path, level)
		return
	}
	checkUsers(ps, path, level)
}

func checkRate(ps *document.Problems, path string, rate float64) {
	switch {
	case rate < 0 || math.IsNaN(rate):
		ps.Add(path, "a rate is 0/s or more", "the rate is negative")
	case rate > maxRate:
		ps.Add(path, "at most 10M/s", "the rate is larger than any machine sends")
	}
}

func checkUsers(ps *document.Problems, path string, users float64) {
	switch {
	case users < 0 || math.IsNaN(users):
		ps.Add(path, "0 or more", "the number of users is negative")
	case users > maxUsers:
		ps.Add(path, "at most 1000000", "there are too many users")
	case users != math.Trunc(users):
		ps.Add(path, "write a whole number", "there is no part of a user")
	}
}
