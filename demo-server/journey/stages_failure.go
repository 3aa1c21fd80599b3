package journey

import (
	"context"
	"fmt"
	"time"

	"github.com/floodmark/floodmark/demo-server/balance/pick"
)

// checks is how a load balancer finds out that a replica is gone, and that it is back.
const checks = `  health_check: {interval: 500ms, timeout: 200ms, unhealthy_after: 2, healthy_after: 2, passive: true, eject_for: 2s}
`

// kill is an act.
func kill(at time.Duration, node string) Act {
	return Act{At: at, Name: "kill " + node, Do: func(ctx context.Context, b Backend) error {
		return b.Fault(ctx, "part="+node+" kill")
	}}
}

// killed is the step to a fleet that survives the loss of a replica.
func killed() Stage {
	one := func(name, changes, more string) Case {
		return Case{
			Name: name, Changes: changes, Watch: 100 * time.Millisecond, // each look costs the computer some
			Topology: Topology{YAML: balanced(4, 4, (4*work).String(), pick.LeastConnections, checks+more) + "orchestrator: {restart: {backoff: 3s}}\n"},
			Loads: []Load{{
				Name: "200/s", Profile: onePage + openLoad, Rate: 200, Warmup: time.Second, Lasts: 14 * time.Second,
				Drain: time.Second, Fixed: true, Acts: []Act{kill(4*time.Second, "web-2")},
			}},
		}
	}
	return Stage{
		Name: "04d", Title: "A replica dies", Changes: "load_balancer.retries: 0 → 1",
		Lesson:   "Requests that are under way at a replica when it dies fail, unless they are tried again at another one; checks put it out, and back in when it is restarted.",
		Together: true,
		Cases: []Case{
			one("without retry", "retries: 0", "  retries: 0\n"),
			one("with one retry", "retries: 1", "  retries: 1\n"),
		},
		Read: readKilled,
	}
}

func readKilled(seen []*Observation, _ Theory) Reading {
	all := rows(seen)
	failed := make([]int64, len(seen))
	for i, o := range seen {
		run := o.Runs[0]
		failed[i] = run.Result.Counts.Planned - run.Result.Counts.Succeeded
		gone, back := run.absence("web-2")
		all[i] = all[i].with(
			figureAs("failed requests", float64(failed[i]), Count, []float64{2, 0}[i], byTrial),
			figure("until it gets nothing", gone, Seconds, 0, ""),
			figure("until it is back", back, Seconds, 4, byArithmetic),
		).showing(run.perSecond("success in each second", Ratio, succeeded))
	}
	return Reading{
		Rows: all,
		Expectations: []Expectation{
			expect(failed[0] <= 5, "without retry at most 5 requests fail", fmt.Sprint(failed[0]), all[0]),
			expect(failed[1] == 0, "with one retry none fails", fmt.Sprint(failed[1]), all[1]),
		},
		Sentence: fmt.Sprintf("Killing one of four replicas at 200 requests a second costs %s without a retry and %d with one.", plural(int(failed[0]), "request"), failed[1]),
	}
}

// absence returns how long after the first act a backend of the load balancer was found to
// be gone, and how long after it it was healthy again; 0 where that was not seen.
func (r Run) absence(backend string) (gone, back float64) {
	if len(r.Acts) == 0 {
		return 0, 0
	}
	for _, sample := range r.Samples {
		since := sample.At - r.Acts[0].At
		for _, node := range sample.Stats.Nodes("balancer") {
			switch state := node.Text("backends", backend, "state"); {
			case since <= 0:
			case gone == 0 && state != "healthy":
				gone = since
			case gone > 0 && back == 0 && state == "healthy":
				back = since
			}
		}
	}
	return gone, back
}

// sessionsAtOnce is how many people are logged in.
const sessionsAtOnce = 120

// sessions compares where sessions are kept.
func sessions() Stage {
	one := func(name, changes, state, sticky string) Case {
		opened := &visitors{}
		return Case{
			Name: name, Changes: changes,
			Topology: Topology{YAML: fmt.Sprintf(`version: 1
name: sessions
seed: 7
machines:
  web: {cores: 2, queue: 200}
  db: {cores: 8, queue: 200}
web:
  machine: web
  replicas: 4
  state: %s
  cpu: %s
database: {machine: db, read: %s, write: %s}
load_balancer:
  algorithm: round_robin
%s%s`, state, 4*work, 4*work, 4*work, checks, sticky)},
			Loads: []Load{{
				Name: "50/s", Profile: onePage + openLoad, Rate: 50, Lasts: 11 * time.Second, Drain: time.Second, Fixed: true,
				Acts: []Act{
					{At: 500 * time.Millisecond, Name: "log in", Do: opened.arrive},
					kill(5*time.Second, "web-2"),
					{At: 7 * time.Second, Name: "look into the carts", Do: opened.look},
				},
			}},
			visitors: opened,
		}
	}
	return Stage{
		Name: "04e", Title: "Stateful and stateless", Changes: "web.state: stateful → stateless",
		Lesson:   "Sessions in a replica's memory die with it, one in four of them; where a token says who asks and the database keeps the cart, none does.",
		Together: true,
		Cases: []Case{
			one("stateful, sticky", "state: stateful, sticky_sessions", "stateful", "  sticky_sessions: {cookie: replica, ttl: 10m}\n"),
			one("stateless", "state: stateless", "stateless", ""),
		},
		Read: readSessions,
	}
}

func readSessions(seen []*Observation, _ Theory) Reading {
	all := rows(seen)
	lost := make([]float64, len(seen))
	for i, o := range seen {
		lost[i] = o.Case.visitors.lost()
		all[i] = all[i].with(figureAs("sessions lost", lost[i], Ratio, []float64{0.25, 0}[i], byArithmetic))
	}
	return Reading{
		Rows: all,
		Expectations: []Expectation{
			expect(lost[0] > 0.15 && lost[0] < 0.35, "about a quarter of the sticky sessions is lost", Ratio.write(lost[0]), all[0]),
			expect(lost[1] == 0, "no stateless session is lost", Ratio.write(lost[1]), all[1]),
		},
		Sentence: fmt.Sprintf("With its replica %s of the sessions died that were kept in memory, and %s of those that were not.", Ratio.write(lost[0]), Ratio.write(lost[1])),
	}
}
