//go:build !unix

package main

import "time"

// cpuTime is not known on this system, which reads as an idle generator; the
// pacer's lateness still tells when it was the limit.
func cpuTime() time.Duration { return 0 }
