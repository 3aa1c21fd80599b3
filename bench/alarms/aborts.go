package main

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/floodmark/floodmark/alert"
	"github.com/floodmark/floodmark/slo"
)

// tooMuch is the share of bad requests at which a run is lost: twice what the objective of
// these tables allows.
const tooMuch = 0.01

// A judge is told what the requests of each second did, and says when it gives a run up.
type judge func(second int, c slo.Count) bool

// proof is the sequential test.
func proof() judge {
	objective := slo.Objective{Expression: condition("success >= 99.5%").Expression}
	test, err := alert.SequentialOf(objective, condition("success < 99%"))
	if err != nil {
		panic(err)
	}
	a := &alert.Abort{Test: test}
	return func(_ int, c slo.Count) bool {
		lost, _ := a.Add(c, time.Second)
		return lost
	}
}

// threshold wants the share of bad requests of the run so far to be below the limit,
// every other second from the one after a delay on.
func threshold(delay int) judge {
	var run slo.Count
	return func(second int, c slo.Count) bool {
		run.Good += c.Good
		run.Total += c.Total
		return second%2 == 0 && second > delay && float64(run.Bad())/float64(run.Total) >= tooMuch
	}
}

// givesUp returns in which second a judge gives a run up; ok is false for a run that
// lasts.
func (j judge) givesUp(r *rand.Rand, rate int64, good float64) (second int, ok bool) {
	const seconds = 300
	for i := 1; i <= seconds; i++ {
		if j(i, drawSecond(r, rate, good)) {
			return i, true
		}
	}
	return seconds, false
}

// judges are the columns of both tables of aborts.
func judges() ([]string, []func() judge) {
	return []string{"sequential test", "threshold", "threshold after 10 s", "threshold after 60 s"},
		[]func() judge{proof, func() judge { return threshold(0) }, func() judge { return threshold(10) }, func() judge { return threshold(60) }}
}

// falseAborts is how often a service that keeps its promise is given up.
func falseAborts() table {
	heads, judges := judges()
	t := table{
		title: "Early abort: false ones",
		about: "The share of runs of five minutes that are given up although 0.5 % of requests are bad and `success >= 99.5%` allows as many: by the sequential test against `success < 99%`, and by comparing the share of the run so far with the same 1 % every other second. " +
			"Each figure is of 3 000 runs; the test promises about 1 % at most, whatever the rate and the length of the run.",
		names: []string{"requests/s"}, heads: heads,
	}
	const runs = 3000
	for _, rate := range []int64{10, 50, 200} {
		row := row{names: []string{fmt.Sprint(rate)}}
		for _, begin := range judges {
			row.cells = append(row.cells, func(r *rand.Rand) string {
				given := 0
				for range runs {
					if _, ok := begin().givesUp(r, rate, 1-tooMuch/2); ok {
						given++
					}
				}
				return share(given, runs)
			})
		}
		t.rows = append(t.rows, row)
	}
	return t
}

// trueAborts is how long a service that breaks its promise goes on being loaded.
func trueAborts() table {
	heads, judges := judges()
	t := table{
		title: "Early abort: true ones",
		about: "How long the same tests take to give a run up of which a larger share of requests is bad from its first second on: the mean, and the 95th percentile in parentheses. " +
			"Each figure is of 2 000 runs.",
		names: []string{"requests/s", "bad"}, heads: heads,
	}
	const runs = 2000
	for _, rate := range []int64{10, 50, 200} {
		for _, bad := range []float64{0.02, 0.05, 0.20} {
			row := row{names: []string{fmt.Sprint(rate), percent(bad)}}
			for _, begin := range judges {
				row.cells = append(row.cells, func(r *rand.Rand) string {
					var took sample
					for range runs {
						second, _ := begin().givesUp(r, rate, 1-bad)
						took = append(took, second)
					}
					return took.String()
				})
			}
			t.rows = append(t.rows, row)
		}
	}
	return t
}
