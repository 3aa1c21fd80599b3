//go:build unix

package main

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

// peakMemory returns the most memory that a process had, in MiB. On Linux the system's
// figure begins with what the parent had when it forked; one that is no more
// than that says nothing, and what was seen while the process ran counts.
func peakMemory(state *os.ProcessState, seen float64) float64 {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return seen
	}
	if runtime.GOOS == "darwin" {
		return float64(usage.Maxrss) / (1 << 20) // in bytes there
	}
	var own syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &own); err == nil && usage.Maxrss <= own.Maxrss && seen > 0 {
		return seen
	}
	return float64(usage.Maxrss) / (1 << 10)
}

// watchMemory looks at a process until the function that it returns is called, which
// returns the most memory that was seen, in MiB; 0 where that cannot be.
func watchMemory(pid int) (seen func() float64) {
	const often = 50 * time.Millisecond
	end, done := make(chan struct{}), make(chan struct{})
	var most float64
	go func() {
		defer close(done)
		ticker := time.NewTicker(often)
		defer ticker.Stop()
		for {
			most = max(most, highWater(pid))
			select {
			case <-ticker.C:
			case <-end:
				return
			}
		}
	}()
	return func() float64 {
		close(end)
		<-done
		return most
	}
}

// highWater returns the most memory that a process had so far, in MiB; 0 if it is not known.
func highWater(pid int) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, ok := bytes.Cut(text, []byte("\nVmHWM:"))
	fields := bytes.Fields(rest)
	if !ok || len(fields) == 0 {
		return 0
	}
	kib, _ := strconv.ParseFloat(string(fields[0]), 64)
	return kib / (1 << 10)
}
