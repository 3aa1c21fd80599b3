package supervise

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"
)

// faults collects what went wrong where there is no testing.T.
type faults struct {
	mu   sync.Mutex
	list []string
}

func (f *faults) addf(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = append(f.list, fmt.Sprintf(format, args...))
}

// A machine starts fakes, of which it bears one at a time.
type machine struct {
	faults *faults

	mu      sync.Mutex
	takes   time.Duration // each start
	drains  time.Duration // each stop
	fails   []error       // of the next starts; nil: it does not
	alive   int
	begun   int
	starts  []time.Time
	asked   []map[string]string // addresses of each start
	present *fake
}

var errBoot = errors.New("no boot disk")

func (m *machine) start(ctx context.Context, addrs map[string]string) (Instance, error) {
	m.mu.Lock()
	m.starts = append(m.starts, time.Now())
	m.asked = append(m.asked, addrs)
	takes, err := m.takes, error(nil)
	if len(m.fails) > 0 {
		err, m.fails = m.fails[0], m.fails[1:]
	}
	m.mu.Unlock()
	timer := time.NewTimer(takes)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.begun++
	if m.alive++; m.alive > 1 {
		m.faults.addf("%d lives at once", m.alive)
	}
	m.present = &fake{machine: m, drains: m.drains, addrs: map[string]string{"web": fmt.Sprintf("127.0.0.1:%d", m.begun)}, done: make(chan struct{})}
	return m.present, nil
}

func (m *machine) lives() (alive, begun int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.alive, m.begun
}

func (m *machine) life() *fake {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.present
}

// A fake is a life without anything in it.
type fake struct {
	machine *machine
	drains  time.Duration
	addrs   map[string]string

	mu     sync.Mutex
	frozen bool
	ended  bool
	err    error
	done   chan struct{}
}

func (f *fake) Addrs() map[string]string { return f.addrs }
func (f *fake) Admin() string            { return "http://" + f.addrs["web"] }
func (f *fake) PID() int                 { return 7 }
func (f *fake) Done() <-chan struct{}    { return f.done }
func (f *fake) Kill()                    { f.end(errors.New("killed")) }
func (f *fake) Err() error               { return f.err }

func (f *fake) Stop(ctx context.Context) error {
	f.mu.Lock()
	frozen := f.frozen && !f.ended
	f.mu.Unlock()
	if frozen {
		f.machine.faults.addf("stopped while it was frozen")
	}
	defer f.end(nil)
	timer := time.NewTimer(f.drains)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-f.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (f *fake) Freeze(frozen bool) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ended {
		return errors.New("it has ended")
	}
	f.frozen = frozen
	return nil
}

func (f *fake) end(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ended {
		return
	}
	f.ended, f.err = true, err
	f.machine.mu.Lock()
	f.machine.alive--
	f.machine.mu.Unlock()
	close(f.done)
}

// A diary keeps changes, and finds those that cannot follow each other.
type diary struct {
	faults *faults

	mu     sync.Mutex
	list   []Change
	latest map[string]State
}

func (d *diary) write(c Change) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.latest == nil {
		d.latest = map[string]State{}
	}
	before, known := d.latest[c.Host]
	switch {
	case !known && c.State != Starting, known && !slices.Contains(next[before], c.State):
		d.faults.addf("%s: %s after %q", c.Host, c.State, before)
	case len(d.list) > 0 && c.At.Before(d.list[len(d.list)-1].At):
		d.faults.addf("%s at %v, after %v", c.Host, c.At, d.list[len(d.list)-1].At)
	}
	d.latest[c.Host] = c.State
	d.list = append(d.list, c)
}

func (d *diary) states(host string) []State {
	d.mu.Lock()
	defer d.mu.Unlock()
	var states []State
	for _, c := range d.list {
		if c.Host == host {
			states = append(states, c.State)
		}
	}
	return states
}

var next = map[State][]State{
	Starting: {Up, Down},
	Up:       {Frozen, Down, Stopping},
	Frozen:   {Up, Down, Stopping},
	Down:     {Starting, Down}, // the latter when it is removed while it is down
	Stopping: {Down},
}

func (f *faults) report(t *testing.T) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, fault := range f.list {
		t.Error(fault)
	}
}
