package health

import (
	"io/fs"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// system returns the root below which /proc and /sys are.
func system() fs.FS { return os.DirFS("/") }

// usableCPUs returns how many CPUs the process is pinned to, all of the machine's if
// to none. It asks for the process's first thread: those of Go may differ only by
// the user's own doing.
func usableCPUs() int {
	var set unix.CPUSet
	if unix.SchedGetaffinity(os.Getpid(), &set) != nil || set.Count() == 0 {
		return runtime.NumCPU() // a machine with more CPUs than the set can hold
	}
	return set.Count()
}
