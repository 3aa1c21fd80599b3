package topology

import (
	"fmt"
	"strconv"
	"strings"
)

// ceilings is the table of what machines can do.
func (w *drawing) ceilings() []string {
	var rows [][]string
	for _, c := range w.Ceilings() {
		var work []string
		for _, one := range c.Work {
			work = append(work, one.Part+" "+short(one.Mean))
		}
		name := c.Machine
		if c.Machines > 1 {
			name += " × " + strconv.Itoa(c.Machines)
		}
		rows = append(rows, []string{name, fmt.Sprintf("%.0f/s", c.Rate), strings.Join(work, ", ")})
	}
	if rows == nil {
		return nil
	}
	return append([]string{"", "ceilings (product pages, nothing cached)"}, w.table(rows)...)
}

// faults is the table of what goes wrong when.
func (w *drawing) faults() []string {
	var rows [][]string
	for _, f := range w.Faults {
		spec, where := f.Spec, f.Spec.Part
		if where == "" {
			where = spec.Link
		}
		spec.Part, spec.Link = "", ""
		rows = append(rows, []string{"at " + short(f.At), where, spec.String()})
	}
	if rows == nil {
		return nil
	}
	return append([]string{"", "faults"}, w.table(rows)...)
}

// table aligns columns; the last may go on below itself.
func (w *drawing) table(rows [][]string) []string {
	widths := make([]int, 2)
	for _, row := range rows {
		for i := range widths {
			widths[i] = min(max(widths[i], columns(row[i])), 24)
		}
	}
	var lines []string
	for _, row := range rows {
		head := "  " + pad(row[0], widths[0]) + "  " + pad(row[1], widths[1]) + "  "
		room := w.width - columns(head)
		if room < 16 {
			lines = append(lines, head)
			head, room = "    ", w.width-4
		}
		for _, line := range wrap(row[2], room) {
			lines = append(lines, head+line)
			head = strings.Repeat(" ", columns(head))
		}
	}
	return lines
}
