package health

import (
	"bytes"
	"time"
)

// tick is the unit of /proc/stat: USER_HZ, a hundred a second on every system that
// Go runs on.
const tick = 10 * time.Millisecond

// parseStolen returns the time that the host has taken from all CPUs, from the first
// line of /proc/stat: its eighth number. Negative if it is not there.
func parseStolen(text []byte) time.Duration {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	fields := bytes.Fields(line)
	if len(fields) < 9 || string(fields[0]) != "cpu" {
		return -1
	}
	n := number(fields[8])
	if n < 0 {
		return -1
	}
	return time.Duration(n) * tick
}

// parseTimeWait returns how many TCP sockets are in TIME_WAIT, IPv6 included, from
// /proc/net/sockstat: the number after "tw" in the line of TCP.
func parseTimeWait(text []byte) (n int64, ok bool) {
	for line := range bytes.Lines(text) {
		fields := bytes.Fields(line)
		if len(fields) == 0 || string(fields[0]) != "TCP:" {
			continue
		}
		for i := 1; i+1 < len(fields); i += 2 {
			if string(fields[i]) == "tw" {
				n = number(fields[i+1])
				return n, n >= 0
			}
		}
	}
	return 0, false
}

// parsePorts returns how many local ports ip_local_port_range has, both ends
// included; 0 if it cannot be read.
func parsePorts(text []byte) int64 {
	fields := bytes.Fields(text)
	if len(fields) != 2 {
		return 0
	}
	low, high := number(fields[0]), number(fields[1])
	if low < 0 || high < low {
		return 0
	}
	return high - low + 1
}

// parseResident returns the pages in memory, from /proc/self/statm: the second
// number; 0 if it cannot be read.
func parseResident(text []byte) int64 {
	fields := bytes.Fields(text)
	if len(fields) < 2 {
		return 0
	}
	return max(number(fields[1]), 0)
}
