package dashboard

import "github.com/floodmark/floodmark/report"

// Zoomed is Render after somebody has zoomed into a panel or, if it has a name, an
// endpoint.
func Zoomed(s *report.Snapshot, width, height, number int, row string) string {
	v := view{focus: panel(number), row: row, zoomed: true} //nolint:gosec // a digit
	return Theme{}.frame(s, v, width, height)
}
