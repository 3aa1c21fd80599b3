package health

import (
	"io/fs"
	"time"
)

// System returns the root below which this machine's /proc and /sys are; nil where
// there is nothing like them.
func System() fs.FS { return system() }

// CPUTime returns the processor time that this process has used, negative where that
// is not known.
func CPUTime() time.Duration { return cpuTime() }

// UsableCPUs returns how many of the machine's CPUs this process may run on, quotas
// apart.
func UsableCPUs() int { return usableCPUs() }

// FileLimit returns how many descriptors this process may have open, 0 where that is
// not known.
func FileLimit() int64 { return fileLimit() }

// A Quota is the lowest of the limits that the cgroups of a process set to its
// processor time. The zero Quota is none.
type Quota struct {
	CPUs      float64
	Cgroup    string        // the directory that sets it
	V1        bool          // it is of cgroup version 1
	Throttled time.Duration // how long it has kept CPUs from its processes so far; 0 if that is not known
}

// FindQuota looks at the cgroups of this process, from its own up to the root of what
// it can see.
func FindQuota(root fs.FS) Quota {
	var lowest Quota
	r := &reader{fsys: root}
	for _, group := range findCgroups(r) {
		cpus := group.quota(r)
		if cpus <= 0 || lowest.CPUs > 0 && cpus >= lowest.CPUs {
			continue
		}
		lowest = Quota{CPUs: cpus, Cgroup: "/" + group.dir, V1: group.v1, Throttled: max(group.throttled(r), 0)}
	}
	return lowest
}
