package main

import (
	"fmt"
	"strings"
)

// tables writes all that was measured as Markdown.
func (b *book) tables() string {
	var t strings.Builder
	if b.had(func(c cell) bool { return !c.open() }) {
		t.WriteString("## Closed model: as fast as it goes\n\n")
		for _, c := range b.cells {
			if !c.open() {
				b.closedTable(&t, c)
			}
		}
	}
	if b.had(cell.open) {
		t.WriteString("## Open model: a rate that is asked for\n\n")
		for _, c := range b.cells {
			if c.open() {
				b.openTable(&t, c)
			}
		}
	}
	t.WriteString("## Ratios\n\nFloodmark's figure over the peer's, of the same round; the median, and the lowest and highest.\n\n")
	rows := [][]string{{"", "reached", "at most", ""}}
	for _, g := range goals() {
		rows = append(rows, b.reached(g))
	}
	writeRows(&t, rows)
	b.startTable(&t)
	return t.String()
}

// closedTable writes a cell of the closed model.
func (b *book) closedTable(t *strings.Builder, c cell) {
	head := []string{"CPU µs a request", "user", "system", "requests/s", "p50 it reports", "p99", "peak memory", "nginx"}
	b.cellTable(t, c, head, func(of figures) []string {
		return []string{
			ranged("%.2f", of((*measurement).cpu)),
			plain("%.2f", of(func(m *measurement) float64 { return float64(m.User) })),
			plain("%.2f", of(func(m *measurement) float64 { return float64(m.System) })),
			plain("%.0f", of(func(m *measurement) float64 { return m.Rate })),
			milliseconds(of(func(m *measurement) float64 { return float64(m.P50) })),
			milliseconds(of(func(m *measurement) float64 { return float64(m.P99) })),
			plain("%.0f MiB", of(func(m *measurement) float64 { return float64(m.Memory) })),
			server(of(func(m *measurement) float64 { return float64(m.Server) })),
		}
	})
}

// openTable writes a cell of the open model.
func (b *book) openTable(t *strings.Builder, c cell) {
	head := []string{"CPU µs a request", "p50 it reports", "p99", "lag p50", "lag p99", "achieved", "peak memory"}
	b.cellTable(t, c, head, func(of figures) []string {
		return []string{
			ranged("%.1f", of((*measurement).cpu)),
			milliseconds(of(func(m *measurement) float64 { return float64(m.P50) })),
			milliseconds(of(func(m *measurement) float64 { return float64(m.P99) })),
			milliseconds(of(func(m *measurement) float64 { return float64(m.Lag50) })),
			milliseconds(of(func(m *measurement) float64 { return float64(m.Lag99) })),
			plain("%.0f/s", of(func(m *measurement) float64 { return m.Rate })),
			plain("%.0f MiB", of(func(m *measurement) float64 { return float64(m.Memory) })),
		}
	})
}

// figures returns what a peer's rounds of a cell came to.
type figures func(value func(*measurement) float64) spread

// cellTable writes a cell, a row for each peer that can do it.
func (b *book) cellTable(t *strings.Builder, c cell, head []string, row func(of figures) []string) {
	fmt.Fprintf(t, "### %s\n\n", upper(c.words))
	rows := [][]string{append([]string{""}, head...)}
	for i := range b.peers {
		p := &b.peers[i]
		if !p.can(c) {
			continue
		}
		of := func(value func(*measurement) float64) spread { return b.of(p.name, c.name, value) }
		rows = append(rows, append([]string{b.named(p.name, c.name)}, row(of)...))
	}
	writeRows(t, rows)
}

// startTable writes how long programs take to begin.
func (b *book) startTable(t *strings.Builder) {
	t.WriteString("## Start-up\n\nFrom the start of the program to the end of telling its version.\n\n")
	rows := [][]string{{"", "median", "lowest", "highest"}}
	for i := range b.peers {
		if s, ok := b.starts[b.peers[i].name]; ok && s.known() {
			rows = append(rows, []string{
				b.peers[i].name, fmt.Sprintf("%.1f ms", 1e3*s.median), fmt.Sprintf("%.1f ms", 1e3*s.low), fmt.Sprintf("%.1f ms", 1e3*s.high),
			})
		}
	}
	writeRows(t, rows)
}

// writeRows writes a table in Markdown, its first row the head, numbers to the right.
func writeRows(t *strings.Builder, rows [][]string) {
	for i, row := range rows {
		t.WriteString("| " + strings.Join(row, " | ") + " |\n")
		if i == 0 {
			t.WriteString("|---" + strings.Repeat("|--:", len(row)-1) + "|\n")
		}
	}
	t.WriteString("\n")
}

// plain writes a median, a dash if there is none.
func plain(format string, s spread) string {
	if !s.known() {
		return "–"
	}
	return fmt.Sprintf(format, s.median)
}

// ranged writes a median with its extremes.
func ranged(format string, s spread) string {
	if !s.known() {
		return "failed"
	}
	return fmt.Sprintf("**"+format+"** ("+format+" to "+format+")", s.median, s.low, s.high)
}

// milliseconds writes seconds with three digits.
func milliseconds(s spread) string {
	if !s.known() {
		return "–"
	}
	ms, digits := 1e3*s.median, 0
	switch {
	case ms < 0.9995:
		digits = 3
	case ms < 9.995:
		digits = 2
	case ms < 99.95:
		digits = 1
	}
	return fmt.Sprintf("%.*f ms", digits, ms)
}

// server says how busy nginx was, and if that was all it could be.
func server(s spread) string {
	text := plain("%.0f%%", spread{100 * s.median, 0, 0})
	if s.median > 0.95 {
		text += " (its limit)"
	}
	return text
}

func upper(text string) string { return strings.ToUpper(text[:1]) + text[1:] }
