package dashboard

import (
	"fmt"
	"strings"

	"github.com/floodmark/floodmark/quantity"
)

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
	for _, text := range s.vitals(a.w) {
		if y >= a.h {
			return
		}
		a.put(0, y, plain, fit(text, a.w))
		y++
	}
}

// vitals are the generator's numbers in lines of a width, the most telling first. What a system
// does not tell is left out.
func (s *scene) vitals(width int) []string {
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
	out := []string{cpu, lag, "waits for a connection p99 " + duration(g.LagP99)}
	var more []string
	if g.GCLongest > 0 {
		more = append(more, "gc "+duration(g.GCLongest))
	}
	if g.Files > 0 {
		more = append(more, "fds "+quantity.Count(g.Files))
	}
	if g.TimeWait > 0 {
		more = append(more, "time_wait "+quantity.Count(g.TimeWait))
	}
	if g.Resident > 0 {
		more = append(more, quantity.Bytes(g.Resident))
	}
	if g.Throttled > 0 {
		more = append(more, "throttled "+duration(g.Throttled))
	}
	return append(out, flow(more, width)...)
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

// wrap draws words on as many lines as they need and there are, and returns the next
// line. The last line says by an ellipsis that there is more.
func (a area) wrap(y int, i ink, text string) int {
	words := strings.Fields(text)
	line := ""
	for n, word := range words {
		switch {
		case line == "" || line == "  ":
		case columns(line)+1+columns(word) <= a.w:
			line += " "
		case y == a.h-1:
			a.put(0, y, i, fit(line+" "+strings.Join(words[n:], " "), a.w))
			return y + 1
		default:
			a.put(0, y, i, fit(line, a.w))
			y, line = y+1, "  "
		}
		line += word
	}
	if line != "" {
		a.put(0, y, i, fit(line, a.w))
		y++
	}
	return y
}

// flow parts tokens among lines of a width.
func flow(tokens []string, width int) []string {
	var out []string
	for _, token := range tokens {
		if last := len(out) - 1; last >= 0 && columns(out[last])+2+columns(token) <= width {
			out[last] += "  " + token
			continue
		}
		out = append(out, token)
	}
	return out
}
