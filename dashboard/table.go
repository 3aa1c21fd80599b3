package dashboard

import (
	"strings"

	"github.com/floodmark/floodmark/report"
)

// A tableColumn is a column of the table of endpoints.
type tableColumn struct {
	head  string
	sort  column // columnCount: nothing is sorted by it
	width int
	cell  func(*report.Numbers, *scene) string
}

// tableColumns are the columns beside the name; wide ones have more.
func tableColumns(width int) []tableColumn {
	out := []tableColumn{{"req/s", byRate, 9, func(n *report.Numbers, _ *scene) string { return rate(n.Finished(), n.Length) }}}
	if width >= 100 {
		out = append(out, tableColumn{"share", columnCount, 7, func(n *report.Numbers, s *scene) string {
			return percent(ratio(n.Finished(), s.numbers.Finished()))
		}})
	}
	out = append(out,
		tableColumn{"p50", byP50, 8, func(n *report.Numbers, _ *scene) string { return duration(n.P50) }},
		tableColumn{"p95", byP95, 8, func(n *report.Numbers, _ *scene) string { return duration(n.P95) }},
		tableColumn{"p99", byP99, 8, func(n *report.Numbers, _ *scene) string { return duration(n.P99) }},
	)
	if width >= 100 {
		out = append(out, tableColumn{"max", columnCount, 8, func(n *report.Numbers, _ *scene) string { return duration(n.Max) }})
	}
	out = append(out, tableColumn{"err%", byErrors, 7, func(n *report.Numbers, _ *scene) string {
		return strings.TrimSuffix(errorShare(n), "%")
	}})
	if width < 56 { // a name is worth more than a median
		out = append(out[:1], out[3:]...)
	}
	return out
}

const (
	sparkColumns = 40 // of the latest p99
	nameLeast    = 12
)

// tableWidths parts a width among name, numbers, line of p99 and top error.
func tableWidths(width int) (all []tableColumn, name, spark int) {
	all = tableColumns(width)
	rest := width - 2
	for _, c := range all {
		rest -= c.width
	}
	if width >= 140 {
		spark = sparkColumns
		name = min(rest/3, 44)
	} else {
		name = rest
	}
	return all, max(name, nameLeast), spark
}
