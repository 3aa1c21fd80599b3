package journey

import "context"

// A Bench starts backends and loads them. Its methods may be called by any number of
// goroutines at once.
type Bench interface {
	// Serve starts a backend and returns when it is ready. It runs in another process than
	// the load.
	Serve(ctx context.Context, t Topology) (Backend, error)
	// Run loads it with a profile, YAML in which ${BASE_URL} and other variables stand, and
	// returns what floodmark says. A verdict is no error.
	Run(ctx context.Context, profile string, vars map[string]string) (Result, error)
}

// A Backend is one that a bench has started.
type Backend interface {
	Door() string  // URL of what clients reach
	Admin() string // URL of the admin API
	Stats(ctx context.Context) (Stats, error)
	Fault(ctx context.Context, words string) error // as for floodmark demo fault
	Scale(ctx context.Context, part string, replicas int) error
	Stop(ctx context.Context) error
}

// A Topology says what backend to start.
type Topology struct {
	YAML string   // the text of a topology file
	Set  []string // changes, as web.replicas=4
}
