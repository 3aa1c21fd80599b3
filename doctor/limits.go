package doctor

import (
	"fmt"
	"strconv"

	"github.com/floodmark/floodmark/quantity"
)

// From where on limits are worth a word. A run's default max_in_flight is 5000, and
// every request in flight may have a connection of its own.
const (
	fewFiles     = 10_000
	hardlyFiles  = 256
	wantedFiles  = 65_536
	littleMemory = 1 << 30
	hardlyMemory = 128 << 20
)

// openFiles looks at how many descriptors, and so connections, the process may have.
// What counts is the hard limit: Go raises the soft one to it when a program starts.
// own is what the system tells of this process where there is no /proc, 0 if nothing.
func (f files) openFiles(own int64) Check {
	const name = "open files"
	fields := f.field("proc/self/limits", "Max open files")
	soft, hard := own, int64(0)
	command := fmt.Sprintf("ulimit -n %d", wantedFiles)
	if len(fields) >= 2 {
		soft, hard = limit(fields[0]), limit(fields[1])
		command = fmt.Sprintf("sudo prlimit --nofile=%d:%d --pid $$", wantedFiles, wantedFiles)
	} else if f.root != nil || soft == 0 {
		return unknown(name)
	}
	value := quantity.Count(soft) + " at most"
	if hard > 0 {
		value = fmt.Sprintf("%s at most, hard limit %s", quantity.Count(soft), quantity.Count(hard))
	}
	c := found(name, value, map[string]float64{"soft": float64(soft), "hard": float64(hard)})
	fix := "in the shell that starts floodmark:"
	switch {
	case soft < hardlyFiles:
		return c.bad("requests fail as soon as so many connections are open, and that reads like a fault of the target", fix, command)
	case soft < fewFiles:
		return c.warn("every connection takes one, and 5 000 requests may be in flight by default", fix, command)
	}
	return c
}

// limit reads a limit; unlimited is a great many.
func limit(text string) int64 {
	if text == "unlimited" {
		return 1 << 30
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// memory looks at how much memory programs could still have, by the kernel's estimate.
// A cgroup may allow less.
func (f files) memory() Check {
	const name = "free memory"
	fields := f.field("proc/meminfo", "MemAvailable:")
	if len(fields) < 1 {
		return unknown(name)
	}
	kilobytes, err := strconv.ParseInt(fields[0], 10, 64)
	if err != nil {
		return unknown(name)
	}
	bytes := kilobytes * 1024
	c := found(name, fmt.Sprintf("%s MiB", quantity.Count(bytes>>20)), map[string]float64{"bytes": float64(bytes)})
	const fix = "stop other programs, or lower max_in_flight"
	switch {
	case bytes < hardlyMemory:
		return c.bad("a machine that must make room for each page answers late", fix, "")
	case bytes < littleMemory:
		return c.warn("a run of many connections and endpoints takes a few hundred MiB", fix, "")
	}
	return c
}
