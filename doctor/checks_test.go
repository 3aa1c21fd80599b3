package doctor

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// What is read from a file, one change at a time.
func TestChecksOfFiles(t *testing.T) {
	conntrackMax := "proc/sys/net/netfilter/nf_conntrack_max"
	for _, test := range []struct {
		file, text string
		check      func(files) Check
		verdict    Verdict
		words      string // in value, reason or command
	}{
		{"", "", openFiles, OK, "20 000 at most, hard limit 20 000"},
		{"proc/self/limits", "Max open files   1024  4096  files\n", openFiles, Warn, "prlimit --nofile=65536:65536"},
		{"proc/self/limits", "Max open files   255  255  files\n", openFiles, Bad, "255 at most"},
		{"proc/self/limits", "Max open files   unlimited  unlimited  files\n", openFiles, OK, "1 073 741 824"},
		{"proc/self/limits", "nonsense\n", openFiles, Unknown, ""},
		{"proc/meminfo", "MemAvailable:   1048576 kB\n", files.memory, OK, "1 024 MiB"},
		{"proc/meminfo", "MemAvailable:   1048575 kB\n", files.memory, Warn, "1 023 MiB"},
		{"proc/meminfo", "MemAvailable:   1000 kB\n", files.memory, Bad, "stop other programs"},
		{"proc/meminfo", "MemFree:   1000 kB\n", files.memory, Unknown, ""},
		{"", "", files.ports, OK, "28 232 (32768 to 60999): so many connections to one address, or 470 new"},
		{"proc/sys/net/ipv4/ip_local_port_range", "50000 60000\n", files.ports, Warn, `ip_local_port_range="1024 65535"`},
		{"proc/sys/net/ipv4/ip_local_port_range", "60000 60000\n", files.ports, Bad, "1 (60000 to 60000)"},
		{"proc/sys/net/ipv4/ip_local_port_range", "60000\n", files.ports, Unknown, ""},
		{"proc/sys/net/ipv4/ip_local_port_range", "9 1\n", files.ports, Unknown, ""},
		{"", "", files.portReuse, OK, "on loopback only"},
		{"proc/sys/net/ipv4/tcp_tw_reuse", "0\n", files.portReuse, Warn, "sysctl -w net.ipv4.tcp_tw_reuse=1"},
		{"proc/sys/net/ipv4/tcp_tw_reuse", "1\n", files.portReuse, OK, "is used again"},
		{"", "", files.backlog, OK, "somaxconn 4 096, tcp_max_syn_backlog 2 048"},
		{"proc/sys/net/core/somaxconn", "128\n", files.backlog, Warn, "sysctl -w net.core.somaxconn=4096"},
		{"proc/sys/net/ipv4/tcp_max_syn_backlog", "128\n", files.backlog, Warn, "sysctl -w net.ipv4.tcp_max_syn_backlog=4096"},
		{"", "", files.conntrack, OK, "of 262 144 connections tracked"},
		{conntrackMax, "1000\n", files.conntrack, Warn, "nf_conntrack_max="},
		{conntrackMax, "0\n", files.conntrack, OK, "none"},
		{"proc/sys/net/netfilter/nf_conntrack_count", "262144\n", files.conntrack, Bad, "packets are dropped"},
		{"proc/sys/net/netfilter/nf_conntrack_count", "140000\n", files.conntrack, Warn, "packets are dropped"},
		{"", "", files.clockSource, OK, "tsc"},
		{clockDir + "current_clocksource", "acpi_pm\n", files.clockSource, Warn, "echo tsc > /" + clockDir + "current_clocksource"},
		{clockDir + "current_clocksource", "jiffies\n", files.clockSource, Bad, "milliseconds"},
		{clockDir + "current_clocksource", "\n", files.clockSource, Unknown, ""},
	} {
		f := files{tree(t, "machine")}
		if test.file != "" {
			f = with(t, test.file, test.text)
		}
		wants(t, test.file+" "+test.text, test.check(f), test.verdict, test.words)
	}
}

// openFiles is the check where the system tells nothing but /proc.
func openFiles(f files) Check { return f.openFiles(0) }

func TestOpenFilesElsewhere(t *testing.T) {
	wants(t, "known", files{}.openFiles(10_240), OK, "10 240 at most")
	wants(t, "few", files{}.openFiles(1024), Warn, "ulimit -n 65536")
	wants(t, "unknown", files{}.openFiles(0), Unknown, "")
}

// wants compares a check with a verdict and with words that must be in it. Whatever
// is not ok says why and what to do.
func wants(t *testing.T, name string, c Check, verdict Verdict, words string) {
	t.Helper()
	said := strings.Join([]string{c.Value, c.Why, c.Fix, c.Command}, "\n")
	if c.Verdict != verdict || !strings.Contains(said, words) {
		t.Errorf("%s: got %s %q, want %s and %q", name, c.Verdict, said, verdict, words)
	}
	if flawed := c.Verdict == Warn || c.Verdict == Bad; flawed != (c.Why != "" && c.Fix != "") {
		t.Errorf("%s: got %s with why %q and fix %q", name, c.Verdict, c.Why, c.Fix)
	}
}

func TestProcessors(t *testing.T) {
	for _, test := range []struct {
		present        string
		allowed, procs int
		verdict        Verdict
		words          string
	}{
		{"0-1", 2, 2, OK, "2 of 2 may be used"},
		{"0-3,8-11", 2, 2, OK, "2 of 8 may be used"},
		{"0-3", 1, 1, Warn, "taskset -c 0-3"},
		{"0", 1, 1, Warn, "use a machine with two or more"},
		{"0-3", 4, 2, Warn, "unset GOMAXPROCS"},
		{"nonsense", 4, 4, OK, "4 of 1 may be used"},
	} {
		f := with(t, "sys/devices/system/cpu/present", test.present+"\n")
		wants(t, test.present, f.processors(test.allowed, test.procs), test.verdict, test.words)
	}
	wants(t, "elsewhere", files{}.processors(8, 8), OK, "8 of 8 may be used")
}

func TestQuota(t *testing.T) {
	wants(t, "machine", files{tree(t, "machine")}.quota(2), OK, "none")
	wants(t, "tight", files{tree(t, "tight")}.quota(1), Bad, "0.50 CPUs by /sys/fs/cgroup, which has stopped its processes for 1.23s so far")
	wants(t, "tight", files{tree(t, "tight")}.quota(1), Bad, "echo max > /sys/fs/cgroup/cpu.max")
	one := with(t, "sys/fs/cgroup/cpu/cpu.cfs_quota_us", "150000\n")
	wants(t, "v1", one.quota(2), Warn, "echo -1 > /sys/fs/cgroup/cpu/cpu.cfs_quota_us")
	wants(t, "v1, all that is allowed", one.quota(1), OK, "1.50 CPUs by /sys/fs/cgroup/cpu")
}

// Between the moments two CPUs had 100 ticks each.
func TestOthersAndStolen(t *testing.T) {
	for _, test := range []struct {
		line             string
		own              time.Duration
		others, stolen   Verdict
		othersW, stolen2 string
	}{
		{"cpu  10 0 10 180 0 0 0 0 0 0", 100 * time.Millisecond, OK, OK, "5%", "0.0%"},
		{"cpu  40 10 20 100 10 10 10 0 40 0", 0, Warn, OK, "45%", "0.0%"},
		{"cpu  190 0 0 5 0 0 0 5 0 0", 0, Bad, Warn, "95%", "2.5%"},
		{"cpu  10 0 10 140 0 0 0 40 0 0", time.Second, OK, Bad, "0%", "20.0%"}, // own is more than all: clocks differ
		{"cpu  1 2 3", 0, Unknown, Unknown, "", ""},
		{"cpu  a b c d e f g h", 0, Unknown, Unknown, "", ""},
		{"cpu  0 0 0 0 0 0 0 0", 0, Unknown, Unknown, "", ""},
	} {
		f := files{fstest.MapFS{"proc/stat": {Data: []byte(test.line + "\ncpu0 1 2 3 4 5 6 7 8\n")}}}
		before, after := moment{known: true}, f.now()
		after.own = test.own
		wants(t, test.line, others(before, after), test.others, test.othersW)
		wants(t, test.line, stolen(before, after), test.stolen, test.stolen2)
	}
}

func TestJudgesOfMeasurements(t *testing.T) {
	const µs, ms = time.Microsecond, time.Millisecond
	for _, test := range []struct {
		check   Check
		verdict Verdict
		words   string
	}{
		{judgeClock(40), OK, "40 ns"},
		{judgeClock(900), Warn, "six times"},
		{judgeClock(11 * µs), Bad, "11000 ns"},
		{judgeTimers(lateness{50 * µs, 120 * µs}, lateness{500 * µs, 1100 * µs}), OK, "p50 50µs, p99 120µs (timers of the Go runtime: p50 500µs, p99 1.1ms)"},
		{judgeTimers(lateness{50 * µs, 301 * µs}, lateness{}), Warn, "shows as lag"},
		{judgeTimers(lateness{50 * µs, 6 * ms}, lateness{}), Bad, "5ms late"},
		{judgeLoopback(ceiling{123_456, 8400}), OK, "123 456 exchanges/s, 8.4µs of CPU each"},
		{judgeLoopback(ceiling{9_999, -1}), Warn, "9 999 exchanges/s (client and server share"},
		{judgeLoopback(ceiling{999, 8400}), Bad, "hardly any load"},
		{judgeHandshakes(handshakes{2000, 5000}), OK, "2 000/s full, 5 000/s resumed"},
		{judgeHandshakes(handshakes{299, 5000}), Warn, "keep connections open"},
		{judgeEncryption(5e9), OK, "5 000 MB/s"},
		{judgeEncryption(299e6), Warn, "no instructions for AES"},
	} {
		wants(t, test.check.Name, test.check, test.verdict, test.words)
	}
}
