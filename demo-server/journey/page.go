package journey

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"
)

//go:embed page.html
var pageText string

// HTML writes the document as one page that needs nothing else: no script, no other file,
// no network.
func (d Document) HTML(w io.Writer) error {
	page, err := template.New("journey").Funcs(template.FuncMap{
		"seconds": seconds,
		"errors":  Ratio.write,
		"verdict": Document.verdict,
		"bars":    bars,
		"spark":   spark,
		"state":   Report.state,
		"outcome": func(r Report) string { return string(r.Outcome()) },
		"sign":    Expectation.sign,
		"names":   Report.figures,
		"cell":    func(r Row, name string) string { return r.cell(name) },
		"join":    func(texts []string) string { return strings.Join(texts, "; ") },
		"sparks": func(rows []Row) bool {
			for _, row := range rows {
				if row.Series != nil && len(row.Series.Values) > 1 {
					return true
				}
			}
			return false
		},
	}).Parse(pageText)
	if err != nil {
		return err
	}
	return page.Execute(w, d)
}

// A bar is one of a chart: numbers are percent of its width.
type bar struct {
	Label, Value, Theory string
	Width, Tick          float64 // Tick 0: there is no theory
	Counts               bool
}

// bars returns the chart of a stage's headline figures; none where cases have no such
// figure in common.
func bars(r Report) []bar {
	if len(r.Rows) < 2 || len(r.Rows[0].Figures) == 0 {
		return nil
	}
	headline := r.Rows[0].Figures[0]
	most := 0.0
	for _, row := range r.Rows {
		if len(row.Figures) == 0 || row.Figures[0].Name != headline.Name {
			return nil
		}
		f := row.Figures[0]
		most = max(most, f.Value)
		if f.Theory != nil {
			most = max(most, *f.Theory)
		}
	}
	if most == 0 {
		return nil
	}
	all := make([]bar, len(r.Rows))
	for i, row := range r.Rows {
		f := row.Figures[0]
		all[i] = bar{Label: row.Case, Value: f.String(), Theory: f.expected(), Width: 100 * f.Value / most, Counts: row.Counts}
		if f.Theory != nil {
			all[i].Tick = 100 * *f.Theory / most
		}
	}
	return all
}

// The size of a sparkline, in units of its own.
const (
	sparkWidth  = 160
	sparkHeight = 32
)

// A sparkline is a series as a curve.
type sparkline struct {
	Case, Name    string
	Points        string // of a polyline
	Least, Most   string
	Width, Height int
}

// spark returns the curve of a row's series, from 0 on unless it is a ratio; an empty one
// where there is too little to draw.
func spark(r Row) sparkline {
	if r.Series == nil || len(r.Series.Values) < 2 {
		return sparkline{}
	}
	least, most := r.Series.Values[0], r.Series.Values[0]
	for _, v := range r.Series.Values {
		least, most = min(least, v), max(most, v)
	}
	line := sparkline{Case: r.Case, Name: r.Series.Name, Least: r.Series.Unit.write(least), Most: r.Series.Unit.write(most), Width: sparkWidth, Height: sparkHeight}
	bottom, top := 0.0, most
	if r.Series.Unit == Ratio {
		bottom, top = min(least, 0.75), 1
	}
	if top <= bottom {
		top = bottom + 1
	}
	points := make([]string, len(r.Series.Values))
	for i, v := range r.Series.Values {
		x := 1 + float64(i)*(sparkWidth-2)/float64(len(r.Series.Values)-1)
		y := sparkHeight - 2 - (v-bottom)/(top-bottom)*(sparkHeight-4)
		points[i] = fmt.Sprintf("%.1f,%.1f", x, y)
	}
	line.Points = strings.Join(points, " ")
	return line
}
