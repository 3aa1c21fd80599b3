package main

import (
	"runtime"
	"time"
)

// cpuShare returns how much of the processor time that this process may use it
// has used, as a ratio.
func cpuShare(used, elapsed time.Duration) float64 {
	return used.Seconds() / (elapsed.Seconds() * float64(runtime.GOMAXPROCS(0)))
}
