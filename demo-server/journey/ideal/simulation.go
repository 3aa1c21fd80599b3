package ideal

import (
	"math/rand/v2"
	"slices"
	"sort"
	"time"

	"github.com/floodmark/floodmark/demo-server/balance/pick"
	"github.com/floodmark/floodmark/demo-server/capacity"
)

// A simulation is a system under way, in virtual time.
type simulation struct {
	system     System
	rng        *rand.Rand
	picker     pick.Picker
	candidates []*pick.Candidate
	machines   []*capacity.Queue // of the replicas
	database   *capacity.Queue   // nil: on the first replica's machine, or not there

	rate   float64
	clock  time.Duration // of the last arrival
	left   int           // arrivals to come
	skip   int           // arrivals that are not counted, to begin with
	events events

	begin     time.Duration // of what is counted
	done      int           // answers from then on until the last arrival
	responses []time.Duration
	refused   int
}

// A request is one on its way.
type request struct {
	at      time.Duration // of what happens to it next
	what    step
	arrived time.Duration
	replica int
	counted bool
}

// A step is what happens to a request next.
type step int

const (
	arrives step = iota
	worked       // the replica has done its part
	answered
)

// arrive draws the next arrival, if there is one to come.
func (r *simulation) arrive() {
	if r.left == 0 {
		return
	}
	r.left--
	r.clock += time.Duration(r.rng.ExpFloat64() / r.rate * float64(time.Second))
	counted := r.skip == 0
	if !counted {
		r.skip--
	}
	r.events.add(request{at: r.clock, arrived: r.clock, what: arrives, counted: counted})
}

// next lets the next thing happen, and reports false when nothing does any more.
func (r *simulation) next() bool {
	if len(r.events) == 0 {
		return false
	}
	one := r.events.next()
	switch one.what {
	case arrives:
		r.arrive()
		r.begins(one)
	case worked:
		r.reads(one)
	case answered:
		r.ends(one)
	}
	return true
}

// begins takes a request to its replica.
func (r *simulation) begins(one request) {
	if one.counted && r.begin == 0 {
		r.begin = one.at
	}
	picked := r.picker(r.candidates, "")
	for i, c := range r.candidates {
		if c == picked {
			one.replica = i
		}
	}
	picked.InFlight++
	r.work(one, r.machines[one.replica], r.service(r.system.Web.Law, one.replica), worked)
}

// reads takes a request to the database.
func (r *simulation) reads(one request) {
	switch {
	case r.system.Database == nil:
		r.ends(one)
	case r.system.OneMachine:
		r.work(one, r.machines[0], r.service(r.system.Database.Law, 0), answered)
	default:
		r.work(one, r.database, r.system.Database.Law.Draw(r.rng), answered)
	}
}

// work lets a machine do something for a request.
func (r *simulation) work(one request, machine *capacity.Queue, service time.Duration, then step) {
	_, leave, ok := machine.Admit(one.at, service)
	if !ok {
		r.candidates[one.replica].InFlight--
		if one.counted {
			r.refused++
		}
		return
	}
	one.at, one.what = leave, then
	r.events.add(one)
}

// service draws what a request costs on a replica, as fast as that one is.
func (r *simulation) service(law capacity.Law, replica int) time.Duration {
	return time.Duration(float64(law.Draw(r.rng)) / at(r.system.Speeds, replica))
}

// ends answers a request.
func (r *simulation) ends(one request) {
	r.candidates[one.replica].InFlight--
	if r.begin > 0 && one.at <= r.clock {
		r.done++
	}
	if one.counted {
		r.responses = append(r.responses, one.at-one.arrived)
	}
}

// events are the requests under way, the next one last. They are few, so that to put one
// in its place costs less than a heap of interfaces.
type events []request

// add puts a request in its place: behind those that were there before, of equal time.
func (e *events) add(one request) {
	i := sort.Search(len(*e), func(i int) bool { return (*e)[i].at <= one.at })
	*e = slices.Insert(*e, i, one)
}

// next takes the next request out; there must be one.
func (e *events) next() request {
	last := len(*e) - 1
	one := (*e)[last]
	*e = (*e)[:last]
	return one
}
