package main

import (
	"fmt"
	"math/rand/v2"

	"github.com/floodmark/floodmark/alert"
)

// delays is how long it takes until a fall is an alarm, by window, rate and depth.
func delays() table {
	t := table{
		title: "Detection delay",
		about: "How long `success < 80%` over a window takes to fire after the share of good requests falls from a healthy level at once: the mean, and the 95th percentile in parentheses. " +
			"Each figure is of 400 falls, each after the window was full; alerts are judged once a second, with `min_events: 50` and without `for`.",
		names: []string{"window", "requests/s", "healthy"},
		heads: []string{"to 70 %", "to 50 %", "to 0 %"},
	}
	for _, window := range []struct {
		text    string
		seconds int
	}{{"10s", 10}, {"30s", 30}, {"2m", 120}} {
		for _, rate := range []float64{20, 50, 200} {
			for _, healthy := range []float64{0.95, 0.97} {
				row := row{names: []string{window.text, fmt.Sprint(rate), percent(healthy)}}
				for _, ill := range []float64{0.7, 0.5, 0} {
					row.cells = append(row.cells, func(r *rand.Rand) string {
						var took sample
						for range 400 {
							s := watched(r, rate, dip(window.text, "90%"))
							s.playFor(window.seconds, healthy, alert.Firing)
							n, _ := s.playFor(3600, ill, alert.Firing)
							took = append(took, n)
						}
						return took.String()
					})
				}
				t.rows = append(t.rows, row)
			}
		}
	}
	return t
}

// percent writes a share in whole percent.
func percent(share float64) string { return fmt.Sprintf("%.0f %%", 100*share) }
