package journey

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/floodmark/floodmark/quantity"
)

// What a number must keep to, to count.
const (
	maxModelLag = 0.05                 // p99 of the model lag, as a share of the mean service time
	minService  = time.Millisecond     // below that a machine stands for no work, and cannot keep to a share of it
	fewAnswers  = 100                  // of which there is no p99: it would be one of them
	maxPacing   = 5 * time.Millisecond // p99 of how late the generator was
)

// row returns what every stage shows of a case: the last load's numbers, and whether they
// may count.
func (o *Observation) row() Row {
	row := Row{Case: o.Case.Name, Changes: o.Case.Changes, Figures: o.Figures, Why: o.doubts()}
	row.Counts = len(row.Why) == 0
	if len(o.Runs) > 0 {
		last := o.Runs[len(o.Runs)-1]
		row.Rate = last.Result.Rates.Asked
		row.P50, row.P99 = last.Result.Response.P50, last.Result.Response.P99
		row.Errors = last.Result.Errors()
	}
	return row
}

// with adds figures to a row.
func (r Row) with(figures ...Figure) Row {
	r.Figures = append(r.Figures, figures...)
	return r
}

// showing adds a series to a row.
func (r Row) showing(s Series) Row {
	r.Series = &s
	return r
}

// figure returns a figure that theory knows; 0 is that it does not.
func figure(name string, value float64, unit Unit, theory float64, from string) Figure {
	f := Figure{Name: name, Value: value, Unit: unit}
	if theory != 0 {
		f.Theory, f.From = &theory, from
	}
	return f
}

// figureAs returns a figure that is expected to be a value, which may be 0.
func figureAs(name string, value float64, unit Unit, theory float64, from string) Figure {
	return Figure{Name: name, Value: value, Unit: unit, Theory: &theory, From: from}
}

// doubts returns why the numbers of a case do not count; none if they do.
func (o *Observation) doubts() []string {
	why := []string{}
	for _, run := range o.Runs {
		why = append(why, doubts(run.Result)...)
	}
	for _, probe := range o.Probes {
		for _, doubt := range doubts(probe.Result) {
			why = append(why, fmt.Sprintf("at %s: %s", rate(probe.Rate), doubt))
		}
	}
	for _, h := range o.lives() {
		if doubt := h.doubt(); doubt != "" {
			why = append(why, doubt)
		}
	}
	return why
}

// lives returns all hosts as they were seen last, those that were killed as they were
// before that.
func (o *Observation) lives() []Host {
	last := map[string]Host{}
	note := func(s Stats) {
		for _, h := range s.Hosts {
			last[fmt.Sprint(h.Name, " ", h.Restarts)] = h
		}
	}
	for _, run := range o.Runs {
		for _, sample := range run.Samples {
			note(sample.Stats)
		}
		note(run.After)
	}
	note(o.Last)
	all := make([]Host, 0, len(last))
	for _, name := range slices.Sorted(maps.Keys(last)) {
		all = append(all, last[name])
	}
	return all
}

// doubts returns why a run does not count.
func doubts(r Result) []string {
	switch {
	case !r.Generator.Valid && len(r.Generator.Reasons) > 0:
		return []string{"the generator: " + r.Generator.Reasons[0]}
	case !r.Generator.Valid:
		return []string{"the generator was the limit"}
	case r.Generator.Pacing > maxPacing.Seconds():
		return []string{fmt.Sprintf("the generator was late: p99 %s", seconds(r.Generator.Pacing))}
	}
	return nil
}

// doubt returns why the numbers of a machine do not count; empty if they do. Its lag is
// that of all its answers, which are those of the case: nothing else asks it.
func (h Host) doubt() string {
	if h.Machine == nil {
		return ""
	}
	service, what, lag := h.Machine.Service(), "p99", h.Machine.Lag.P99
	if h.Machine.Lag.Count < fewAnswers {
		what, lag = "mean", h.Machine.Lag.Mean
	}
	if share := lag / service; service >= minService.Seconds() && share >= maxModelLag {
		return fmt.Sprintf("%s: model lag %s %s is %.0f%% of %s", h.Name, what, seconds(lag), 100*share, seconds(service))
	}
	return ""
}

// expect returns an expectation about some rows, or about their whole stage if none is
// named.
func expect(holds bool, text, found string, rows ...Row) Expectation {
	e := Expectation{Text: text, Found: found, Holds: holds, Counts: true}
	for _, row := range rows {
		e.Counts = e.Counts && row.Counts
	}
	return e
}

// seconds writes a number of seconds for people.
func seconds(s float64) string { return quantity.Duration(time.Duration(s * float64(time.Second))) }

// String writes the value with its unit.
func (f Figure) String() string { return f.Unit.write(f.Value) }

// expected writes what it should be; empty: nobody knows.
func (f Figure) expected() string {
	if f.Theory == nil {
		return ""
	}
	return f.Unit.write(*f.Theory)
}

// write writes a value in the unit.
func (u Unit) write(v float64) string {
	switch u {
	case PerSecond:
		return quantity.Rate(v) + "/s"
	case Seconds:
		return seconds(v)
	case Ratio:
		if v == 0 || v == 1 { // exactly so, and no nearly
			return strconv.Itoa(int(v)*100) + "%"
		}
		return strconv.FormatFloat(100*v, 'f', digits(100*v), 64) + "%"
	case Times:
		return strconv.FormatFloat(v, 'f', digits(v), 64) + "x"
	case Count:
		return quantity.Count(int64(v + 0.5))
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}

// digits returns how many decimals a number is worth.
func digits(v float64) int {
	if v >= 10 {
		return 1
	}
	return 2
}
