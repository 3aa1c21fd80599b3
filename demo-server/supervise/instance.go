// Package supervise keeps hosts running: it starts them, stops, kills and freezes them
// on request, and starts again what ended.
//
// It does not know what a host is for: no shops, no topologies, no HTTP.
//
// The main type is [Supervisor]. A host has one life after the other, each an [Instance]
// that its [Start] began: a few servers in this process, or a child process, which
// [Process] starts and whose side of it is [Serve]. Each host goes through these steps:
// it is starting, and its addresses are known; it is up until it ends, or is killed; it
// is down for a pause; and it is started again, at the addresses it had.
//
// The loops are suture's. Its backoff is not used: see docs/decisions/0026.
package supervise

import (
	"context"
	"errors"
	"time"
)

var (
	// ErrUnknown says that there is no host of a name.
	ErrUnknown = errors.New("there is no such host")
	// ErrTaken says that there is one already.
	ErrTaken = errors.New("there is a host of this name")
	// ErrNotUp says that a host has no life at the moment, or that it is about to end.
	ErrNotUp = errors.New("the host is not up")
	// ErrRemoved says that a host was removed while it started.
	ErrRemoved = errors.New("it was removed before it was up")
	// ErrShutdown says that the supervisor has been shut down.
	ErrShutdown = errors.New("everything has been shut down")
)

// An Instance is one life of a host. Its methods may be called by any number of
// goroutines at once, and after it has ended, too.
//
// One that has a method Err() error tells by it, once it is done, why. One that has a
// method Frozen() bool tells by it whether it is frozen, by whomever.
type Instance interface {
	// Addrs returns the address of each node, host:port, by the node's name.
	Addrs() map[string]string

	// Admin returns the base URL of its admin API; it may be empty.
	Admin() string

	// PID returns the process it is; 0: this one.
	PID() int

	// Stop ends it: first what is under way; at once when the context ends.
	Stop(ctx context.Context) error

	// Kill ends it at once: connections are cut, and nothing is said.
	Kill()

	// Freeze does what SIGSTOP and SIGCONT do.
	Freeze(frozen bool) error

	// Done returns a channel that is closed when it has ended, for whatever reason.
	Done() <-chan struct{}
}

// A Start begins a life. Its context bounds the start and not the life; when it ends the
// Start must return. addrs are those of the life before, and empty in the first: a
// server that comes back has its old addresses.
type Start func(ctx context.Context, addrs map[string]string) (Instance, error)

// A State is what a host is doing.
type State string

// The states.
const (
	Starting State = "starting"
	Up       State = "up"
	Frozen   State = "frozen"
	Down     State = "down" // between two lives, or for good
	Stopping State = "stopping"
)

// A Host is how a host stands.
type Host struct {
	Name      string            `json:"name"`
	State     State             `json:"state"`
	Since     time.Time         `json:"since"`
	Restarts  int               `json:"restarts"`      // lives after the first
	PID       int               `json:"pid,omitempty"` // 0: this process, or none
	Addrs     map[string]string `json:"addrs"`         // of the latest life
	Admin     string            `json:"admin,omitempty"`
	LastError string            `json:"last_error,omitempty"` // of its latest start that came to nothing, or end that nobody asked for; empty: none
}

// Why hosts enter states that were asked for: those that Kill has killed, and those that
// Freeze has frozen and let go on.
const (
	WhyKilled = "it was killed"
	WhyFrozen = "it was frozen on request"
	WhyThawed = "it was let go on, on request"
)

// A Change is a host entering a state.
type Change struct {
	Host  string    `json:"host"`
	State State     `json:"state"`
	At    time.Time `json:"at"`
	Why   string    `json:"why"`
}
