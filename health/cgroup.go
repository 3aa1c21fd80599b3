package health

import (
	"bytes"
	"math"
	"path"
	"strings"
	"time"
)

// A cgroup is a directory that may hold a quota for the processor time of all
// processes in and below it.
type cgroup struct {
	dir string // below the root of the file system
	v1  bool
}

// findCgroups returns the cgroups that may bound the process's CPU, its own first
// and then those above it, as far as they can be seen from here.
func findCgroups(r *reader) []cgroup {
	place, v1 := parseCgroup(r.read("proc/self/cgroup"))
	if place == "" {
		return nil
	}
	mount := parseMounts(r.read("proc/self/mountinfo"), v1)
	if mount.point == "" {
		return nil
	}
	var groups []cgroup
	below := mount.relative(place)
	for {
		groups = append(groups, cgroup{strings.TrimPrefix(path.Join(mount.point, below), "/"), v1})
		if below == "/" {
			return groups
		}
		below = path.Dir(below)
	}
}

// parseCgroup returns the process's place in the hierarchy that controls CPUs, from
// /proc/self/cgroup: lines of number, controllers and path. In version 2 there is
// one hierarchy, without named controllers; where version 1 still has the CPU, as
// on hybrid systems, that is the one that counts.
func parseCgroup(text []byte) (place string, v1 bool) {
	for line := range bytes.Lines(text) {
		parts := bytes.SplitN(bytes.TrimRight(line, "\n"), []byte(":"), 3)
		if len(parts) != 3 {
			continue
		}
		if len(parts[1]) == 0 && place == "" {
			place = string(parts[2])
		}
		for controller := range bytes.SplitSeq(parts[1], []byte(",")) {
			if string(controller) == "cpu" {
				return string(parts[2]), true
			}
		}
	}
	return place, false
}

// A mount is where a hierarchy is seen, and which of its directories is at that
// point: in a container often not its root.
type mount struct{ point, root string }

// relative returns where below the mount point a place of the hierarchy is. One
// outside what is mounted is taken for the mount point itself, which is what a
// container sees of its own cgroup.
func (m mount) relative(place string) string {
	below, inside := strings.CutPrefix(place, strings.TrimSuffix(m.root, "/"))
	if !inside || below != "" && below[0] != '/' || strings.Contains(place, "/../") || strings.HasSuffix(place, "/..") {
		return "/"
	}
	return path.Join("/", below)
}

// parseMounts finds the hierarchy with the CPU controller in /proc/self/mountinfo.
func parseMounts(text []byte, v1 bool) mount {
	for line := range bytes.Lines(text) {
		before, after, ok := strings.Cut(strings.TrimRight(string(line), "\n"), " - ")
		place, kind := strings.Fields(before), strings.Fields(after)
		if !ok || len(place) < 5 || len(kind) < 3 {
			continue
		}
		found := kind[0] == "cgroup2"
		if v1 {
			found = kind[0] == "cgroup" && strings.Contains(","+kind[2]+",", ",cpu,")
		}
		if found {
			return mount{unescape(place[4]), unescape(place[3])}
		}
	}
	return mount{}
}

// unescape turns the kernel's octal escapes of white space into the characters.
func unescape(text string) string {
	return strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(text)
}

// quota returns how many CPUs the cgroup allows, 0 if it sets no limit.
func (c cgroup) quota(r *reader) float64 {
	if !c.v1 {
		return parseMax(r.read(c.dir + "/cpu.max"))
	}
	quota := number(bytes.TrimSpace(r.read(c.dir + "/cpu.cfs_quota_us")))
	if quota <= 0 {
		return 0 // -1: no limit
	}
	return share(quota, number(bytes.TrimSpace(r.read(c.dir+"/cpu.cfs_period_us"))))
}

// parseMax reads cpu.max: quota and period in microseconds, or "max" for no limit.
func parseMax(text []byte) float64 {
	fields := bytes.Fields(text)
	if len(fields) != 2 {
		return 0
	}
	return share(number(fields[0]), number(fields[1]))
}

// share returns quota in CPUs, 0 where one of the two makes no sense.
func share(quota, period int64) float64 {
	if quota <= 0 || period <= 0 {
		return 0
	}
	return float64(quota) / float64(period)
}

// throttled returns for how long the cgroup's quota has kept CPUs from its
// processes, since it was made; negative if it does not tell.
func (c cgroup) throttled(r *reader) time.Duration {
	text := r.read(c.dir + "/cpu.stat")
	if c.v1 {
		return parseThrottled(text, "throttled_time", time.Nanosecond)
	}
	return parseThrottled(text, "throttled_usec", time.Microsecond)
}

// parseThrottled reads a line of cpu.stat.
func parseThrottled(text []byte, key string, unit time.Duration) time.Duration {
	for line := range bytes.Lines(text) {
		fields := bytes.Fields(line)
		if len(fields) != 2 || string(fields[0]) != key {
			continue
		}
		if n := number(fields[1]); n >= 0 && n <= math.MaxInt64/int64(unit) {
			return time.Duration(n) * unit
		}
	}
	return -1
}
