package limit

import "github.com/floodmark/floodmark/demo-server/standin"

// A StandIn stands in for a Redis where none is installed: miniredis, a test double that
// speaks Redis's protocol from inside this process. It runs the same scripts, and it
// keeps nothing on disk, knows one core and forgets all when it ends. It is made by
// StartStandIn and ended by Close, which any number of goroutines may call.
type StandIn = standin.Redis

// StartStandIn starts one that listens on a loopback address, such as 127.0.0.1:0, which
// takes a free port and is also what an empty address means.
func StartStandIn(addr string) (*StandIn, error) {
	return standin.Start(standin.Config{Addr: addr})
}
