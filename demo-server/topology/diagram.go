package topology

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/floodmark/floodmark/profiles/document"
)

// DiagramOptions say how a plan is drawn.
type DiagramOptions struct {
	Width int  // columns of the terminal, 40 at least; 0: 80
	ASCII bool // with + - | alone
}

// narrowest is the width that a diagram is drawn for at least.
const narrowest = 40

// Diagram draws the backend for a terminal: from clients down to databases and third
// parties, parts in boxes and the machines that they are on as frames around these. Below
// stand what machines can do, and what goes wrong when. No line is wider than the terminal.
func (p *Plan) Diagram(o DiagramOptions) string {
	if o.Width == 0 {
		o.Width = 80
	}
	w := &drawing{Plan: p, width: max(o.Width, narrowest)}
	lines := w.heading()
	lines = append(lines, w.picture()...)
	lines = append(lines, w.ceilings()...)
	lines = append(lines, w.faults()...)
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(strings.TrimRight(clip(printable(line), w.width), " ") + "\n")
	}
	if o.ASCII {
		return ascii(b.String())
	}
	return b.String()
}

// printable makes a text safe for a terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, text)
}

// drawing is a diagram of some width.
type drawing struct {
	*Plan
	width int
}

func (w *drawing) heading() []string {
	about := fmt.Sprintf("%s clock, seed %d", w.Clock, w.Seed)
	if w.Runtime == Processes {
		about = "a process for each machine, " + about
	}
	return append(wrap(w.Name+": "+about, w.width), "")
}

// picture draws the parts and machines.
func (w *drawing) picture() []string {
	above, below := w.groups()
	row, columnsOfRow := w.row(below)
	wide := min(w.width, max(w.natural(above), 24))
	whole := max(wide, row.width())
	if len(below) == 1 {
		wide = min(w.width, max(wide, w.natural(below)))
		whole = wide
	}
	drawn := center(block{"clients"}, whole)
	for _, g := range above {
		drawn = append(append(drawn, arrow(whole)...), center(w.draw(g, wide), whole)...)
	}
	switch {
	case len(below) == 0:
	case len(below) == 1:
		drawn = append(append(drawn, arrow(whole)...), w.draw(below[0], wide)...)
	case row == nil:
		drawn = append(drawn, w.rail(below)...)
	default:
		by := (whole - row.width()) / 2
		for i := range columnsOfRow {
			columnsOfRow[i] += by
		}
		drawn = append(append(drawn, fan(columnsOfRow, whole)...), shift(row, by, whole)...)
	}
	return drawn
}

// group is what stands together: a part, or all parts on one machine.
type group struct {
	machine string // empty: none
	parts   []string
}

// groups returns what stands on the way from clients to the shop, and what the shop calls.
func (w *drawing) groups() (above, below []group) {
	parts := w.Parts()
	at := slices.Index(parts, WebPart)
	for _, part := range slices.Backward(parts[at+1:]) {
		if part != EdgePart { // drawn with their router
			above = append(above, group{parts: []string{part}})
		}
	}
	web := group{machine: w.Web.Machine, parts: []string{WebPart}}
	for _, part := range []string{CachePart, DatabasePart, PaymentPart, WeatherPart} {
		if !slices.Contains(parts, part) {
			continue
		}
		machine := w.machineOf(part)
		same := slices.IndexFunc(below, func(g group) bool { return g.machine == machine })
		switch {
		case machine != "" && machine == web.machine:
			web.parts = append(web.parts, part)
		case machine != "" && same >= 0:
			below[same].parts = append(below[same].parts, part)
		default:
			below = append(below, group{machine, []string{part}})
		}
	}
	return append(above, web), below
}

// title names a part, and how often it is there.
func (w *drawing) title(part string) string {
	if part == RouterPart {
		return "cdn, " + counted(len(w.CDN.Edges), "edge")
	}
	if n := len(w.Nodes(part)); n > 1 {
		return part + " × " + strconv.Itoa(n)
	}
	return part
}

// machineTitle names a machine, and says what it can do.
func (w *drawing) machineTitle(name string) string {
	m := w.Machines[slices.IndexFunc(w.Machines, func(m Machine) bool { return m.Name == name })]
	count := 0
	for _, host := range w.Hosts() {
		if host.Machine != nil && host.Machine.Name == name {
			count++
		}
	}
	title := "machine " + name
	if count > 1 {
		title += " × " + strconv.Itoa(count)
	}
	cores := counted(m.Cores, "core")
	if count > 1 {
		cores += " each"
	}
	title += ": " + cores + ", queue " + strconv.Itoa(m.Queue)
	if m.Speed != 1 {
		title += ", speed " + document.Decimal(m.Speed)
	}
	if m.Sigma > 0 || m.Kappa > 0 {
		title += ", contention " + document.Decimal(m.Sigma) + "/" + document.Decimal(m.Kappa)
	}
	return title
}

// natural returns the width that groups would like to have.
func (w *drawing) natural(groups []group) int {
	widest := 0
	for _, g := range groups {
		around := 0
		if g.machine != "" {
			around = 4
			widest = max(widest, columns(w.machineTitle(g.machine))+6)
		}
		for _, part := range g.parts {
			widest = max(widest, columns(w.title(part))+6+around)
			for _, line := range w.describe(part) {
				widest = max(widest, columns(line)+4+around)
			}
		}
	}
	return widest
}

// draw draws a group so many columns wide.
func (w *drawing) draw(g group, width int) block {
	if g.machine == "" {
		return w.box(g.parts[0], width)
	}
	var inside block
	for i, part := range g.parts {
		if i > 0 && g.parts[0] == WebPart {
			inside = append(inside, arrow(width-4)...)
		}
		inside = append(inside, w.box(part, width-4)...)
	}
	title := w.machineTitle(g.machine)
	if columns(title) > width-6 { // rather on lines of its own than cut
		var lines []string
		for _, line := range wrap(strings.TrimPrefix(title, "machine "), width-4) {
			lines = append(lines, pad(line, width-4))
		}
		return double().around("machine", append(lines, inside...), width)
	}
	return double().around(title, inside, width)
}

func (w *drawing) box(part string, width int) block {
	var lines []string
	for _, line := range w.describe(part) {
		lines = append(lines, wrap(printable(line), width-4)...)
	}
	return light().around(w.title(part), lines, width)
}

// row draws groups beside each other and returns where their middles are; nil where there
// is no room.
func (w *drawing) row(groups []group) (row block, middles []int) {
	const gap = 2
	widths := w.share(groups, w.width-gap*(len(groups)-1))
	if len(groups) < 2 || widths == nil {
		return nil, nil
	}
	var blocks []block
	x := 0
	for i, g := range groups {
		blocks = append(blocks, w.draw(g, widths[i]))
		middles = append(middles, x+(widths[i]-1)/2)
		x += widths[i] + gap
	}
	return beside(blocks, gap), middles
}

// share divides so many columns among groups: each gets what it would like, or a fair part
// of what there is. It returns nil where that would be too little to read.
func (w *drawing) share(groups []group, room int) []int {
	const least = 30
	widths := make([]int, len(groups))
	order := make([]int, len(groups))
	for i, g := range groups {
		widths[i], order[i] = w.natural([]group{g}), i
	}
	slices.SortStableFunc(order, func(a, b int) int { return widths[a] - widths[b] })
	for done, i := range order {
		fair := room / (len(order) - done)
		if widths[i] > fair {
			if widths[i] = fair; fair < least {
				return nil
			}
		}
		room -= widths[i]
	}
	return widths
}

// rail draws groups below each other, with a line to each at the left.
func (w *drawing) rail(groups []group) []string {
	lines := []string{" │"}
	width := min(w.width-4, w.natural(groups))
	for i, g := range groups {
		last := i == len(groups)-1
		for row, line := range w.draw(g, width) {
			switch {
			case row == 1 && last:
				line = " └─▶" + line
			case row == 1:
				line = " ├─▶" + line
			case row == 0 || !last:
				line = " │  " + line
			default:
				line = "    " + line
			}
			lines = append(lines, line)
		}
	}
	return lines
}
