package measure

import "time"

// A Health is what the generator's own process and machine were like during an
// interval. What a system does not tell is nil, never a wrong zero. Amounts are of
// the interval, levels are of its end.
type Health struct {
	CPU       *CPU           // processor time of this process
	Throttled *time.Duration // for which its cgroups' quotas kept CPUs from it, summed over CPUs
	RunQueue  *time.Duration // for which its threads could run and waited for a CPU, summed over threads
	Stolen    *time.Duration // that the host took from this machine's CPUs, summed over CPUs
	GC        Pauses         // for which the whole process stood still
	Heap      int64          // bytes of live and not yet swept objects
	Resident  *int64         // bytes of memory in use, as the system counts
	Files     *Files
	Sockets   *Sockets
	// ClockStep is by how much the wall clock moved against the monotonic one; 0 if
	// the two agree to a few milliseconds. It is positive when the wall clock was put
	// forward, or the machine slept.
	ClockStep time.Duration
}

// CPU is processor time.
type CPU struct {
	Used    time.Duration
	Allowed time.Duration // what the process could have used: CPUs times the interval's length
	Limit   CPULimit      // what allows no more
}

// Ratio returns the share of the allowed time that was used, 0 of nothing.
func (c CPU) Ratio() float64 {
	if c.Allowed <= 0 {
		return 0
	}
	return c.Used.Seconds() / c.Allowed.Seconds()
}

// A CPULimit names what bounds the processor time of a process.
type CPULimit string

// The limits, of which the lowest counts.
const (
	LimitCPUs  CPULimit = "cpus"       // the CPUs of the machine, or those that it is pinned to
	LimitQuota CPULimit = "quota"      // the quota of a cgroup
	LimitProcs CPULimit = "gomaxprocs" // the runtime's setting
)

// Pauses are times during which no code of the process ran. Longest and Total are
// read from a histogram: give or take a fifth.
type Pauses struct {
	Count          int64
	Total, Longest time.Duration
}

// Files counts file descriptors of the process; Limit is how many it may have.
type Files struct{ Open, Limit int64 }

// Sockets tells of the machine's TCP. A closed connection keeps its local port for
// a minute in state TIME_WAIT, and Ports is how many there are to one address.
type Sockets struct{ TimeWait, Ports int64 }

// Join returns the health of two intervals that follow each other, taken as one:
// amounts add up, and of levels the highest counts. Either may be nil.
func (h *Health) Join(later *Health) *Health {
	if h == nil || later == nil {
		return firstOf(h, later)
	}
	return &Health{
		CPU:       joinCPU(h.CPU, later.CPU),
		Throttled: sum(h.Throttled, later.Throttled),
		RunQueue:  sum(h.RunQueue, later.RunQueue),
		Stolen:    sum(h.Stolen, later.Stolen),
		GC:        h.GC.join(later.GC),
		Heap:      max(h.Heap, later.Heap),
		Resident:  most(h.Resident, later.Resident, func(n int64) int64 { return n }),
		Files:     most(h.Files, later.Files, func(f Files) int64 { return f.Open }),
		Sockets:   most(h.Sockets, later.Sockets, func(s Sockets) int64 { return s.TimeWait }),
		ClockStep: h.ClockStep + later.ClockStep,
	}
}

func (p Pauses) join(q Pauses) Pauses {
	return Pauses{p.Count + q.Count, p.Total + q.Total, max(p.Longest, q.Longest)}
}

func joinCPU(a, b *CPU) *CPU {
	if a == nil || b == nil {
		return firstOf(a, b)
	}
	return &CPU{a.Used + b.Used, a.Allowed + b.Allowed, b.Limit}
}

// sum adds two amounts, each of which may be unknown.
func sum(a, b *time.Duration) *time.Duration {
	if a == nil || b == nil {
		return firstOf(a, b)
	}
	return new(*a + *b)
}

// most returns the level that is higher, by the number that tells.
func most[T any](a, b *T, by func(T) int64) *T {
	if a == nil || b == nil {
		return firstOf(a, b)
	}
	if by(*b) > by(*a) {
		return b
	}
	return a
}

// firstOf returns the one that is known, if any.
func firstOf[T any](a, b *T) *T {
	if a != nil {
		return a
	}
	return b
}
