//go:build !linux

package health

import (
	"io/fs"
	"runtime"
)

// system returns nil: there is nothing like Linux's /proc here.
func system() fs.FS { return nil }

// usableCPUs returns how many CPUs the process could use when it started.
func usableCPUs() int { return runtime.NumCPU() }
