package journey

import (
	"context"
	"fmt"
	"time"
)

// paymentFault is an act: the payment provider goes wrong, for some seconds.
func paymentFault(at time.Duration, words string) Act {
	return Act{At: at, Name: "payment " + words, Do: func(ctx context.Context, b Backend) error {
		return b.Fault(ctx, "part=payment "+words)
	}}
}

// The load of the stage breaker: three in ten requests are checkouts, and the stages tell
// the requests during the outage from those around it.
const checkouts = profileHead + `scenarios:
  show: {weight: 7, steps: [{get: /api/products/7, name: show}]}
  checkout: {weight: 3, steps: [{post: /api/orders, name: checkout, headers: {Authorization: Bearer demo-token}, json: {product: 7, quantity: 1}}]}
`

const breakerLoad = checkouts + `load:
  executor: ramping-arrival-rate
  arrivals: poisson
  start: 60/s
  drain: "${DRAIN}"
  stages:
    - {name: before, duration: 4s, target: 60/s}
    - {name: strikes, duration: 2s, target: 60/s}
    - {name: open, duration: 4s, target: 60/s}
    - {name: after, duration: 6s, target: 60/s}
slos:
  - {name: healthy, objective: p99 < 150ms, select: {stage: open, endpoint: show}, verdict: point}
  - {name: fast, objective: p50 < 1ms, select: {stage: open, endpoint: checkout}, verdict: point}
  - {name: recovered, objective: success >= 99%, select: {stage: after, endpoint: checkout}, verdict: point}
`

// hang is how long the payment provider hangs, and from when on.
const (
	hangs    = 6 * time.Second
	hangFrom = 4 * time.Second
)

// breaker is the step to a circuit breaker before the payment provider.
func breaker() Stage {
	one := func(name, changes, more string) Case {
		return Case{
			Name: name, Changes: changes, Watch: 100 * time.Millisecond,
			Topology: Topology{YAML: fmt.Sprintf(`version: 1
name: breaker
seed: 7
machines:
  web: {cores: 4, queue: 200}
web:
  machine: web
  workers: 16
  cpu: %s
  endpoints:
    "POST /api/orders": {cpu: 1us}
third_parties:
  payment: {latency: 20ms}
%s`, 4*work, more)},
			Loads: []Load{{
				Name: "60/s", Profile: breakerLoad, Lasts: 16 * time.Second, Drain: 5 * time.Second, Fixed: true,
				Acts: []Act{paymentFault(hangFrom, fmt.Sprintf("delay=4s for=%s", hangs))},
			}},
		}
	}
	return Stage{
		Name: "07", Title: "Circuit breaker", Changes: "circuit_breakers.payment: none → after 3 failures, for 500 ms",
		Lesson:   "A dependency that hangs takes along everybody who waits for it, and then all who wait for a worker. A breaker answers at once, and keeps the rest alive.",
		Together: true,
		Cases: []Case{
			one("without", "no breaker", ""),
			one("breaker", "failure_threshold: 3, timeout: 500ms, call_timeout: 300ms",
				"circuit_breakers:\n  payment: {failure_threshold: 3, success_threshold: 2, timeout: 500ms, call_timeout: 300ms}\n"),
		},
		Read: readBreaker,
	}
}

func readBreaker(seen []*Observation, _ Theory) Reading {
	all := rows(seen)
	var healthy, fast [2]float64
	for i, o := range seen {
		r := o.Runs[0].Result
		healthy[i], fast[i] = r.SLO("healthy"), r.SLO("fast")
		all[i] = all[i].with(
			figure("p99 of product pages meanwhile", healthy[i], Seconds, 0, ""),
			figure("median answer to a checkout meanwhile", fast[i], Seconds, 0, ""),
		).showing(o.Runs[0].perSecond("p99 of each second", Seconds, slowest))
	}
	closed := seen[1].Runs[0].closedAgain(hangs.Seconds())
	all[1] = all[1].with(figure("closed again after", closed, Seconds, 0.5, byTrial))
	return Reading{
		Rows: all,
		Expectations: []Expectation{
			expect(fast[1] > 0 && fast[1] < 0.001, "an open breaker answers in less than 1 ms, in the median", seconds(fast[1]), all[1]),
			expect(healthy[1] > 0 && healthy[1] < capacityLimit.Seconds(), "with a breaker the p99 of product pages stays below 150 ms", seconds(healthy[1]), all[1]),
			expect(healthy[0] > 5*healthy[1], "without one it is more than 5 times as much", fmt.Sprintf("%s and %s", seconds(healthy[0]), seconds(healthy[1])), all...),
			expect(closed > 0 && closed < 1.5, "it is closed again within 1.5 s of the recovery", seconds(closed), all[1]),
		},
		Sentence: fmt.Sprintf("While the payment provider hung, product pages took %s without a breaker and %s with one, which answered checkouts in %s and was closed %s after the recovery.",
			seconds(healthy[0]), seconds(healthy[1]), seconds(fast[1]), seconds(closed)),
	}
}

// closedAgain returns how long after a fault, which began with the first act and lasted for
// some seconds, the breaker of payments was seen closed; 0 if it was not.
func (r Run) closedAgain(lasted float64) float64 {
	if len(r.Acts) == 0 {
		return 0
	}
	for _, sample := range r.Samples {
		since := sample.At - r.Acts[0].At - lasted
		for _, node := range sample.Stats.Nodes("web") {
			if since > 0 && node.Text("payment", "state") == "closed" {
				return since
			}
		}
	}
	return 0
}

// The load of the stage dip: four in ten requests are checkouts.
const dipLoad = profileHead + `scenarios:
  show: {weight: 6, steps: [{get: /api/products/7, name: show}]}
  checkout: {weight: 4, steps: [{post: /api/orders, name: checkout, headers: {Authorization: Bearer demo-token}, json: {product: 7, quantity: 1}}]}
` + openLoad + `slos:
  - name: availability
    objective: success >= 95%
    alerts:
      - {name: dip, when: success < 80% over 5s, keep_firing_for: 3s}
`

// The outage of the stage dip.
const (
	outageFrom = 8 * time.Second
	outage     = 12 * time.Second
)

// dip is the outage of the payment provider, and what keeps it from the users.
func dip() Stage {
	one := func(name, changes, more string) Case {
		return Case{
			Name: name, Changes: changes,
			Topology: Topology{YAML: fmt.Sprintf(`version: 1
name: dip
seed: 7
machines:
  web: {cores: 8, queue: 200}
web: {machine: web, cpu: %s}
third_parties:
  payment: {latency: 20ms, declines: 12.5%%}
%s`, 2*work, more)},
			Loads: []Load{{
				Name: "150/s", Profile: dipLoad, Rate: 150, Lasts: 32 * time.Second, Drain: time.Second, Fixed: true,
				Acts: []Act{paymentFault(outageFrom, fmt.Sprintf("errors=55%% for=%s", outage))},
			}},
		}
	}
	return Stage{
		Name: "16", Title: "An outage, an alert, a fallback", Changes: "circuit_breakers.payment.fallback: none → queue",
		Lesson:   "An outage of the payment provider takes success from 95% to 78%: the alert fires, and resolves. A breaker that accepts orders and has them paid later keeps it from the users.",
		Together: true,
		Cases: []Case{
			one("without", "no breaker", ""),
			one("breaker and fallback", "failure_threshold: 3, fallback: queue",
				"circuit_breakers:\n  payment: {failure_threshold: 3, success_threshold: 2, timeout: 500ms, call_timeout: 300ms, fallback: queue}\n"),
		},
		Read: readDip,
	}
}

func readDip(seen []*Observation, _ Theory) Reading {
	all := rows(seen)
	var before, meanwhile [2]float64
	for i, o := range seen {
		run := o.Runs[0]
		from := run.Acts[0].At
		before[i], meanwhile[i] = run.success(0, from), run.success(from, from+outage.Seconds())
		expected := []float64{0.78, 1}[i]
		all[i] = all[i].with(
			figure("success in the outage", meanwhile[i], Ratio, expected, byArithmetic),
			figure("success before", before[i], Ratio, 0.95, byArithmetic),
			figure("alerts fired", float64(run.changes("firing")), Count, 0, ""),
		).showing(run.perSecond("success in each second", Ratio, succeeded))
	}
	fired, resolved := seen[0].Runs[0].alert("firing"), seen[0].Runs[0].alert("inactive")
	return Reading{
		Rows: all,
		Expectations: []Expectation{
			expect(before[0] > 0.93 && before[0] < 0.97, "success is 95% before", Ratio.write(before[0]), all[0]),
			expect(meanwhile[0] > 0.75 && meanwhile[0] < 0.81, "it falls to 78% in the outage", Ratio.write(meanwhile[0]), all[0]),
			expect(fired > 0 && resolved > fired, "the alert fires, and resolves", fmt.Sprintf("after %s and %s", seconds(fired), seconds(resolved)), all[0]),
			expect(meanwhile[1] > 0.95, "with breaker and fallback it stays above 95%", Ratio.write(meanwhile[1]), all[1]),
			expect(seen[1].Runs[0].changes("firing") == 0, "and no alert fires", fmt.Sprint(seen[1].Runs[0].changes("firing")), all[1]),
		},
		Sentence: fmt.Sprintf("The outage took success from %s to %s; with a breaker and orders accepted for later it was %s.", Ratio.write(before[0]), Ratio.write(meanwhile[0]), Ratio.write(meanwhile[1])),
	}
}

// success returns the share of requests that succeeded in all seconds that lie wholly
// between two times.
func (r Run) success(from, to float64) float64 {
	var sum Second
	for _, s := range r.Result.Seconds {
		if s.Start > from && s.End < to {
			sum.Succeeded += s.Succeeded
			sum.Failed += s.Failed
		}
	}
	return succeeded(sum)
}

// alert returns when an alert first came to be in a state; 0 if it never did.
func (r Run) alert(state string) float64 {
	for _, a := range r.Result.Alerts {
		if a.State == state {
			return a.At
		}
	}
	return 0
}

// changes returns how often an alert came to be in a state.
func (r Run) changes(state string) int {
	n := 0
	for _, a := range r.Result.Alerts {
		if a.State == state {
			n++
		}
	}
	return n
}
