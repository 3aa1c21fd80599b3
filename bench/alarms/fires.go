package main

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/floodmark/floodmark/alert"
)

// dip is the rule that most tables are about: below 80 % in a window, until it is back at
// a level.
func dip(window string, resolve string) *alert.Rule {
	return &alert.Rule{
		SLO: "shop", Name: "dip", MinEvents: 50, KeepFiring: 10 * time.Second,
		When: condition("success < 80% over " + window), Resolve: condition("success >= " + resolve + " over " + window),
	}
}

// fires is how often a healthy service raises an alarm, by how few requests are judged.
func fires() table {
	t := table{
		title: "False alarms, by min_events",
		about: "How often `success < 80% over 10s` fires in an hour although 95 % of requests succeed all the time, when the window holds just `min_events` requests. " +
			"Each figure is of 100 hours; the alert resolves at 90 %, and `for` is how long a breach has to last.",
		names: []string{"min_events"},
		heads: []string{"`for: 0s`", "`for: 5s`"},
	}
	for _, least := range []int64{10, 20, 30, 40, 50, 60, 80, 100} {
		row := row{names: []string{strconv.FormatInt(least, 10)}}
		for _, patience := range []time.Duration{0, 5 * time.Second} {
			row.cells = append(row.cells, func(r *rand.Rand) string {
				rule := dip("10s", "90%")
				rule.MinEvents, rule.For = least, patience
				return perHour(watched(r, float64(least)/10, rule), 0.95, 100)
			})
		}
		t.rows = append(t.rows, row)
	}
	return t
}

// perHour returns how often a service's alert fires in an hour on average.
func perHour(s *service, good float64, hours int) string {
	fired := 0
	for range hours * 3600 {
		if s.play(good) == alert.Firing {
			fired++
		}
	}
	return rate(fired, hours)
}

// rate writes how often an hour something happened.
func rate(n, hours int) string {
	if n == 0 {
		return "none"
	}
	return fmt.Sprintf("%.3g", float64(n)/float64(hours))
}
