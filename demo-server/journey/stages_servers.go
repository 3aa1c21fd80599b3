package journey

import (
	"fmt"
	"time"

	"github.com/floodmark/floodmark/demo-server/journey/ideal"
)

// work is what the web server and the database each do for one page, in the mean.
const work = 10 * time.Millisecond

// separate is one server, and the step from it to a web server and a database.
func separate() Stage {
	return Stage{
		Name: "01-02", Title: "One server, and a database apart", Changes: "database.machine: web → db",
		Lesson:   "A database on a machine of its own doubles what the whole can do, and long before that the queue at equal load collapses.",
		Together: true,
		Theory: func() Theory {
			one := ideal.System{Web: station(2, 50, work), Database: new(station(2, 50, work)), OneMachine: true, Seed: 7}
			two := one
			two.OneMachine = false
			before, after := one.Run(80, requests), two.Run(80, requests)
			return Theory{
				"single": before.Mean.Seconds(), "separate": after.Mean.Seconds(),
				"single ceiling": 2 / (2 * work).Seconds(), "separate ceiling": 2 / work.Seconds(),
			}
		},
		Cases: []Case{serverCase("single", "web and database on one machine of 2 cores", "web", 130), serverCase("separate", "the database on a second machine of 2 cores", "db", 260)},
		Read:  readSeparate,
	}
}

// serverCase is a web server whose database is on a machine.
func serverCase(name, changes, machine string, overload float64) Case {
	second := ""
	if machine != "web" {
		second = "\n  " + machine + ": {cores: 2, queue: 50}"
	}
	return Case{
		Name: name, Changes: changes,
		Topology: Topology{YAML: fmt.Sprintf(`version: 1
name: %s
seed: 7
machines:
  web: {cores: 2, queue: 50}%s
web:
  machine: web
  cpu: %s
database:
  machine: %s
  read: %s
  pool: {max: 400, max_wait: 5s}
`, name, second, spread(work), machine, spread(work))},
		Loads: []Load{
			{Name: "overload", Profile: onePage + openLoad, Rate: overload, Warmup: 3 * time.Second, Lasts: 7 * time.Second, Drain: time.Second},
			{Name: "80/s", Profile: onePage + openLoad, Rate: 80, Warmup: 2 * time.Second, Lasts: 20 * time.Second, Drain: time.Second},
		},
	}
}

func readSeparate(seen []*Observation, theory Theory) Reading {
	all := rows(seen)
	var ceilings, means [2]float64
	for i, o := range seen {
		ceilings[i], means[i] = o.Runs[0].ceiling(), o.Runs[1].Result.Response.Mean
		all[i] = all[i].with(
			figure("ceiling", ceilings[i], PerSecond, theory[o.Case.Name+" ceiling"], byArithmetic),
			figure("mean at 80/s", means[i], Seconds, theory[o.Case.Name], bySimulation),
		).showing(o.Runs[1].perSecond("p99 of each second at 80/s", Seconds, slowest))
	}
	ratio := ceilings[1] / ceilings[0]
	return Reading{
		Rows: all,
		Expectations: []Expectation{
			expect(ratio > 1.8 && ratio < 2.2, "the ceiling doubles", fmt.Sprintf("%.0f → %.0f/s, %.2f times", ceilings[0], ceilings[1], ratio), all...),
			expect(means[1] < 0.6*means[0], "the mean at 80/s falls to less than 60%", fmt.Sprintf("%s → %s", seconds(means[0]), seconds(means[1])), all...),
		},
		Sentence: fmt.Sprintf("Two machines answer %.0f requests a second where one answered %.0f; at 80 a second, which both can do, the mean wait is %s instead of %s.",
			ceilings[1], ceilings[0], seconds(means[1]), seconds(means[0])),
	}
}

// The contention of the machines of the stage vertical.
const (
	sigma = 0.05
	kappa = 0.002
)

// vertical is the step to bigger machines.
func vertical() Stage {
	stage := Stage{
		Name: "03", Title: "Vertical scaling", Changes: "machines.web.cores: 2 → 4 → 8 → 16 → 32",
		Lesson: "A bigger machine does more, but less and less so: cores wait for each other, and in the end more of them do less.",
		Theory: func() Theory {
			theory := Theory{}
			for _, cores := range sizes() {
				theory[fmt.Sprint(cores)] = ideal.Scale(cores, sigma, kappa) / (2 * work).Seconds()
			}
			return theory
		},
		Read: readVertical,
	}
	for _, cores := range sizes() {
		top := ideal.Scale(cores, sigma, kappa) / (2 * work).Seconds()
		stage.Cases = append(stage.Cases, Case{
			Name: fmt.Sprintf("%d cores", cores), Changes: fmt.Sprintf("cores: %d", cores),
			Topology: Topology{YAML: fmt.Sprintf(`version: 1
name: vertical
seed: 7
machines:
  web: {cores: %d, queue: 50, contention: {sigma: %g, kappa: %g}}
web: {machine: web, cpu: %s}
`, cores, sigma, kappa, 2*work)},
			Loads: []Load{{Name: "overload", Profile: onePage + openLoad, Rate: float64(int(1.3 * top)), Warmup: time.Second, Lasts: 4 * time.Second, Drain: time.Second}},
		})
	}
	return stage
}

// sizes are those of the machines of the stage vertical.
func sizes() []int { return []int{2, 4, 8, 16, 32} }

func readVertical(seen []*Observation, theory Theory) Reading {
	all := rows(seen)
	base := seen[0].Runs[0].ceiling()
	ceilings := make([]float64, len(seen))
	near := true
	for i, cores := range sizes() {
		ceilings[i] = seen[i].Runs[0].ceiling()
		want := theory[fmt.Sprint(cores)]
		near = near && ceilings[i] > 0.93*want && ceilings[i] < 1.07*want
		all[i] = all[i].with(
			figure("ceiling", ceilings[i], PerSecond, want, "Universal Scalability Law"),
			figure("against 2 cores", ceilings[i]/base, Times, want/theory["2"], "Universal Scalability Law"),
		)
	}
	last := len(ceilings) - 1
	return Reading{
		Rows: all,
		Expectations: []Expectation{
			expect(near, "each size does what the law says, within 7%", fmt.Sprintf("%.0f, %.0f, %.0f, %.0f, %.0f/s", ceilings[0], ceilings[1], ceilings[2], ceilings[3], ceilings[4]), all...),
			expect(ceilings[last] < 1.02*ceilings[last-1], "32 cores do no more than 16", fmt.Sprintf("%.0f/s and %.0f/s", ceilings[last], ceilings[last-1]), all...),
		},
		Sentence: fmt.Sprintf("Sixteen times the cores do %.1f times the work, and 32 do no more than 16.", ceilings[last]/base),
	}
}
