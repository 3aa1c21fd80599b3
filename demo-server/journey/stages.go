package journey

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/floodmark/floodmark/demo-server/capacity"
	"github.com/floodmark/floodmark/demo-server/journey/ideal"
)

// Stages returns all stages, in the order of the road.
func Stages() []Stage {
	return []Stage{
		separate(), vertical(),
		replicas(), pickers(), slowReplica(), killed(), sessions(), layers(),
		gatewayStage(), limiters(), edgeOfWindow(), shared(), breaker(),
		strategies(), evictions(), stampede(), network(), scaled(), dip(),
	}
}

// Pick returns the stages that are named, in the order of the road: by their whole name,
// or by the number of their step. Without names it returns all.
func Pick(all []Stage, names []string) ([]Stage, error) {
	if len(names) == 0 {
		return all, nil
	}
	var picked []Stage
	for _, name := range names {
		if !slices.ContainsFunc(all, func(s Stage) bool { return s.is(name) }) {
			return nil, fmt.Errorf("no stage %q: there are %s", name, strings.Join(namesOf(all), ", "))
		}
	}
	for _, stage := range all {
		if slices.ContainsFunc(names, stage.is) {
			picked = append(picked, stage)
		}
	}
	return picked, nil
}

// letters are what tells the lessons of one step apart.
const letters = "abcdefghijklmnopqrstuvwxyz"

// is reports whether a name means this stage: 04 means 04a to 04f, and 4 does as well; 1
// and 02 both mean 01-02, which shows two steps at once.
func (s Stage) is(name string) bool {
	if len(strings.TrimRight(name, letters)) == 1 {
		name = "0" + name
	}
	return s.Name == name || slices.Contains(strings.Split(strings.TrimRight(s.Name, letters), "-"), name)
}

func namesOf(all []Stage) []string {
	names := make([]string, len(all))
	for i, stage := range all {
		names[i] = stage.Name
	}
	return names
}

// What profiles begin with.
const (
	profileHead = `version: 1
name: journey
seed: 7
target: {base_url: "${BASE_URL}", timeout: 5s}
`
	// onePage asks for one product.
	onePage = profileHead + `scenarios:
  show: {steps: [{get: /api/products/7, name: show}]}
`
	// openLoad comes by chance, at a rate.
	openLoad = `load: {executor: constant-arrival-rate, arrivals: poisson, rate: "${RATE}", warmup: "${WARMUP}", duration: "${DURATION}", drain: "${DRAIN}"}
`
	// evenLoad comes at a rate, and as evenly as can be.
	evenLoad = `load: {executor: constant-arrival-rate, arrivals: even, rate: "${RATE}", warmup: "${WARMUP}", duration: "${DURATION}", drain: "${DRAIN}"}
`
)

// Where expected figures come from.
const (
	byFormula    = "formula"
	bySimulation = "simulation"
	byArithmetic = "arithmetic"
	byTrial      = "earlier trial" // one of this project's, written down in the docs
)

// requests is how many a simulation sends: good for about two percent.
const requests = 300_000

// law reads a law that is written in the code.
func law(text string) capacity.Law {
	l, err := capacity.ParseLaw(text)
	if err != nil {
		panic(err) // a test reads them all
	}
	return l
}

// spread returns an exponential law as topologies have it.
func spread(mean time.Duration) string {
	return fmt.Sprintf("{distribution: exponential, mean: %s}", mean)
}

// station returns a machine for simulations.
func station(cores, places int, mean time.Duration) ideal.Station {
	return ideal.Station{Cores: cores, Places: places, Law: law("exponential:" + mean.String())}
}

// first returns the rows of all cases.
func rows(seen []*Observation) []Row {
	all := make([]Row, len(seen))
	for i, o := range seen {
		all[i] = o.row()
	}
	return all
}

// perSecond returns a series of what each second of a run was like, the warm-up left out.
func (r Run) perSecond(name string, unit Unit, of func(Second) float64) Series {
	s := Series{Name: name, Unit: unit}
	warmup := r.Begins()
	for _, second := range r.Result.Seconds {
		if second.Start > warmup-0.1 && second.End-second.Start > 0.5 {
			s.Values = append(s.Values, of(second))
		}
	}
	return s
}

// Begins returns when the warm-up was over, in seconds from the start.
func (r Run) Begins() float64 {
	warmup, _ := r.Load.times(r.Quick)
	return warmup.Seconds()
}

// succeeded is the share of requests of a second that succeeded; 1 where there was none.
func succeeded(s Second) float64 {
	if s.Succeeded+s.Failed == 0 {
		return 1
	}
	return float64(s.Succeeded) / float64(s.Succeeded+s.Failed)
}

func slowest(s Second) float64 { return s.P99 }

func answered(s Second) float64 { return float64(s.Succeeded) / (s.End - s.Start) }

// ceiling returns how many requests per second succeeded while a run was measured.
func (r Run) ceiling() float64 {
	warmup, lasts := r.Load.times(r.Quick)
	return r.Result.Between(warmup, warmup+lasts)
}
