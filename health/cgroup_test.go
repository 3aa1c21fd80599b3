package health

import (
	"slices"
	"testing"
	"time"

	"github.com/floodmark/floodmark/measure"
)

func TestQuotas(t *testing.T) {
	for _, c := range []struct {
		tree      string
		dirs      []string
		quotas    []float64 // in CPUs, 0 for none
		throttled []time.Duration
	}{
		{
			"v2-nested",
			[]string{
				"sys/fs/cgroup/user.slice/user-1000.slice/load test.scope", "sys/fs/cgroup/user.slice/user-1000.slice",
				"sys/fs/cgroup/user.slice", "sys/fs/cgroup",
			},
			[]float64{2.5, 0, 1.5, 0},
			[]time.Duration{50 * time.Millisecond, 0, 700 * time.Millisecond, -1},
		},
		{"v2-container", []string{"sys/fs/cgroup"}, []float64{0.5}, []time.Duration{1234 * time.Microsecond}},
		{"v2-outside", []string{"sys/fs/cgroup"}, []float64{0}, []time.Duration{-1}},
		{
			"v1-container",
			[]string{"sys/fs/cgroup/cpu,cpuacct/inner", "sys/fs/cgroup/cpu,cpuacct"},
			[]float64{0, 2},
			[]time.Duration{0, 2500 * time.Microsecond},
		},
		{"hybrid", []string{"sys/fs/cgroup/cpu"}, []float64{0}, []time.Duration{0}},
		{"none", nil, nil, nil},
		{"unmounted", nil, nil, nil},
	} {
		t.Run(c.tree, func(t *testing.T) {
			r := &reader{fsys: tree(t, c.tree)}
			var dirs []string
			var quotas []float64
			var throttled []time.Duration
			for _, group := range findCgroups(r) {
				dirs = append(dirs, group.dir)
				quotas = append(quotas, group.quota(r))
				throttled = append(throttled, group.throttled(r))
			}
			if !slices.Equal(dirs, c.dirs) {
				t.Errorf("cgroups: got %q, want %q", dirs, c.dirs)
			}
			if !slices.Equal(quotas, c.quotas) {
				t.Errorf("quotas: got %v, want %v", quotas, c.quotas)
			}
			if !slices.Equal(throttled, c.throttled) {
				t.Errorf("throttled: got %v, want %v", throttled, c.throttled)
			}
		})
	}
}

// The lowest limit counts, and a quota that is set while the run goes on does, too.
func TestAllowed(t *testing.T) {
	files := tree(t, "v2-nested")
	m := newMonitor(files)
	write(files, "sys/fs/cgroup/user.slice/cpu.max", "12000 100000\n")
	write(files, "sys/fs/cgroup/user.slice/user-1000.slice/cpu.max", "31000 100000\n")
	if got, limit := m.allowed(); got != 0.12 || limit != measure.LimitQuota {
		t.Errorf("got %v by %s, want 0.12 by its quota", got, limit)
	}
	m = newMonitor(tree(t, "none"))
	if got, limit := m.allowed(); got < 1 || limit == measure.LimitQuota {
		t.Errorf("without cgroups: got %v by %s, want the machine's CPUs", got, limit)
	}
}

func TestBrokenLimitsAreNone(t *testing.T) {
	for _, text := range []string{"", "max", "max 100000", "0 100000", "-5 100000", "5 0", "5", "1 2 3", "a b", "99999999999999999999 1"} {
		if got := parseMax([]byte(text)); got != 0 {
			t.Errorf("%q: got %v, want no limit", text, got)
		}
	}
}

// Whatever a file holds, the parsers return.
func FuzzParsers(f *testing.F) {
	f.Add([]byte("0::/a\n1:cpu:/b\n"))
	f.Add([]byte("1 2 0:3 / /sys/fs/cgroup rw - cgroup2 cgroup rw\n"))
	f.Add([]byte("TCP: inuse 3 tw 4\ncpu  1 2 3 4 5 6 7 8\n"))
	f.Add([]byte("throttled_usec 9223372036854775807\n50000 100000\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		place, v1 := parseCgroup(text)
		parseMounts(text, v1).relative(place)
		if quota := parseMax(text); quota < 0 {
			t.Errorf("got a quota of %v", quota)
		}
		for _, got := range []time.Duration{parseThrottled(text, "throttled_usec", time.Microsecond), parseStolen(text)} {
			if got < -1 {
				t.Errorf("got %v", got)
			}
		}
		if n, ok := parseTimeWait(text); ok && n < 0 {
			t.Errorf("got %d sockets", n)
		}
		if n := parsePorts(text); n < 0 {
			t.Errorf("got %d ports", n)
		}
		if n := parseResident(text); n < 0 {
			t.Errorf("got %d pages", n)
		}
		if d, ok := parseSchedstat(text); ok && d < 0 {
			t.Errorf("got a delay of %v", d)
		}
	})
}
