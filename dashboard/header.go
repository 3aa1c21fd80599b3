package dashboard

import (
	"fmt"
	"strings"

	"github.com/floodmark/floodmark/quantity"
	"github.com/floodmark/floodmark/report"
)

// drawHeader draws two lines: what runs and how it stands, and how far it is.
func (s *scene) drawHeader(a area) {
	clock := instant(s.At)
	if s.Planned > 0 {
		clock += " / " + instant(s.Planned)
	}
	state, ink := s.state()
	clock = " " + clock
	at := a.right(0, 0, strong, clock+" ")
	at -= columns(state) + 2
	a.put(at, 0, ink, " "+state+" ")
	left := a.part(0, 0, at-1, 1)
	x := left.put(1, 0, title, "floodmark")
	x = left.put(x+1, 0, strong, fit(s.mask(s.Name), max(left.w-x-2, 0)))
	if target := s.target(); target != "" && left.w-x > 8 {
		left.put(x, 0, faint, " → "+fitMiddle(target, left.w-x-3))
	}
	s.drawProgress(a.row(1))
}

// target returns where the load goes, as far as that may be seen.
func (s *scene) target() string { return s.mask(s.Target) }

// state returns a sign and a word for what the run is at.
func (s *scene) state() (string, ink) {
	switch {
	case s.view.stale && s.Phase != report.Finished:
		return "○ NO NEWS", alarm
	case s.Sequence == 0:
		return "○ STARTING", badge
	}
	switch s.Phase {
	case report.Paused:
		return "‖ PAUSED", alarm
	case report.Draining:
		return "○ DRAINING", badge
	case report.Finished:
		if s.Verdict == report.Pass {
			return "✓ PASS", badge
		}
		return strings.TrimSpace("✗ " + strings.ToUpper(string(s.Verdict))), alarm
	case report.Running:
	}
	if s.missed() > 0 || s.firing() > 0 {
		return "● RUNNING", alarm
	}
	return "● RUNNING", badge
}

// missed and firing count what makes a person look.
func (s *scene) missed() (n int) {
	for i := range s.SLOs {
		if s.SLOs[i].Verdict == "missed" {
			n++
		}
	}
	return n
}

func (s *scene) firing() (n int) {
	for i := range s.Alerts {
		if st := s.Alerts[i].State; st == "firing" || st == "recovering" {
			n++
		}
	}
	return n
}

// drawProgress draws how much of the plan is done, where stages begin, and what comes
// next.
func (s *scene) drawProgress(a area) {
	words := s.stageWords(a.w / 2)
	at := a.right(0, 0, plain, words+" ")
	if words == "" {
		at = a.w
	}
	bar := a.part(1, 0, at-2, 1)
	if bar.w < 4 {
		return
	}
	done := 0.0
	if s.Planned > 0 {
		done = min(max(s.At/s.Planned, 0), 1)
	}
	full := int(done*float64(bar.w) + 0.5)
	for x := range bar.w {
		if x < full {
			bar.set(x, 0, good, '━')
		} else {
			bar.set(x, 0, faint, '─')
		}
	}
	if s.Planned <= 0 {
		return
	}
	for i := range s.Stages {
		if i == 0 {
			continue
		}
		if x := int(s.Stages[i].Start / s.Planned * float64(bar.w)); x < full {
			bar.set(x, 0, good, '┿')
		} else {
			bar.set(x, 0, faint, '┼')
		}
	}
}

// stageWords says where the run is and what comes next, in at most so many columns.
func (s *scene) stageWords(width int) string {
	if s.Stage < 0 || s.Stage >= len(s.Stages) {
		if s.Sequence > 0 && len(s.Stages) > 0 && s.Phase == report.Draining {
			return "draining: " + quantity.Plural(s.InFlight, "request", "requests") + " under way"
		}
		return ""
	}
	stage := &s.Stages[s.Stage]
	now := fmt.Sprintf("stage %d/%d %s", s.Stage+1, len(s.Stages), words(stage))
	if len(s.Stages) == 1 {
		now = words(stage)
	}
	if s.Pace.ByHand {
		now += ", by hand " + s.level(s.Pace.Now)
	}
	if s.Stage+1 < len(s.Stages) {
		next := &s.Stages[s.Stage+1]
		long := now + ", in " + instant(max(stage.End-s.At, 0)) + " " + words(next)
		if columns(long) <= width {
			return long
		}
		if short := now + ", then " + next.Name; columns(short) <= width {
			return short
		}
	}
	return fit(now, width)
}

// level writes a rate, or a number of users.
func (s *scene) level(v float64) string {
	if s.Open {
		return quantity.Rate(v) + "/s"
	}
	return quantity.Rate(v) + " users"
}

// words says what a stage is and does.
func words(v *report.StageView) string {
	text := v.Name
	if v.Warmup && text != "warm-up" && text != "warmup" {
		text += " (warm-up)"
	}
	if v.Does != "" && v.Does != v.Name {
		text += " " + v.Does
	}
	return text
}
