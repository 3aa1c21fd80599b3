package main

import "fmt"

// A goal is a ratio that floodmark means to reach, or a figure of its own.
type goal struct {
	words string
	ours  string
	peer  string // "" for a figure of floodmark's own
	cell  string
	value func(*measurement) float64
	most  float64
	unit  string // of a figure
}

// goals returns what the engine is held to.
func goals() []goal {
	cpu := (*measurement).cpu
	p50 := func(m *measurement) float64 { return float64(m.P50) }
	lag := func(m *measurement) float64 { return 1e3 * float64(m.Lag99) }
	memory := func(m *measurement) float64 { return float64(m.Memory) }
	return []goal{
		{"CPU per request, 50 connections, / wrk", "floodmark", "wrk", "closed-50", cpu, 0.95, ""},
		{"… / bombardier (fasthttp)", "floodmark", "bombardier", "closed-50", cpu, 0.80, ""},
		{"… / vegeta (attack and report)", "floodmark", "vegeta", "closed-50", cpu, 0.25, ""},
		{"… / k6", "floodmark", "k6", "closed-50", cpu, 0.10, ""},
		{"CPU per request, TLS 1.3, / wrk", "floodmark", "wrk", "tls-50", cpu, 1.1, ""},
		{"p50 reported at 20 000/s, / wrk2", "floodmark", "wrk2", "open-20k", p50, 0.2, ""},
		{"CPU per request at 20 000/s, economical, / wrk2", "floodmark economical", "wrk2", "open-20k", cpu, 1.7, ""},
		{"lag p99 at 20 000/s, precise", "floodmark", "", "open-20k", lag, 0.3, "ms"},
		{"peak memory, 500 connections, / vegeta", "floodmark", "vegeta", "closed-500", memory, 0.8, ""},
	}
}

// reached returns a goal's row: what it is, what was reached, what it may be.
func (b *book) reached(g goal) []string {
	s := b.of(g.ours, g.cell, g.value)
	if g.peer != "" {
		s = b.ratio(g.ours, g.peer, g.cell, g.value)
	}
	unit := ""
	if g.unit != "" {
		unit = " " + g.unit
	}
	most := fmt.Sprintf("%.2f%s", g.most, unit)
	if !s.known() {
		return []string{g.words, "not measured", most, ""}
	}
	verdict := "reached"
	if s.median > g.most {
		verdict = "**missed**"
	}
	return []string{g.words, fmt.Sprintf("%.2f%s (%.2f to %.2f)", s.median, unit, s.low, s.high), most, verdict}
}
