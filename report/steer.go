package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/quantity"
)

// The kinds of steers.
const (
	SteerPause  = "pause"
	SteerResume = "resume"
	SteerLevel  = "level"
	SteerSkip   = "skip"
)

// A Steer is a change that somebody made to the load while it went on. It is JSON as it
// stands. The plan has a clock of its own, which a pause stops and a skip moves.
type Steer struct {
	At       float64 `json:"at_seconds"`
	By       string  `json:"by"` // such as "keyboard"
	What     string  `json:"what"`
	Stage    string  `json:"stage"`            // in which it was made
	Position float64 `json:"position_seconds"` // in the plan, from which it went on
	Paused   bool    `json:"paused"`           // from then on
	Factor   float64 `json:"factor"`           // the level was Factor times the plan's from then on…
	Fixed    float64 `json:"fixed"`            // …plus Fixed
	Before   float64 `json:"level_before"`     // arrivals per second, or users, at that moment
	Level    float64 `json:"level"`
}

// Line tells of it in words; open says what the level counts.
func (s Steer) Line(open bool) string {
	var did string
	switch s.What {
	case SteerPause:
		did = "paused"
	case SteerResume:
		did = "resumed"
	case SteerSkip:
		did = "stage " + s.Stage + " skipped"
	case SteerLevel:
		did = fmt.Sprintf("users %s → %s", quantity.Users(s.Before), quantity.Users(s.Level))
		if open {
			did = fmt.Sprintf("rate %s → %s/s", quantity.Rate(s.Before), quantity.Rate(s.Level))
		}
		if s.Factor == 1 && s.Fixed == 0 {
			did += " (as planned)"
		}
	default:
		did = s.What
	}
	return quantity.Line(did + " by " + s.By)
}

// byHand says why a steered run tells nothing of the plan.
func (s *Summary) byHand() string {
	all := s.Ending.Steered
	text := fmt.Sprintf("the load was changed by hand: %s at %s", all[0].Line(s.Run.Open), quantity.Instant(measure.FromSeconds(all[0].At)))
	if more := len(all) - 1; more > 0 {
		text += ", and " + quantity.Plural(int64(more), "more change", "more changes")
	}
	return text
}

// shownSteers is how many of them the text has.
const shownSteers = 10

// steers lists what was done to the load by hand.
func (p *page) steers(s *Summary) {
	all := s.Ending.Steered
	label := "by hand"
	for i, steer := range all[:min(len(all), shownSteers)] {
		p.field(label, append([]string{quantity.Instant(measure.FromSeconds(all[i].At))}, strings.Fields(steer.Line(s.Run.Open))...), " ")
		label = ""
	}
	if more := len(all) - shownSteers; more > 0 {
		p.sentence("", "and "+quantity.Plural(int64(more), "more change", "more changes"))
	}
	if len(all) > 0 {
		p.blank()
	}
}

// Steered returns when the stages of a run really were, or will be if nothing is changed
// after an instant.
func (r *Run) Steered(steers []Steer, until time.Duration) []Stage {
	p := playback{stages: slices.Clone(r.Stages)}
	for _, s := range steers {
		at := measure.FromSeconds(s.At)
		if at > until {
			break
		}
		p.play(at)
		p.jump(measure.FromSeconds(s.Position))
		p.paused = s.Paused
	}
	p.play(until)
	p.paused = false
	p.jump(p.position) // what has no length
	for p.number < len(p.stages) {
		p.play(p.at + p.stages[p.number].End - p.position)
	}
	return p.stages
}

// A playback goes through a plan once more. The stages it has not left yet are still the
// planned ones.
type playback struct {
	stages       []Stage
	number       int           // of the stage that it is in
	at, position time.Duration // in the run and in the plan
	paused       bool
}

// play goes on to an instant of the run.
func (p *playback) play(to time.Duration) {
	if p.paused {
		if p.number < len(p.stages) {
			p.stages[p.number].Paused += max(to-p.at, 0)
		}
		p.at = max(p.at, to)
		return
	}
	for p.number < len(p.stages) && p.position+to-p.at >= p.stages[p.number].End {
		left := p.stages[p.number].End - p.position
		p.at, p.position = p.at+left, p.position+left
		p.leave()
	}
	if length := to - p.at; length > 0 {
		p.at, p.position = to, p.position+length
	}
}

// jump goes on to a position in the plan, in no time.
func (p *playback) jump(position time.Duration) {
	for p.number < len(p.stages) && position >= p.stages[p.number].End {
		p.leave()
	}
	p.position = position
}

// leave ends a stage, which is where the next one begins.
func (p *playback) leave() {
	p.stages[p.number].End = p.at
	p.number++
	if p.number < len(p.stages) {
		p.stages[p.number].Start = p.at
	}
}
