package dashboard

import (
	"fmt"

	"github.com/floodmark/floodmark/quantity"
	"github.com/floodmark/floodmark/report"
)

// drawTableHead draws the heads of the columns, the one that is sorted by marked.
func (s *scene) drawTableHead(a area, underTitle bool) {
	all, name, spark := tableWidths(a.w)
	x := 2
	if !underTitle {
		a.put(x, 0, s.headInk(byName), "endpoint"+s.arrow(byName))
	}
	x += name
	for _, c := range all {
		head := c.head + s.arrow(c.sort)
		a.put(x+c.width-columns(head), 0, s.headInk(c.sort), head)
		x += c.width
	}
	if spark > 0 {
		a.put(x+2, 0, faint, fmt.Sprintf("p99 over %ds", sparkColumns))
		a.put(x+2+spark+2, 0, faint, fit("top error", a.w-x-4-spark))
	}
}

func (s *scene) arrow(c column) string {
	if c != s.view.sort || c == columnCount {
		return ""
	}
	if c == byName {
		return "▲"
	}
	return "▼"
}

func (s *scene) headInk(c column) ink {
	if c == s.view.sort {
		return strong
	}
	return faint
}

// drawEndpoints draws the table with its heads.
func (s *scene) drawEndpoints(a area) {
	s.drawTableHead(a.row(0), false)
	s.drawRows(a.part(0, 1, a.w, a.h-1))
}

// drawRows draws the rows, moved so that the chosen one is in sight.
func (s *scene) drawRows(a area) {
	rows := s.view.rows(s.Snapshot)
	if len(rows) == 0 {
		text := "no endpoints yet"
		if s.view.filter != "" {
			text = "no endpoint has " + quantity.Line(s.view.filter) + " in its name"
		}
		a.put(2, 0, faint, fit(text, a.w-2))
		return
	}
	at := 0
	for i, e := range rows {
		if e.Name == s.view.row && s.view.row != "" {
			at = i
		}
	}
	first := min(max(at-a.h+1, 0), max(len(rows)-a.h, 0))
	for y, e := range rows[first:min(len(rows), first+a.h)] {
		s.drawRow(a.row(y), e)
	}
	hidden := len(rows) - a.h
	if hidden > 0 && a.h > 1 && at < first+a.h-1 { // the last line says that there is more
		a.row(a.h-1).fill(plain, 0)
		a.put(2, a.h-1, faint, fit(fmt.Sprintf("and %d more: ↑↓ chooses, / filters, 8 then enter shows them", hidden+1+s.Others), a.w-2))
	} else if s.Others > 0 && len(rows) < a.h {
		a.put(2, len(rows), faint, fit(fmt.Sprintf("and %d with fewer requests, which are not shown", s.Others), a.w-2))
	}
}

// drawRow draws one endpoint.
func (s *scene) drawRow(a area, e *report.EndpointView) {
	all, name, spark := tableWidths(a.w)
	n := of(s.view.window, &e.Numbers)
	text, number := plain, plain
	if e.Name == s.view.row {
		a.fill(chosen, ' ')
		a.set(0, 0, chosen, '▸')
		text, number = chosen, chosen
	}
	a.put(2, 0, text, fitMiddle(e.Name, name-1))
	x := 2 + name
	for _, c := range all {
		ink := number
		if c.sort == byErrors && n.Failed > 0 && text != chosen {
			ink = bad
		}
		value := c.cell(n, s)
		a.put(x+c.width-columns(value), 0, ink, value)
		x += c.width
	}
	if spark == 0 {
		return
	}
	values := tail(e.P99, spark)
	most := largest(values)
	for i, v := range values {
		ink := plain
		if v > s.limit() && s.limit() > 0 {
			ink = hot
		}
		a.set(x+2+i, 0, ink, bar(v, most))
	}
	a.put(x+2+spark+2, 0, text, fit(s.topError(e), a.w-x-4-spark))
}

// topError is the most frequent failure of an endpoint, in words.
func (s *scene) topError(e *report.EndpointView) string {
	switch {
	case e.Failure == "":
		return "–"
	case e.Sample == "":
		return e.Failure
	}
	return e.Failure + " (" + s.said(e.Sample) + ")"
}
