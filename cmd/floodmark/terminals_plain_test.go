//go:build unix

package main

import (
	"regexp"
	"strings"
)

const oneSecond = "{ executor: constant-arrival-rate, rate: 20/s, duration: 1s, drain: 10m }"

// lines wants lines, and nothing else.
func (r room) lines(s seat) {
	s.load = oneSecond
	p := r.sit(s, "--progress", "1s")
	p.leaves("PASS", exitMet)
	if got := p.written(); strings.Contains(got, "\x1b") || !strings.Contains(got, "Ctrl-C stops\r\n") {
		r.Errorf("these are no lines: %q", got)
	}
}

// A machine reads lines, unless it asks for the dashboard.
func (r room) inCI() {
	s := seat{env: []string{"CI=true"}, load: oneSecond}
	r.lines(s)
	p := r.sit(s, "--ui", "tui")
	p.leaves("PASS", exitMet)
	if !strings.Contains(p.written(), "STARTING") {
		r.Errorf("there was no dashboard: %q", p.written())
	}
}

func (r room) dumb() { r.refused(seat{env: []string{"TERM=dumb"}}, "TERM is dumb") }

func (r room) inTheBackground() { r.refused(seat{shell: "bg"}, "the process is in the background") }

func (r room) withoutKeys() { r.refused(seat{shell: "off"}, "no keys can be read") }

// refused wants lines where there cannot be a dashboard, and a reason why there is none for
// those who ask for it.
func (r room) refused(s seat, why string) {
	r.lines(s)
	p := r.sit(s, "--ui", "tui")
	p.ends(exitUsage)
	if got, want := p.screen(), "floodmark: --ui tui: "+why+"\nhint: --ui plain writes lines"; got != want {
		r.Errorf("got %q, want %q", got, want)
	}
}

// Who wants no colours gets a dashboard without: bold and reverse are none.
func (r room) withoutColours() {
	anyColour := regexp.MustCompile(`\x1b\[([0-9;]*;)?(3[0-8]|4[0-8]|9[0-7]|10[0-7])(;[0-9;]*)?m`)
	anyInk := regexp.MustCompile(`\x1b\[[0-9;]*m`)
	for _, coloured := range []bool{true, false} {
		s := seat{load: oneSecond}
		if !coloured {
			s.env = []string{"NO_COLOR=1"}
		}
		p := r.sit(s)
		p.leaves("PASS", exitMet)
		got := p.written()
		if !strings.Contains(got, "STARTING") || !anyInk.MatchString(got) || anyColour.MatchString(got) != coloured {
			r.Errorf("colours: want %v in %q", coloured, anyInk.FindAllString(got, -1))
		}
	}
}
