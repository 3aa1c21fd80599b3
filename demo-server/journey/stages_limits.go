package journey

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/floodmark/floodmark/demo-server/limit"
)

// limitRate is what the limiters let pass, per second.
const limitRate = 50

// limited returns a topology with a rate limit.
func limited(algorithm limit.Algorithm, more string) string {
	return fmt.Sprintf(`version: 1
name: limited
seed: 7
machines:
  web: {cores: 8, queue: 200}
web: {machine: web, cpu: 1us}
%srate_limit: {algorithm: %s, per: global, rate: %d/s, burst: %d`, more, algorithm, limitRate, limitRate)
}

// limiters compares what five limiters let pass when twice as much is asked for.
func limiters() Stage {
	stage := Stage{
		Name: "06a", Title: "Rate limits", Changes: "rate_limit.algorithm, at twice the limit",
		Lesson:   "All five algorithms let exactly the limit through in the long run; they differ in what passes at once.",
		Together: true,
		Read:     readLimiters,
	}
	for _, a := range limit.Algorithms() {
		stage.Cases = append(stage.Cases, Case{
			Name: words(string(a)), Changes: "algorithm: " + string(a),
			Topology: Topology{YAML: limited(a, "gateway: {replicas: 1}\n") + "}\n"},
			Loads: []Load{{
				Name: "100/s", Profile: onePage + evenLoad, Rate: 2 * limitRate,
				Warmup: 4 * time.Second, Lasts: 12 * time.Second, Drain: 3 * time.Second, Fixed: true, // a part of a window is no window
			}},
		})
	}
	return stage
}

func readLimiters(seen []*Observation, _ Theory) Reading {
	all := rows(seen)
	exact, reached := true, true
	found, came := make([]string, len(seen)), make([]string, len(seen))
	for i, o := range seen {
		run := o.Runs[0]
		admitted := run.ceiling()
		exact = exact && admitted > 0.98*limitRate && admitted < 1.02*limitRate
		passed, arrived := run.all(), run.After.Requests("web")-run.Before.Requests("web")
		reached = reached && passed == arrived
		came[i] = fmt.Sprintf("%.0f and %.0f", passed, arrived)
		found[i] = fmt.Sprintf("%s %.1f/s", o.Case.Name, admitted)
		all[i] = all[i].with(
			figure("admitted", admitted, PerSecond, limitRate, byArithmetic),
			figure("most in one second", run.busiest(), PerSecond, 0, ""),
			figure("answered 429", float64(run.Result.Status(429)), Count, 0, ""),
		).showing(run.perSecond("admitted in each second", PerSecond, answered))
	}
	return Reading{
		Rows: all,
		Expectations: []Expectation{
			expect(exact, "each limiter admits its limit, within 2%", strings.Join(found, ", "), all...),
			expect(reached, "no 429 reaches a replica: as many arrive as are admitted", strings.Join(came, ", "), all...),
		},
		Sentence: fmt.Sprintf("Asked for %d requests a second, each of the five let %d through, and the shop never heard of the others.", 2*limitRate, limitRate),
	}
}

// all returns how many requests succeeded, those of the warm-up included.
func (r Run) all() float64 {
	var all int64
	for _, s := range r.Result.Seconds {
		all += s.Succeeded
	}
	return float64(all)
}

// busiest returns how many requests succeeded in the busiest second.
func (r Run) busiest() float64 {
	var most int64
	for _, s := range r.Result.Seconds {
		most = max(most, s.Succeeded)
	}
	return float64(most)
}

// overEdges bursts in the middle of each second of its own, for half a second. Begun half
// a second after a full one, the bursts go over the edges of the limiter's windows.
const overEdges = onePage + `load:
  executor: ramping-arrival-rate
  drain: "${DRAIN}"
  stages:
` // and then burst, as often as there are seconds

const burst = `    - {duration: 300ms, target: 0/s}
    - {duration: 0s, target: 300/s}
    - {duration: 400ms, target: 300/s}
    - {duration: 0s, target: 0/s}
    - {duration: 300ms, target: 0/s}
`

// edgeOfWindow shows what a fixed window lets through over its edge.
func edgeOfWindow() Stage {
	stage := Stage{
		Name: "06b", Title: "Bursts over the edge of a window", Changes: "rate_limit.algorithm, bursts of 120 around full seconds",
		Lesson: "A fixed window forgets at its edge: a burst over it passes twice. A log of the last second does not forget.",
		Read:   readEdge,
	}
	for _, a := range []limit.Algorithm{limit.FixedWindow, limit.SlidingLog, limit.SlidingCounter} {
		stage.Cases = append(stage.Cases, Case{
			Name: words(string(a)), Changes: "algorithm: " + string(a),
			Topology: Topology{YAML: limited(a, "") + "}\n"},
			Loads: []Load{{
				Name: "bursts", Profile: overEdges + strings.Repeat(burst, 5), Aligned: 470 * time.Millisecond,
				Lasts: 5 * time.Second, Drain: time.Second, Fixed: true,
			}},
		})
	}
	return stage
}

func readEdge(seen []*Observation, _ Theory) Reading {
	all := rows(seen)
	most := make([]float64, len(seen))
	for i, o := range seen {
		most[i] = o.Runs[0].busiest()
		all[i] = all[i].with(
			figure("admitted in the worst second", most[i], PerSecond, []float64{2 * limitRate, limitRate, 0}[i], byArithmetic),
		).showing(o.Runs[0].perSecond("admitted in each second", PerSecond, answered))
	}
	return Reading{
		Rows: all,
		Expectations: []Expectation{
			expect(most[0] >= 1.8*limitRate, "the fixed window lets almost twice its limit through in one second", fmt.Sprintf("%.0f/s", most[0]), all[0]),
			expect(most[1] <= 1.04*limitRate, "the sliding log lets its limit through in any second", fmt.Sprintf("%.0f/s", most[1]), all[1]),
		},
		Sentence: fmt.Sprintf("In the worst second the fixed window let %.0f requests through where %d are allowed, the sliding log %.0f.", most[0], limitRate, most[1]),
	}
}

// shared compares two gateways that count for themselves with two that count together.
func shared() Stage {
	one := func(name, store string) Case {
		return Case{
			Name: name, Changes: "store: " + store,
			Topology: Topology{YAML: limited(limit.SlidingLog, "gateway: {replicas: 2}\n") + ", store: " + store + "}\n"},
			Loads: []Load{{
				Name: "200/s", Profile: strings.Replace(onePage, "timeout: 5s", "timeout: 5s, connections: {reuse: false}", 1) + evenLoad, Rate: 4 * limitRate,
				Warmup: 2 * time.Second, Lasts: 6 * time.Second, Drain: time.Second, Fixed: true, // as above
			}},
		}
	}
	return Stage{
		Name: "06c", Title: "A limit for two gateways", Changes: "rate_limit.store: memory → redis",
		Lesson:   "Gateways that count for themselves let the limit through once each; counting together, once.",
		Together: true,
		Cases:    []Case{one("each for itself", "memory"), one("together", "redis")},
		Read:     readShared,
	}
}

func readShared(seen []*Observation, _ Theory) Reading {
	all := rows(seen)
	admitted := make([]float64, len(seen))
	for i, o := range seen {
		admitted[i] = o.Runs[0].ceiling()
		all[i] = all[i].with(
			figure("admitted", admitted[i], PerSecond, []float64{2 * limitRate, limitRate}[i], byArithmetic),
			figure("against the limit", admitted[i]/limitRate, Times, []float64{2, 1}[i], byArithmetic),
		)
	}
	within := func(v, want float64) bool { return v > 0.97*want && v < 1.03*want }
	return Reading{
		Rows: all,
		Expectations: []Expectation{
			expect(within(admitted[0], 2*limitRate), "two gateways with memories of their own admit twice the limit", fmt.Sprintf("%.1f/s", admitted[0]), all[0]),
			expect(within(admitted[1], limitRate), "with a shared count they admit it once", fmt.Sprintf("%.1f/s", admitted[1]), all[1]),
		},
		Sentence: fmt.Sprintf("Two gateways let %.0f requests a second through when each counts for itself, and %.0f when Redis counts for both.", admitted[0], slices.Min(admitted)),
	}
}
