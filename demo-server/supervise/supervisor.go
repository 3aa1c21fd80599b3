package supervise

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/thejerf/suture/v4"
)

// Config is what a Supervisor goes by.
type Config struct {
	// RestartAfter is how long a host is down before it is started again. A start that
	// fails is tried again after twice that, then four times and so on, to 30 seconds. 0
	// or less: what has ended stays down until it is removed.
	RestartAfter time.Duration

	// OnChange is told of each change, in order, by one goroutine and outside all locks.
	// Nobody waits for it but Shutdown, which it must therefore not call. May be nil.
	OnChange func(Change)

	// Log is told of changes, too; nil: nobody is.
	Log *slog.Logger
}

// A Supervisor keeps hosts running. Its methods may be called by any number of
// goroutines at once. It is made by New and ended by Shutdown.
type Supervisor struct {
	config  Config
	tree    *suture.Supervisor
	fell    func()       // ends the tree
	ended   <-chan error // of the tree
	changes *changes

	mu    sync.Mutex
	hosts []*host // in the order in which they were added
	shut  bool

	over chan struct{} // closed when Shutdown has ended everything
}

// New returns a supervisor without hosts.
func New(config Config) *Supervisor {
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	s := &Supervisor{config: config, changes: newChanges(config), over: make(chan struct{})}
	s.tree = suture.New("hosts", suture.Spec{
		FailureThreshold: math.Inf(1), // hosts pause by themselves, each for itself
		EventHook:        s.hear,
	})
	ctx, cancel := context.WithCancel(context.Background())
	s.fell, s.ended = cancel, s.tree.ServeBackground(ctx)
	return s
}

// hear logs what nobody reckons with; that hosts end is logged as their changes are.
func (s *Supervisor) hear(e suture.Event) {
	if e.Type() != suture.EventTypeServiceTerminate {
		s.config.Log.Error("supervision", "event", e.String())
	}
}

// Add starts a host and returns when its first life is there. When that does not come
// to be, or when ctx ends before, Add returns why and nothing is left of the host.
func (s *Supervisor) Add(ctx context.Context, name string, start Start) error {
	h := newHost(ctx, s, name, start)
	if err := s.register(h); err != nil {
		return err
	}
	s.tree.Add(h)
	if err := <-h.first; err != nil {
		<-h.ended
		return fmt.Errorf("start %s: %w", name, err)
	}
	return nil
}

func (s *Supervisor) register(h *host) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.shut:
		return fmt.Errorf("start %s: %w", h.name, ErrShutdown)
	case slices.ContainsFunc(s.hosts, func(o *host) bool { return o.name == h.name }):
		return fmt.Errorf("start %s: %w", h.name, ErrTaken)
	}
	s.hosts = append(s.hosts, h)
	h.enter(Starting, "it was added")
	return nil
}

// Remove stops a host for good, whatever it is doing: what is under way ends first, or
// is cut when ctx ends. When Remove returns the name is free.
func (s *Supervisor) Remove(ctx context.Context, name string) error {
	h, err := s.find(name)
	if err != nil {
		return err
	}
	return h.remove(ctx)
}

// Kill kills a host's present life and returns when it has ended. The next one begins by
// itself. One that is just being stopped is killed, too, and nothing begins.
func (s *Supervisor) Kill(name string) error {
	h, err := s.find(name)
	if err != nil {
		return err
	}
	return h.kill()
}

// Freeze freezes a host's present life, or lets it go on.
func (s *Supervisor) Freeze(name string, frozen bool) error {
	h, err := s.find(name)
	if err != nil {
		return err
	}
	return h.freeze(frozen)
}

// Instance returns a host's present life, nil while it is down, and reports whether
// there is such a host.
func (s *Supervisor) Instance(name string) (Instance, bool) {
	h, err := s.find(name)
	if err != nil {
		return nil, false
	}
	if l := h.present(); l != nil {
		return l.Instance, true
	}
	return nil, true
}

func (s *Supervisor) find(name string) (*host, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, h := range s.hosts {
		if h.name == name {
			return h, nil
		}
	}
	return nil, fmt.Errorf("%s: %w", name, ErrUnknown)
}

// List returns how all hosts stand, in the order in which they were added. It finds out
// about processes that somebody else froze, or let go on.
func (s *Supervisor) List() []Host {
	for _, h := range s.all() {
		h.look()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Host, 0, len(s.hosts))
	for _, h := range s.hosts {
		record := h.record
		record.Addrs = maps.Clone(record.Addrs)
		list = append(list, record)
	}
	return list
}

func (s *Supervisor) all() []*host {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.hosts)
}

// Shutdown stops all hosts one by one, the one that was added last first, as Remove does.
// After it nothing is left, and nothing can be added. It returns the first error that
// stopping a host met with.
func (s *Supervisor) Shutdown(ctx context.Context) error {
	closer := s.close()
	var first error
	for _, h := range slices.Backward(s.all()) {
		if err := h.remove(ctx); first == nil {
			first = err
		}
	}
	if closer {
		s.fell()
		if err := <-s.ended; !errors.Is(err, context.Canceled) {
			s.config.Log.Error("supervision", "error", err)
		}
		s.changes.end()
		close(s.over)
	}
	<-s.over
	return first
}

// close lets no more hosts in, and reports whether it was the first to do so.
func (s *Supervisor) close() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	first := !s.shut
	s.shut = true
	return first
}

// panicked logs a panic, and makes an error of it.
func (s *Supervisor) panicked(host string, value any) error {
	s.config.Log.Error("a start panicked", "name", host, "panic", value, "stack", string(debug.Stack()))
	return fmt.Errorf("its start panicked: %v", value)
}
