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
	room := a.w / 2
	if s.Phase == report.Finished { // how far it is needs no room any more
		room = a.w - 12
	}
	words := s.stageWords(room)
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
	if s.Phase == report.Finished {
		return fit(s.mask(s.Reason), width)
	}
	if s.Stage < 0 || s.Stage >= len(s.Stages) {
		if s.Sequence > 0 && len(s.Stages) > 0 && s.Phase == report.Draining {
			return "draining: " + quantity.Plural(s.InFlight, "request", "requests") + " under way"
		}
		return ""
	}
	stage := &s.Stages[s.Stage]
	number := fmt.Sprintf("stage %d/%d ", s.Stage+1, len(s.Stages))
	if len(s.Stages) == 1 {
		number = ""
	}
	now, name := number+words(stage), number+stage.Name
	if s.Pace.ByHand {
		hand := "by hand " + s.level(s.Pace.Now)
		return longest(width, now+", "+hand+s.next(true), now+", "+hand, name+", "+hand, name+" "+hand, hand)
	}
	return longest(width, now+s.next(true), now+s.next(false), now, name)
}

// next says what comes after the stage, "" if nothing does.
func (s *scene) next(long bool) string {
	if s.Stage+1 >= len(s.Stages) {
		return ""
	}
	next := &s.Stages[s.Stage+1]
	if long {
		return ", in " + instant(max(s.Stages[s.Stage].End-s.At, 0)) + " " + words(next)
	}
	return ", then " + next.Name
}

// longest returns the first text that fits into a width, or what fits of the last one.
func longest(width int, texts ...string) string {
	for _, text := range texts {
		if columns(text) <= width {
			return text
		}
	}
	return fit(texts[len(texts)-1], width)
}

// level writes a rate, or a number of users.
func (s *scene) level(v float64) string {
	text := wholeLevel(v)
	if s.Open {
		return text + "/s"
	}
	return text + " users"
}

// wholeLevel writes a level, without a decimal that says nothing.
func wholeLevel(v float64) string { return strings.TrimSuffix(quantity.Rate(v), ".0") }

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
