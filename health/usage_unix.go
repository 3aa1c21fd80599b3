//go:build unix

package health

import (
	"math"
	"syscall"
	"time"
)

// cpuTime returns the processor time that this process has used, negative if it is
// not known.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return -1
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// fileLimit returns how many descriptors this process may have open, 0 if it is not
// known. Go has raised it to the most that is allowed.
func fileLimit() int64 {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil {
		return 0
	}
	return int64(min(uint64(limit.Cur), math.MaxInt64)) //nolint:unconvert // signed on some systems
}
