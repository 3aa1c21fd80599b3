package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/floodmark/floodmark/alert"
)

// burns is what alerts on burn rates do, over two windows each.
func burns() table {
	t := table{
		title: "Burn rates over two windows",
		about: "How often an alert on a burn rate fires in an hour while half of what the objective allows fails, and all of it; and how long it takes to fire when 5 % of requests fail, or all, after an hour in which half of what is allowed did: the mean, and the 95th percentile in parentheses. " +
			"Each figure is of 40 runs of an hour, or of 50 falls that are followed for two hours, at 100 requests/s and with windows that are empty at first; where `min_events` is not 50 it is 2 / (burn × what the objective allows), so that one bad request alone is never an alarm.",
		names: []string{"objective", "`when`", "min_events"},
		heads: []string{"half used", "just used", "5 % fail", "all fail"},
	}
	for _, target := range []float64{0.99, 0.999} {
		for _, b := range []struct {
			burn    float64
			windows string
		}{{14.4, "1h and 5m"}, {6, "6h and 30m"}, {2.4, "6m and 30s"}, {1.5, "24m and 2m"}} {
			enough := int64(math.Ceil(2 / (b.burn * (1 - target))))
			for _, least := range []int64{50, enough} {
				when := fmt.Sprintf("burn > %g over %s", b.burn, b.windows)
				rule := &alert.Rule{
					SLO: "shop", Name: "burn", MinEvents: least, Target: target, KeepFiring: 10 * time.Second,
					When: condition(when), Resolve: condition(fmt.Sprintf("burn <= %g over %s", b.burn/2, b.windows)),
				}
				t.rows = append(t.rows, row{
					names: []string{fmt.Sprintf("%g %%", 100*target), "`" + when + "`", fmt.Sprint(least)},
					cells: []cell{hours(rule, 0.5), hours(rule, 1), burning(rule, 0.05), burning(rule, 1)},
				})
			}
		}
	}
	return t
}

// hours counts fires in runs of an hour, in which the budget burns at a rate.
func hours(rule *alert.Rule, burn float64) cell {
	const runs = 40
	return func(r *rand.Rand) string {
		fired := 0
		for range runs {
			s := watched(r, 100, rule)
			for range 3600 {
				if s.play(1-burn*(1-rule.Target)) == alert.Firing {
					fired++
				}
			}
		}
		return rate(fired, runs)
	}
}

// burning takes the time from when a share of requests fails.
func burning(rule *alert.Rule, bad float64) cell {
	const falls, most = 50, 7200
	return func(r *rand.Rand) string {
		var took sample
		for range falls {
			s := watched(r, 100, rule)
			for range 3600 {
				s.play(1 - (1-rule.Target)/2)
			}
			if after, ok := s.playFor(most, 1-bad, alert.Firing); ok {
				took = append(took, after)
			}
		}
		if len(took) == 0 {
			return "never"
		}
		return took.String()
	}
}
