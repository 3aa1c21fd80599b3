package health

import (
	"io/fs"
	"math"
	"os"
	"runtime"
	"time"

	"github.com/floodmark/floodmark/measure"
)

// A Monitor tells how the generator did since the beat before. Make it with [New].
// It is for one goroutine at a time.
type Monitor struct {
	reader  reader
	cgroups []cgroup // with CPU control: our own first, then its parents
	queue   runQueue
	pauses  pauses
	clocks  clockPair
	ports   int64 // local ports there are; 0: unknown
	page    int64 // bytes

	last reading
}

// A reading is what counters and clocks said at one moment. What is negative could
// not be read.
type reading struct {
	at        time.Time // with its monotonic clock
	cpu       time.Duration
	throttled time.Duration
	stolen    time.Duration
}

// New returns a monitor of this process, whose first interval begins now.
func New() *Monitor { return newMonitor(system()) }

// newMonitor returns a monitor that reads /proc and /sys below a root; nil means a
// system without them.
func newMonitor(root fs.FS) *Monitor {
	m := &Monitor{reader: reader{fsys: root}, page: int64(os.Getpagesize())}
	m.cgroups = findCgroups(&m.reader)
	m.ports = parsePorts(m.reader.read("proc/sys/net/ipv4/ip_local_port_range"))
	m.queue.waited = make(map[string]time.Duration)
	m.queue.since(&m.reader)
	m.pauses.since()
	m.clocks.step()
	m.last = m.now()
	return m
}

// now reads the counters.
func (m *Monitor) now() reading {
	r := reading{at: time.Now(), cpu: cpuTime(), throttled: -1, stolen: -1}
	if line := m.reader.readHead("proc/stat"); line != nil {
		r.stolen = parseStolen(line)
	}
	for _, group := range m.cgroups {
		if d := group.throttled(&m.reader); d >= 0 {
			r.throttled = max(r.throttled, 0) + d
		}
	}
	return r
}

// Beat returns the health of the time since the beat before, or since New. It takes
// a few hundred microseconds: see the benchmark.
func (m *Monitor) Beat() *measure.Health {
	before, now := m.last, m.now()
	m.last = now
	h := &measure.Health{
		CPU:       m.cpu(before, now),
		Throttled: since(before.throttled, now.throttled),
		Stolen:    since(before.stolen, now.stolen),
		RunQueue:  m.queue.since(&m.reader),
		Files:     countFiles(&m.reader),
		Sockets:   m.sockets(),
		ClockStep: m.clocks.step(),
	}
	h.GC, h.Heap = m.pauses.since()
	if pages := parseResident(m.reader.read("proc/self/statm")); pages > 0 {
		h.Resident = new(pages * m.page)
	}
	return h
}

// since returns by how much a counter grew, nil if it could not be read. One that
// shrank has lost a part, such as a CPU that was taken away.
func since(before, now time.Duration) *time.Duration {
	if before < 0 || now < 0 {
		return nil
	}
	return new(max(now-before, 0))
}

// cpu returns what was used and what was allowed.
func (m *Monitor) cpu(before, now reading) *measure.CPU {
	used := since(before.cpu, now.cpu)
	if used == nil {
		return nil
	}
	cpus, limit := m.allowed()
	return &measure.CPU{
		Used: *used, Allowed: time.Duration(cpus * float64(now.at.Sub(before.at))), Limit: limit,
	}
}

// allowed returns how many CPUs the process may use, and what allows no more.
func (m *Monitor) allowed() (float64, measure.CPULimit) {
	cpus, limit := float64(usableCPUs()), measure.LimitCPUs
	if procs := float64(runtime.GOMAXPROCS(0)); procs < cpus {
		cpus, limit = procs, measure.LimitProcs
	}
	for _, group := range m.cgroups {
		if quota := group.quota(&m.reader); quota > 0 && quota < cpus {
			cpus, limit = quota, measure.LimitQuota
		}
	}
	return cpus, limit
}

// sockets returns what is known of the machine's TCP.
func (m *Monitor) sockets() *measure.Sockets {
	waiting, ok := parseTimeWait(m.reader.read("proc/net/sockstat"))
	if !ok {
		return nil
	}
	return &measure.Sockets{TimeWait: waiting, Ports: m.ports}
}

// number reads a whole number of 0 or more, -1 if it is none.
func number(text []byte) int64 {
	var n int64
	for _, c := range text {
		if c < '0' || c > '9' || n > (math.MaxInt64-9)/10 {
			return -1
		}
		n = 10*n + int64(c-'0')
	}
	if len(text) == 0 {
		return -1
	}
	return n
}
