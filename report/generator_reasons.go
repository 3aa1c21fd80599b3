package report

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/quantity"
)

// From where on something of a machine counts as the cause of lateness: as shares
// of the time.
const (
	busyShare      = 0.85 // of the processor time that may be used
	throttledShare = 0.01
	waitedShare    = 0.25
	noticedShare   = 0.05 // of waits, where nothing else explains the lateness
	idleShare      = 0.5  // of the processor time: below it, the waits are not for each other
	stolenShare    = 0.05
)

// punctuality is the lateness below which nothing has to go wrong: waking up takes a
// part of it on any machine.
const punctuality = time.Millisecond

// lagReason tells a lateness, why it probably was, and what helps.
func (j *judge) lagReason() string {
	return fmt.Sprintf("lag %s %s (rule: < %s): %s", quantileName(j.rules.LagQuantile),
		quantity.Duration(j.lateness()), j.rules.Lag, j.cause())
}

// lateness returns how late the pacer was, by the quantile of the rule.
func (j *judge) lateness() time.Duration { return j.pacing.Quantile(j.rules.LagQuantile) }

// cause returns the likeliest cause of lateness, and what helps against it. A rule that
// wants more than machines keep is one.
func (j *judge) cause() string {
	switch {
	case j.busy():
		return "its CPU was used up, see below"
	case j.lateness() < punctuality:
		return "that is how punctual this machine is, and the rule asks for more: floodmark verify tells what can be had here"
	case j.Health.Health == nil:
		return "lower the rate, or use another machine"
	}
	return j.recorded()
}

// recorded returns the likeliest cause that the health record shows, the strongest
// first.
func (j *judge) recorded() string {
	t := &j.Health
	h := t.Health
	switch {
	case t.PerSecond(h.Throttled) >= throttledShare:
		return fmt.Sprintf("its cgroup's quota of %s stopped it for %s: raise the quota, or lower the rate", j.cpus(), quantity.Duration(*h.Throttled))
	case t.CPUMax >= busyShare:
		return fmt.Sprintf("it used up to %.0f%% of the %s it may use: %s", 100*t.CPUMax, j.cpus(), j.relief())
	case t.PerSecond(h.RunQueue) >= waitedShare && j.CPURatio < idleShare:
		return fmt.Sprintf("other programs kept the CPUs busy, its threads waited %s for one: stop those, or use another machine", perSecondOf(t, h.RunQueue))
	case t.PerSecond(h.RunQueue) >= waitedShare:
		return fmt.Sprintf("its threads waited %s for a CPU: %s", perSecondOf(t, h.RunQueue), j.relief())
	case t.PerSecond(h.Stolen) >= stolenShare:
		return fmt.Sprintf("the host took %s from this machine's CPUs: use one with CPUs of its own", perSecondOf(t, h.Stolen))
	case h.GC.Longest >= j.rules.Lag:
		return fmt.Sprintf("collecting garbage stopped it for up to %s: use fewer connections, or set GOGC=400", quantity.Duration(h.GC.Longest))
	case t.PerSecond(h.RunQueue) >= noticedShare:
		return fmt.Sprintf("its threads waited %s for a CPU: stop other programs, or %s", perSecondOf(t, h.RunQueue), j.relief())
	}
	return "the process was stopped, or the machine slept, while CPUs were free: keep both running, or use another machine"
}

// perSecondOf writes an amount as 412ms/s.
func perSecondOf(t *measure.HealthTotals, amount *time.Duration) string {
	return quantity.Duration(time.Duration(t.PerSecond(amount)*1e9)) + "/s"
}

// cpuReason tells that hardly any processor time was left.
func (j *judge) cpuReason() string {
	return fmt.Sprintf("cpu %.0f%% of the %s it may use (rule: %s): %s", 100*j.CPURatio, j.cpus(), j.rules.cpuText(), j.relief())
}

// cpus tells how much processor time the generator may use: 2 CPUs, 0.5 CPUs.
func (j *judge) cpus() string {
	if j.Health.Health == nil || j.Health.CPU == nil || j.Health.Observed <= 0 {
		return "CPU"
	}
	n := j.Health.CPU.Allowed.Seconds() / j.Health.Observed.Seconds()
	text := strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(n, 'f', 2, 64), "0"), ".")
	if text == "1" {
		return "1 CPU"
	}
	return text + " CPUs"
}

// relief says what helps a generator that is short of processor time.
func (j *judge) relief() string {
	more := "give it more CPUs"
	if j.Health.Health != nil && j.Health.CPU != nil {
		switch j.Health.CPU.Limit {
		case measure.LimitQuota:
			more = "raise its cgroup's CPU quota"
		case measure.LimitProcs:
			more = "raise GOMAXPROCS"
		case measure.LimitCPUs:
		}
	}
	return "lower the rate, use fewer connections, " + more + ", or share the load among more generators"
}

// sentReason tells that the rate was not reached, and what kept it from that.
func (j *judge) sentReason(ill bool) string {
	what := "asked arrivals in time"
	if !j.open {
		what = "requests"
	}
	text := fmt.Sprintf("sent %s of the %s (rule: %s): ", quantity.Percent(j.sent.ratio(ill), 0), what, j.rules.sentText())
	switch {
	case j.sent.starved > 0:
		return text + quantity.Plural(j.sent.starved, "request", "requests") + " failed because " + j.shortage()
	case ill && j.sent.unsent > 0 && j.steered:
		return text + fmt.Sprintf("%s found max_in_flight %s reached, or were late when the load was changed, while the generator itself was behind, see above",
			quantity.Plural(j.sent.unsent, "arrival", "arrivals"), quantity.Count(int64(j.maxInFlight)))
	case ill && j.sent.unsent > 0:
		return text + fmt.Sprintf("%s found max_in_flight %s reached while the generator itself was behind, see above",
			quantity.Plural(j.sent.unsent, "arrival", "arrivals"), quantity.Count(int64(j.maxInFlight)))
	case ill:
		return text + fmt.Sprintf("they took %s longer than planned, see above", quantity.Duration(j.sent.over))
	}
	return text + fmt.Sprintf("they took %s longer than planned: %s", quantity.Duration(j.sent.over), j.relief())
}

// shortage names what the machine ran out of, and what helps.
func (j *judge) shortage() string {
	if j.sent.why == noDescriptor {
		return "this machine had no file descriptor left" + j.fileLimit() + "; raise ulimit -n, or use fewer connections"
	}
	return "this machine had no free port left; reuse connections, widen net.ipv4.ip_local_port_range, or send from more addresses (local_ips)"
}

// fileLimit tells the limit, where it is known.
func (j *judge) fileLimit() string {
	if j.Health.Health == nil || j.Health.Files == nil {
		return ""
	}
	return " of " + quantity.Count(j.Health.Files.Limit)
}
