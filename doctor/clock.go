package doctor

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// From where on reading the clock is worth a word. A request reads it about six times.
const (
	slowClock   = 250 * time.Nanosecond
	uselessTime = 10 * time.Microsecond
)

const clockDir = "sys/devices/system/clocksource/clocksource0/"

// clockSource looks at what the kernel takes the time from.
func (f files) clockSource() Check {
	const name = "clock source"
	current, ok := f.text(clockDir + "current_clocksource")
	if !ok || current == "" {
		return unknown(name)
	}
	c := found(name, current, nil)
	available, _ := f.text(clockDir + "available_clocksource")
	fix, command := "choose another in the machine's firmware, or another machine", ""
	for _, better := range []string{"tsc", "kvm-clock", "hyperv_clocksource_tsc_page"} {
		if slices.Contains(strings.Fields(available), better) {
			fix, command = "as root:", "echo "+better+" > /"+clockDir+"current_clocksource"
			break
		}
	}
	switch current {
	case "jiffies", "refined-jiffies":
		return c.bad("it counts in milliseconds", fix, command)
	case "hpet", "acpi_pm":
		return c.warn("reading it takes a microsecond or more, several times a request", fix, command)
	}
	return c
}

// clockCost measures how long it takes to read the clock: the best of some rounds, as
// anything more is somebody else's doing.
func clockCost() time.Duration {
	const rounds, readings = 10, 20_000
	best := time.Duration(1 << 62)
	for range rounds {
		start := time.Now()
		for range readings - 1 {
			_ = time.Now()
		}
		best = min(best, time.Since(start)/readings)
	}
	return best
}

// judgeClock judges the time it takes to read the clock.
func judgeClock(cost time.Duration) Check {
	c := found("clock reading", fmt.Sprintf("%d ns", cost.Nanoseconds()), map[string]float64{"seconds": cost.Seconds()})
	const fix = "use a machine whose clock can be read without the kernel (tsc)"
	switch {
	case cost > uselessTime:
		return c.bad("a request reads the clock about six times; that alone shows in its response time", fix, "")
	case cost > slowClock:
		return c.warn("a request reads the clock about six times", fix, "")
	}
	return c
}
