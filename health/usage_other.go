//go:build !unix

package health

import "time"

// cpuTime is not known here.
func cpuTime() time.Duration { return -1 }

// fileLimit is not known here.
func fileLimit() int64 { return 0 }
