package main

import (
	"math/rand/v2"
	"time"

	"github.com/floodmark/floodmark/alert"
)

// patience is how long an alert may take to resolve, in seconds, before it counts as
// one that does not.
const patience = 600

// resolves is how long an alert stays open after an outage, by the level that ends it.
func resolves() table {
	t := table{
		title: "Time to resolve",
		about: "How long an alert of `success < 80% over 30s` stays open after an outage of a minute is over, at 50 requests/s, by how healthy the service is then and at which level the alert resolves: " +
			"mean, and the share that is still open after ten minutes. Each figure is of 300 outages; 90 % is the default for an objective of 95 %, two thirds of the way back.",
		names: []string{"healthy", "`keep_firing_for`"},
		heads: []string{"resolve at 87.5 %", "at 90 %", "at 95 %"},
	}
	for _, healthy := range []float64{0.94, 0.95, 0.97, 0.99} {
		for _, keep := range []time.Duration{10 * time.Second, 30 * time.Second} {
			row := row{names: []string{percent(healthy), seconds(keep)}}
			for _, level := range []string{"87.5%", "90%", "95%"} {
				row.cells = append(row.cells, func(r *rand.Rand) string {
					rule := dip("30s", level)
					rule.KeepFiring = keep
					return outages(r, rule, healthy, 300)
				})
			}
			t.rows = append(t.rows, row)
		}
	}
	return t
}

// outages returns how long the alert stayed open on average, and how often it did not
// close.
func outages(r *rand.Rand, rule *alert.Rule, healthy float64, n int) string {
	var took sample
	for range n {
		s := watched(r, 50, rule)
		s.playFor(30, healthy, alert.Firing)
		for range 60 {
			s.play(0)
		}
		if after, ok := s.playFor(patience, healthy, alert.Inactive); ok {
			took = append(took, after)
		}
	}
	open := n - len(took)
	switch {
	case open == n:
		return "all open"
	case open > 0:
		return seconds(took.mean()) + ", " + share(open, n) + " open"
	}
	return seconds(took.mean())
}
