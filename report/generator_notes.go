package report

import (
	"fmt"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/quantity"
)

// From where on something is worth a note, as shares of what there is.
const (
	fullFiles = 0.9
	fullPorts = 0.8
)

// note tells what does not make the measurement invalid, but is good to know.
func (j *judge) note() {
	j.noteUnsent()
	if j.rules.CPU == 0 && !j.open && j.CPURatio >= busyShare && j.Health.Observed >= watched {
		j.say("the generator used %.0f%% of the %s it may use: the rate may be its limit, not the target's", 100*j.CPURatio, j.cpus())
	}
	if j.Health.Health == nil {
		return
	}
	h := j.Health.Health
	if d := h.Throttled; j.Valid && j.Health.PerSecond(d) >= throttledShare {
		j.say("its cgroup's quota of %s stopped the generator for %s", j.cpus(), quantity.Duration(*d))
	}
	if j.Valid && j.rules.Lag > 0 && h.GC.Longest >= j.rules.Lag {
		j.say("collecting garbage stopped the generator for up to %s", quantity.Duration(h.GC.Longest))
	}
	if f := h.Files; f != nil && float64(f.Open) >= fullFiles*float64(f.Limit) && j.sent.why != noDescriptor {
		j.say("%s of %s file descriptors were open: raise ulimit -n before adding connections", quantity.Count(f.Open), quantity.Count(f.Limit))
	}
	if s := h.Sockets; s != nil && j.sent.why != noPort && j.fillsPorts(*s) {
		j.say("%s sockets in TIME_WAIT, of %s local ports: reuse connections, widen net.ipv4.ip_local_port_range, or send from more addresses (local_ips)",
			quantity.Count(s.TimeWait), quantity.Count(s.Ports))
	}
	if d := j.Health.Stepped; d > 0 {
		j.say("the wall clock was moved by %s, or the machine slept: times of day may be wrong, durations are not", quantity.Duration(d))
	}
}

// fillsPorts reports whether the local ports are almost used up, and that by this
// run: ports are counted for each address that is called, which the sum of all that
// the machine has in TIME_WAIT does not tell.
func (j *judge) fillsPorts(s measure.Sockets) bool {
	full := fullPorts * float64(s.Ports)
	return s.Ports > 0 && float64(s.TimeWait) >= full && float64(j.connections) >= full
}

// noteUnsent tells of arrivals that were not sent, although the generator was well.
func (j *judge) noteUnsent() {
	if j.sent.unsent == 0 || !j.Valid {
		return
	}
	why := "So many waited for the target"
	if j.paced() {
		why = "The generator was on time: the target is too slow for this rate"
	}
	if j.steered {
		why = "Or they were late when the load was changed by hand"
	}
	j.say("%s of %s arrivals (%s) were not sent: max_in_flight %s was reached. %s", quantity.Count(j.sent.unsent), quantity.Count(j.sent.asked),
		quantity.Percent(share(j.sent.unsent, j.sent.asked), 0), quantity.Count(int64(j.maxInFlight)), why)
}

func (j *judge) say(format string, args ...any) {
	j.Notes = append(j.Notes, fmt.Sprintf(format, args...))
}
