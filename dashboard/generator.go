package dashboard

import (
	"fmt"

	"github.com/floodmark/floodmark/quantity"
)

// roomy is the height from which on a panel, such as one that was zoomed into, tells more
// than it otherwise would.
const roomy = 12

// drawGenerator draws how the generator itself does, with its verdict first: a
// generator that is out of breath measures itself.
func (s *scene) drawGenerator(a area) {
	g := &s.Generator
	if s.Sequence == 0 {
		a.put(0, 0, faint, "not measured yet")
		return
	}
	sign, ink := "✓ ", good
	if !g.Valid {
		sign, ink = "✗ ", bad
	}
	y := a.wrap(0, ink, sign+g.Words)
	for _, reason := range g.Reasons {
		if y >= a.h-1 {
			break
		}
		y = a.wrap(y, plain, reason)
	}
	lines := s.vitals(a.w)
	if a.h >= roomy {
		lines, y = s.allVitals(), y+1
	}
	for _, text := range lines {
		if y >= a.h {
			return
		}
		a.put(0, y, plain, fit(text, a.w))
		y++
	}
}

// mainVitals are those that the verdict is about, and the wait for connections.
func (s *scene) mainVitals() []string {
	g := &s.Generator
	cpu := "cpu " + quantity.Percent(g.CPURatio, 0)
	if g.CPUs > 0 {
		cpu += fmt.Sprintf(" of %g cores", g.CPUs)
	}
	if g.CPURule > 0 {
		cpu += fmt.Sprintf("  (limit %.0f%%)", 100*g.CPURule)
	}
	lag := "late by p99 " + duration(g.PacingP99)
	if g.LagRule > 0 {
		lag += "  (limit " + duration(g.LagRule) + ")"
	}
	return []string{cpu, lag, "waits for a connection p99 " + duration(g.LagP99)}
}

// vitals are the generator's numbers in lines of a width, the most telling first. What a
// system does not tell is left out.
func (s *scene) vitals(width int) []string {
	g := &s.Generator
	var more []string
	add := func(known bool, text string) {
		if known {
			more = append(more, text)
		}
	}
	add(g.GCLongest > 0, "gc "+duration(g.GCLongest))
	add(g.Files > 0, "fds "+quantity.Count(g.Files))
	add(g.TimeWait > 0, "time_wait "+quantity.Count(g.TimeWait))
	add(g.Resident > 0, quantity.Bytes(g.Resident))
	add(g.Throttled > 0, "throttled "+duration(g.Throttled))
	return append(s.mainVitals(), flow(more, width)...)
}

// allVitals are the same in a line each, and in more words.
func (s *scene) allVitals() []string {
	g := &s.Generator
	out := s.mainVitals()
	add := func(known bool, text string) {
		if known {
			out = append(out, text)
		}
	}
	add(g.GCLongest > 0, "longest stop to collect garbage "+duration(g.GCLongest))
	add(g.Throttled > 0, "held back by its CPU quota for "+duration(g.Throttled))
	add(g.Resident > 0, "memory "+quantity.Bytes(g.Resident)+", heap "+quantity.Bytes(g.Heap))
	add(g.Files > 0, "file descriptors "+quantity.Count(g.Files)+outOf(g.FileLimit))
	add(g.TimeWait > 0 || g.Ports > 0, "ports in TIME_WAIT "+quantity.Count(g.TimeWait)+outOf(g.Ports))
	return out
}

// outOf writes a limit, if it is known.
func outOf(limit int64) string {
	if limit <= 0 {
		return ""
	}
	return " of " + quantity.Count(limit)
}

// generatorWords is the generator in a few words.
func (s *scene) generatorWords() (string, ink) {
	g := &s.Generator
	if s.Sequence == 0 {
		return "", faint
	}
	cpu := fmt.Sprintf(" cpu %.0f%%", 100*min(max(g.CPURatio, 0), 99))
	if g.Valid {
		return "generator OK" + cpu, good
	}
	return "generator NOT OK" + cpu, bad
}
