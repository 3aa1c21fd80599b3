package journey

import (
	"fmt"
	"time"

	"github.com/floodmark/floodmark/demo-server/balance/pick"
	"github.com/floodmark/floodmark/demo-server/journey/ideal"
)

// capacityLimit is what the p99 must keep to where a capacity is looked for.
const capacityLimit = 150 * time.Millisecond

// balanced returns a topology of replicas behind a load balancer. cpu is how long a core
// works on a request, and more stands at the end of the load balancer's part.
func balanced(replicas, cores int, cpu string, algorithm pick.Algorithm, more string) string {
	return fmt.Sprintf(`version: 1
name: balanced
seed: 7
machines:
  web: {cores: %d, queue: 200}
web:
  machine: web
  replicas: %d
  cpu: %s
load_balancer:
  algorithm: %s
%s`, cores, replicas, cpu, algorithm, more)
}

// fleet is the ideal of balanced, where service times are spread around a mean.
func fleet(replicas, cores int, mean time.Duration, algorithm pick.Algorithm) ideal.System {
	return ideal.System{Replicas: replicas, Web: station(cores, 200, mean), Algorithm: algorithm, Seed: 7}
}

// fleets are how many replicas the stage replicas has.
func fleets() []int { return []int{1, 2, 4} }

// replicas is the step to several servers.
func replicas() Stage {
	stage := Stage{
		Name: "04a", Title: "Horizontal scaling", Changes: "web.replicas: 1 → 2 → 4",
		Lesson:   "Replicas behind a load balancer do a little more than so many times as much at the same p99, since they share one another's idle moments.",
		Together: true,
		Theory: func() Theory {
			theory := Theory{}
			for _, n := range fleets() {
				theory[fmt.Sprint(n)] = fleet(n, 2, 2*work, pick.LeastConnections).Capacity(capacityLimit, float64(50*n), float64(100*n), requests/3)
			}
			return theory
		},
		Read: readReplicas,
	}
	for _, n := range fleets() {
		around := []float64{0, 66, 158, 0, 360}[n] // where to look
		stage.Cases = append(stage.Cases, Case{
			Name: plural(n, "replica"), Changes: fmt.Sprintf("web.replicas: %d", n),
			Topology: Topology{YAML: balanced(n, 2, spread(2*work), pick.LeastConnections, "")},
			Search: &Search{
				Profile: onePage + openLoad, Low: 0.7 * around, High: min(1.3*around, float64(100*n)), Probes: 4,
				Limit: capacityLimit, Warmup: 1500 * time.Millisecond, Lasts: 6 * time.Second, Drain: time.Second,
			},
		})
	}
	return stage
}

func readReplicas(seen []*Observation, theory Theory) Reading {
	all := rows(seen)
	held := make([]float64, len(seen))
	holds := true
	for i, n := range fleets() {
		probe, accuracy := seen[i].found()
		held[i] = probe.Rate
		holds = holds && held[i] >= 0.9*float64(n)*held[0]
		all[i].Rate, all[i].P50, all[i].P99, all[i].Errors = probe.Rate, probe.Result.Response.P50, probe.Result.Response.P99, probe.Result.Errors()
		all[i] = all[i].with(
			figure("capacity", held[i], PerSecond, theory[fmt.Sprint(n)], bySimulation),
			figure("give or take", accuracy, PerSecond, 0, ""),
			figureAs("against 1 replica", held[i]/held[0], Times, theory[fmt.Sprint(n)]/theory["1"], bySimulation),
		)
	}
	return Reading{
		Rows: all,
		Expectations: []Expectation{expect(holds && held[0] > 0, "the capacity at p99 <= 150 ms grows at least 0.9 N",
			fmt.Sprintf("%.0f, %.0f and %.0f/s: %.2f and %.2f times", held[0], held[1], held[2], held[1]/held[0], held[2]/held[0]), all...)},
		Sentence: fmt.Sprintf("Four replicas hold %.0f requests a second within 150 ms, one holds %.0f: %.1f times as much.", held[2], held[0], held[2]/held[0]),
	}
}

// found returns the probe at the highest rate that was held, and how far the next one was.
// Where none was, it is the lower end of the search, without a result.
func (o *Observation) found() (Probe, float64) {
	best := Probe{Rate: o.Case.Search.Low}
	next := o.Case.Search.High
	for _, probe := range o.Probes {
		switch {
		case probe.Held && probe.Rate > best.Rate:
			best = probe
		case !probe.Held:
			next = min(next, probe.Rate)
		}
	}
	return best, next - best.Rate
}

// pickersShown are the algorithms of the stage pickers, from the one that expects the
// longest waits on.
func pickersShown() []pick.Algorithm {
	return []pick.Algorithm{pick.Random, pick.RoundRobin, pick.TwoChoices, pick.LeastConnections}
}

// pickers compares ways to pick a replica.
func pickers() Stage {
	stage := Stage{
		Name: "04b", Title: "Load balancing algorithms", Changes: "load_balancer.algorithm",
		Lesson:   "At equal load and with equal replicas, whoever looks at how busy they are waits less than whoever takes turns, and chance is worst.",
		Together: true,
		Theory: func() Theory {
			theory := Theory{}
			for _, a := range pickersShown() {
				f := fleet(4, 1, 2*work, a).Run(160, requests)
				theory[string(a)], theory[string(a)+" p99"] = f.Mean.Seconds(), f.P99.Seconds()
			}
			return theory
		},
		Read: readPickers,
	}
	for _, a := range pickersShown() {
		stage.Cases = append(stage.Cases, Case{
			Name: words(string(a)), Changes: "algorithm: " + string(a),
			Topology: Topology{YAML: balanced(4, 1, spread(2*work), a, "")},
			Loads:    []Load{{Name: "160/s", Profile: onePage + openLoad, Rate: 160, Warmup: 2 * time.Second, Lasts: 30 * time.Second, Drain: 2 * time.Second}},
		})
	}
	return stage
}

func readPickers(seen []*Observation, theory Theory) Reading {
	all := rows(seen)
	holds := true
	means := make([]float64, len(seen))
	for i, a := range pickersShown() {
		r := seen[i].Runs[0].Result.Response
		means[i] = r.Mean
		holds = holds && (i == 0 || means[i] < means[i-1])
		all[i] = all[i].with(
			figure("mean at 160/s", r.Mean, Seconds, theory[string(a)], bySimulation),
			figure("p99", r.P99, Seconds, theory[string(a)+" p99"], bySimulation),
		).showing(seen[i].Runs[0].perSecond("p99 of each second", Seconds, slowest))
	}
	return Reading{
		Rows: all,
		Expectations: []Expectation{expect(holds, "the mean falls from random to round robin, two choices and least connections",
			spans(means), all...)},
		Sentence: fmt.Sprintf("The same four replicas at the same load answer in %s if picked at random, and in %s if the least busy one is.", seconds(means[0]), seconds(means[3])),
	}
}

// slowReplica compares what ways to pick make of a replica that is slower than the others.
func slowReplica() Stage {
	stage := Stage{
		Name: "04c", Title: "One replica is three times slower", Changes: "web.overrides: web-1 at a third of the speed",
		Lesson:   "Who takes turns sends the slow replica as much as the others, and its queue grows until it refuses; weights or a look at the queues save the day.",
		Together: true,
		Theory: func() Theory {
			theory := Theory{}
			for _, c := range slowCases() {
				system := fleet(4, 1, 4*work, c.algorithm)
				system.Speeds = []float64{1.0 / 3, 1, 1, 1}
				if c.algorithm == pick.WeightedRoundRobin {
					system.Weights = []float64{1, 3, 3, 3}
				}
				if c.algorithm != pick.RoundRobin { // has no steady state
					theory[string(c.algorithm)] = system.Run(60, requests).P99.Seconds()
				}
			}
			return theory
		},
		Read: readSlow,
	}
	for _, c := range slowCases() {
		stage.Cases = append(stage.Cases, Case{
			Name: words(string(c.algorithm)), Changes: "algorithm: " + string(c.algorithm),
			Topology: Topology{YAML: balanced(4, 1, spread(4*work), c.algorithm, ""), Set: c.set},
			Loads:    []Load{{Name: "60/s", Profile: onePage + openLoad, Rate: 60, Warmup: time.Second, Lasts: 22 * time.Second, Drain: 6 * time.Second}},
		})
	}
	return stage
}

// A slowCase is a way to pick.
type slowCase struct {
	algorithm pick.Algorithm
	set       []string
}

func slowCases() []slowCase {
	slow := "web.overrides.web-1.speed=0.3333"
	return []slowCase{
		{pick.RoundRobin, []string{slow}},
		{pick.WeightedRoundRobin, []string{slow, "web.overrides.web-1.weight=1", "web.overrides.web-2.weight=3", "web.overrides.web-3.weight=3", "web.overrides.web-4.weight=3"}},
		{pick.TwoChoices, []string{slow}},
		{pick.LeastConnections, []string{slow}},
	}
}

func readSlow(seen []*Observation, theory Theory) Reading {
	all := rows(seen)
	p99 := make([]float64, len(seen))
	for i, c := range slowCases() {
		p99[i] = seen[i].Runs[0].Result.Response.P99
		all[i] = all[i].with(figure("p99 at 60/s", p99[i], Seconds, theory[string(c.algorithm)], bySimulation)).
			showing(seen[i].Runs[0].perSecond("p99 of each second", Seconds, slowest))
	}
	return Reading{
		Rows: all,
		Expectations: []Expectation{expect(p99[0] >= 5*p99[3], "round robin's p99 is at least 5 times that of least connections",
			fmt.Sprintf("%s and %s: %.1f times", seconds(p99[0]), seconds(p99[3]), p99[0]/p99[3]), all...)},
		Sentence: fmt.Sprintf("One slow replica of four costs round robin a p99 of %s; least connections keeps it at %s, and right weights at %s.", seconds(p99[0]), seconds(p99[3]), seconds(p99[1])),
	}
}
