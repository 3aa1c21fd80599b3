package journey

import (
	"context"
	"fmt"
	"time"
)

// closedLoad are users who ask again as soon as they have an answer.
const closedLoad = `load: {executor: constant-vus, vus: %d, warmup: "${WARMUP}", duration: "${DURATION}", drain: "${DRAIN}"}
`

// layers compares a load balancer of requests with one of connections.
func layers() Stage {
	one := func(name string, layer int) Case {
		return Case{
			Name: name, Changes: fmt.Sprintf("layer: %d", layer),
			Topology: Topology{YAML: fmt.Sprintf(`version: 1
name: layers
seed: 7
machines:
  web: {cores: 8, queue: 200}
web: {machine: web, replicas: 4, cpu: 1us}
load_balancer: {layer: %d, algorithm: round_robin}
`, layer)},
			Loads: []Load{{
				Name: "6 users", Profile: onePage + fmt.Sprintf(closedLoad, 6),
				Warmup: time.Second, Lasts: 6 * time.Second,
			}},
		}
	}
	return Stage{
		Name: "04f", Title: "Layer 4 and layer 7", Changes: "load_balancer.layer: 7 → 4",
		Lesson: "A balancer of connections does less work, and looks less far: clients that keep their connection stay at one replica, whatever the others do.",
		Theory: func() Theory { return Theory{"7": 1, "4": 2.0 / 1.5} }, // 6 connections for 4 replicas: 2, 2, 1, 1
		Cases:  []Case{one("layer 7", 7), one("layer 4", 4)},
		Read:   readLayers,
	}
}

func readLayers(seen []*Observation, theory Theory) Reading {
	all := rows(seen)
	var rates, uneven [2]float64
	for i, o := range seen {
		run := o.Runs[0]
		rates[i], uneven[i] = run.Result.Rates.Completed, run.unevenness()
		all[i] = all[i].with(
			figure("6 users get", rates[i], PerSecond, 0, ""),
			figure("busiest replica against the mean", uneven[i], Times, theory[[]string{"7", "4"}[i]], byArithmetic),
		)
	}
	return Reading{
		Rows: all,
		Expectations: []Expectation{
			expect(rates[1] > rates[0], "layer 4 passes more on", fmt.Sprintf("%.0f and %.0f/s", rates[1], rates[0]), all...),
			expect(uneven[1] > uneven[0]+0.1, "layer 4 spreads requests less evenly", fmt.Sprintf("busiest replica %.2f and %.2f times the mean", uneven[1], uneven[0]), all...),
		},
		Sentence: fmt.Sprintf("Handing on connections instead of requests lets through %.1f times as much, but the busiest replica gets %.2f times its share.", rates[1]/rates[0], uneven[1]),
	}
}

// unevenness returns how many times the mean the busiest replica's requests were.
func (r Run) unevenness() float64 {
	before := map[string]uint64{}
	for _, n := range r.Before.Nodes("web") {
		before[n.Name] = n.Requests.Total
	}
	var sum, most float64
	nodes := r.After.Nodes("web")
	for _, n := range nodes {
		requests := float64(n.Requests.Total - before[n.Name])
		sum += requests
		most = max(most, requests)
	}
	if sum == 0 {
		return 0
	}
	return most * float64(len(nodes)) / sum
}

// scaled is the step to a fleet that grows while it works.
func scaled() Stage {
	return Stage{
		Name: "12", Title: "Scaling while it runs", Changes: "floodmark demo scale web=4, at two replicas and full load",
		Lesson: "New replicas join a fleet under load within moments, and nobody notices but by shorter waits.",
		Cases: []Case{{
			Name: "2 → 4 replicas", Changes: "web.replicas: 2 → 4 at 5 s", Watch: 100 * time.Millisecond, // each look costs the computer some
			Topology: Topology{YAML: balanced(2, 2, spread(4*work), "least_connections", checks)},
			Loads: []Load{{
				Name: "85/s", Profile: onePage + openLoad, Rate: 85, Warmup: time.Second, Lasts: 13 * time.Second,
				Drain: time.Second, Fixed: true, Acts: []Act{{At: 6 * time.Second, Name: "scale web=4", Do: func(ctx context.Context, b Backend) error {
					return b.Scale(ctx, "web", 4)
				}}},
			}},
		}},
		Read: readScaled,
	}
}

func readScaled(seen []*Observation, _ Theory) Reading {
	run := seen[0].Runs[0]
	all := rows(seen)
	joined := run.firstRequest("web-4")
	failed := run.Result.Counts.Planned - run.Result.Counts.Succeeded
	p99 := run.perSecond("p99 of each second", Seconds, slowest)
	all[0] = all[0].with(
		figure("from scaling to a request at web-4", joined, Seconds, 0, ""),
		figureAs("failed requests", float64(failed), Count, 0, byArithmetic),
	).showing(p99)
	return Reading{
		Rows: all,
		Expectations: []Expectation{
			expect(joined > 0 && joined < 3, "the last new replica has its first request within 3 s", seconds(joined), all...),
			expect(failed == 0, "no request fails meanwhile", fmt.Sprint(failed), all...),
		},
		Sentence: fmt.Sprintf("Two more replicas took their first requests %s after they were asked for, and %d requests failed.", seconds(joined), failed),
	}
}

// firstRequest returns how long after the first act a node had its first request; 0 if it
// had none.
func (r Run) firstRequest(node string) float64 {
	if len(r.Acts) == 0 {
		return 0
	}
	for _, sample := range r.Samples {
		for _, n := range sample.Stats.Nodes("web") {
			if n.Name == node && n.Requests.Total > 0 {
				return sample.At - r.Acts[0].At
			}
		}
	}
	return 0
}
