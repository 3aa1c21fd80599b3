package doctor

import (
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/floodmark/floodmark/health"
	"github.com/floodmark/floodmark/quantity"
)

// From where on what others use of the CPUs is worth a word.
const (
	someOthers, manyOthers = 0.15, 0.6
	someStolen, muchStolen = 0.01, 0.1
)

// processors looks at how many CPUs the process may use.
func (f files) processors(allowed, procs int) Check {
	present := allowed
	if text, ok := f.text("sys/devices/system/cpu/present"); ok {
		present = max(countList(text), 1)
	}
	c := found("cpus", fmt.Sprintf("%d of %d may be used", allowed, present),
		map[string]float64{"allowed": float64(allowed), "present": float64(present), "gomaxprocs": float64(procs)})
	switch {
	case procs < allowed:
		c.Value += fmt.Sprintf(", and Go uses %d", procs)
		return c.warn("the generator could have more", "unless a cgroup's quota asks for it:", "unset GOMAXPROCS")
	case allowed < 2 && present > 1:
		return c.warn("pacing, sending and the kernel's network code share one", "allow more:", "taskset -c 0-"+strconv.Itoa(present-1)+" floodmark run …")
	case allowed < 2:
		return c.warn("pacing, sending and the kernel's network code share one", "use a machine with two or more", "")
	}
	return c
}

// countList counts a kernel's list such as 0-3,8.
func countList(text string) int {
	n := 0
	for part := range strings.SplitSeq(text, ",") {
		first, last, isRange := strings.Cut(part, "-")
		low, err := strconv.Atoi(first)
		if err != nil {
			return 0
		}
		high := low
		if isRange {
			if high, err = strconv.Atoi(last); err != nil || high < low {
				return 0
			}
		}
		n += high - low + 1
	}
	return n
}

// quota looks at what cgroups allow of the CPUs. A process that has used its quota up
// is stopped for the rest of a tenth of a second, and everything with it.
func (f files) quota(allowed int) Check {
	const name = "cpu quota"
	if f.root == nil {
		return unknown(name)
	}
	q := health.FindQuota(f.root)
	if q.CPUs == 0 {
		return found(name, "none", map[string]float64{"cpus": 0})
	}
	value := fmt.Sprintf("%.2f CPUs by %s", q.CPUs, q.Cgroup)
	if q.Throttled > 0 {
		value += fmt.Sprintf(", which has stopped its processes for %s so far", quantity.Duration(q.Throttled))
	}
	c := found(name, value, map[string]float64{"cpus": q.CPUs, "throttled_seconds": q.Throttled.Seconds()})
	command := "echo max > " + q.Cgroup + "/cpu.max"
	if q.V1 {
		command = "echo -1 > " + q.Cgroup + "/cpu.cfs_quota_us"
	}
	const fix = "ask for more (docker: --cpus, Kubernetes: limits.cpu), or as root:"
	switch {
	case q.CPUs < 1:
		return c.bad("with less than one CPU the generator is stopped for up to a tenth of a second, again and again", fix, command)
	case q.CPUs < float64(allowed):
		return c.warn("a generator that uses it up is stopped for up to a tenth of a second", fix, command)
	}
	return c
}

// usage is how the time of all CPUs was spent, in ticks since the start.
type usage struct{ busy, stolen, all int64 }

// usage reads the sums of /proc/stat: user, nice, system, idle, iowait, irq, softirq
// and steal. The two of guests, which may follow, are in the first two already.
func (f files) usage() (u usage, ok bool) {
	fields := f.field("proc/stat", "cpu ")
	if len(fields) < 8 {
		return usage{}, false
	}
	for i, text := range fields[:8] {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return usage{}, false
		}
		u.all += n
		switch i {
		case 3, 4:
		case 7:
			u.stolen = n
		default:
			u.busy += n
		}
	}
	return u, true
}

// A moment is how much the CPUs had done at one instant.
type moment struct {
	usage usage
	known bool
	own   time.Duration // of this process
	at    time.Time
}

// now returns this moment.
func (f files) now() moment {
	u, ok := f.usage()
	return moment{usage: u, known: ok, own: health.CPUTime(), at: time.Now()}
}

// others judges what other programs used of all CPUs between two moments. The kernel
// counts in hundredths of a second, so that the moments should lie a second apart.
func others(before, after moment) Check {
	const name = "other programs"
	all := after.usage.all - before.usage.all
	if !before.known || !after.known || all <= 0 || before.own < 0 {
		return unknown(name)
	}
	const ticks = 100 // a second
	own := (after.own - before.own).Seconds() * ticks
	share := max(float64(after.usage.busy-before.usage.busy)-own, 0) / float64(all)
	c := found(name, fmt.Sprintf("use %.0f%% of the CPUs", 100*share), map[string]float64{"ratio": share})
	const why, fix, command = "they delay requests and answers, which nobody can tell from a slow target", "see what it is, and stop it:", "top -o %CPU"
	switch {
	case share > manyOthers:
		return c.bad(why, fix, command)
	case share > someOthers:
		return c.warn(why, fix, command)
	}
	return c
}

// stolen judges what the host took from this virtual machine between two moments.
func stolen(before, after moment) Check {
	const name = "steal"
	all := after.usage.all - before.usage.all
	if !before.known || !after.known || all <= 0 {
		return unknown(name)
	}
	share := float64(after.usage.stolen-before.usage.stolen) / float64(all)
	c := found(name, fmt.Sprintf("%.1f%% of the CPUs' time taken by the host", 100*share), map[string]float64{"ratio": share})
	const why, fix = "the host runs others meanwhile; requests and answers are late by that", "use a machine with CPUs of its own"
	switch {
	case share > muchStolen:
		return c.bad(why, fix, "")
	case share > someStolen:
		return c.warn(why, fix, "")
	}
	return c
}

// system names the machine's software.
func (f files) system() string {
	out := runtime.GOOS + "/" + runtime.GOARCH
	if release, ok := f.text("proc/sys/kernel/osrelease"); ok {
		out += " " + release
	}
	return out + ", " + runtime.Version()
}
