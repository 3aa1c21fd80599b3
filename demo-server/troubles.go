package demoserver

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/floodmark/floodmark/demo-server/events"
	"github.com/floodmark/floodmark/demo-server/faults"
	"github.com/floodmark/floodmark/demo-server/node"
	"github.com/floodmark/floodmark/demo-server/supervise"
	"github.com/floodmark/floodmark/demo-server/topology"
	"github.com/floodmark/floodmark/nearest"
)

const (
	maxTroubles = 100 // faults that are on at once
	tellTime    = 2 * time.Second
)

// troubles are the faults that are on anywhere in the backend. They belong to it and not
// to lives of hosts: what is started while one is on suffers it as well. Its methods may
// be called by any number of goroutines at once.
type troubles struct {
	server *Server

	telling sync.Mutex // held by whoever changes the list until all hosts know

	mu     sync.Mutex
	shutUp bool
	lastID int
	list   []*trouble
	waits  sync.WaitGroup
}

// A trouble is one fault that is on.
type trouble struct {
	id     int
	spec   faults.Spec
	since  time.Time
	until  time.Time // zero: until it is removed
	expiry *time.Timer
}

// Add switches a fault on, and off again after its lifetime. One that names neither a
// part nor a link is the web servers'. A kill is over when it is done.
func (t *troubles) Add(spec faults.Spec) (faults.Active, error) {
	if err := spec.Validate(); err != nil {
		return faults.Active{}, err
	}
	if err := t.server.concerns(spec); err != nil {
		return faults.Active{}, err
	}
	if spec.Kill {
		return t.kill(spec)
	}
	t.telling.Lock()
	defer t.telling.Unlock()
	added, err := t.enter(spec)
	if err != nil {
		return faults.Active{}, err
	}
	if err := t.tell(); err != nil {
		t.leave(func(other *trouble) bool { return other == added })
		return faults.Active{}, errors.Join(err, t.tell())
	}
	t.server.events.Add(events.FaultStarted, subject(spec), "fault begins: "+spec.String())
	if err := t.freeze(added, true); err != nil {
		t.end(t.leave(func(other *trouble) bool { return other == added }))
		return faults.Active{}, err
	}
	return added.active(0), nil
}

// enter puts a fault on the list.
func (t *troubles) enter(spec faults.Spec) (*trouble, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.shutUp:
		return nil, errors.New("the backend is ending")
	case len(t.list) == maxTroubles:
		return nil, fmt.Errorf("%d faults are on, which is the most; remove some first", maxTroubles)
	}
	t.lastID++
	added := &trouble{id: t.lastID, spec: spec, since: time.Now()}
	if lifetime := spec.Lifetime(); lifetime > 0 {
		added.until = added.since.Add(lifetime)
		t.waits.Add(1)
		added.expiry = time.AfterFunc(lifetime, func() {
			defer t.waits.Done()
			t.Remove(added.id)
		})
	}
	t.list = append(t.list, added)
	return added, nil
}

// Remove switches one fault off and reports whether it was on.
func (t *troubles) Remove(id int) bool {
	return t.remove(func(other *trouble) bool { return other.id == id }) > 0
}

// Clear switches all faults off and returns how many there were.
func (t *troubles) Clear() int { return t.remove(func(*trouble) bool { return true }) }

func (t *troubles) remove(chosen func(*trouble) bool) int {
	t.telling.Lock()
	defer t.telling.Unlock()
	gone := t.leave(chosen)
	if len(gone) == 0 {
		return 0
	}
	t.end(gone)
	return len(gone)
}

// end lets all hosts know that faults are off. telling is held.
func (t *troubles) end(gone []*trouble) {
	_ = t.tell() // a host that does not hear of it is down, or about to be
	for _, g := range gone {
		if _ = t.freeze(g, false); g.spec.Hang { // whoever cannot go on is down
			_ = t.tell() // a process that was stopped has not heard
		}
		t.server.events.Add(events.FaultEnded, subject(g.spec), "fault ends: "+g.spec.String())
	}
}

// catchUp tells a host that is up what it may have missed while nobody could talk to it:
// it was just being started, or stood still.
func (t *troubles) catchUp(name string) {
	t.telling.Lock()
	defer t.telling.Unlock()
	on := t.on()
	_ = t.server.tell(name, func(ctx context.Context, host node.Client) error { return host.SetFaults(ctx, on) })
	if t.held(name) {
		_ = t.server.hosts.Freeze(name, true) // unless it is down again
	}
}

// leave takes faults off the list.
func (t *troubles) leave(chosen func(*trouble) bool) []*trouble {
	t.mu.Lock()
	defer t.mu.Unlock()
	var kept, gone []*trouble
	for _, other := range t.list {
		if !chosen(other) {
			kept = append(kept, other)
			continue
		}
		if other.expiry != nil && other.expiry.Stop() {
			t.waits.Done()
		}
		gone = append(gone, other)
	}
	t.list = kept
	return gone
}

// shut switches all faults off, and lets nobody switch one on any more.
func (t *troubles) shut() {
	t.mu.Lock()
	t.shutUp = true
	t.mu.Unlock()
	t.Clear()
	t.waits.Wait()
}

// List returns the faults that are on, oldest first.
func (t *troubles) List() []faults.Active {
	hits := t.server.hits()
	t.mu.Lock()
	defer t.mu.Unlock()
	list := make([]faults.Active, len(t.list))
	for i, other := range t.list {
		list[i] = other.active(hits[other.id])
	}
	return list
}

func (o *trouble) active(hits uint64) faults.Active {
	a := faults.Active{ID: o.id, Fault: o.spec.String(), Since: o.since, Hits: hits}
	if !o.until.IsZero() {
		a.Until = &o.until
	}
	return a
}

// on returns what hosts are told.
func (t *troubles) on() []node.Fault {
	t.mu.Lock()
	defer t.mu.Unlock()
	list := make([]node.Fault, 0, len(t.list))
	for _, other := range t.list {
		spec := other.spec
		if spec.Part == "" && spec.Link == "" {
			spec.Part = topology.WebPart
		}
		if spec.Stall > 0 { // what is left of it, for a host that comes later
			spec.Stall = max(time.Until(other.until), time.Millisecond)
		}
		list = append(list, node.Fault{ID: other.id, Spec: spec})
	}
	return list
}

// tell lets all hosts that are up know what is on. telling is held.
func (t *troubles) tell() error {
	on := t.on()
	return t.server.each(tellTime, func(ctx context.Context, _ string, host node.Client) error { return host.SetFaults(ctx, on) })
}

// kill kills the hosts of a part or node. Those that are down already cannot be killed,
// which is an error where there is no other.
func (t *troubles) kill(spec faults.Spec) (faults.Active, error) {
	now := time.Now()
	var errs []error
	hosts := t.server.hostsOf(spec.Part)
	for _, host := range hosts {
		if err := t.server.hosts.Kill(host); err != nil {
			errs = append(errs, err)
		}
	}
	if len(errs) == len(hosts) {
		return faults.Active{}, errors.Join(errs...)
	}
	return faults.Active{Fault: spec.String(), Since: now, Until: &now}, nil
}

// freeze holds the hosts of a hang, or lets them go on unless another holds them. One that
// is down hangs anyhow.
func (t *troubles) freeze(o *trouble, frozen bool) error {
	if !o.spec.Hang || o.spec.Link != "" {
		return nil
	}
	var errs []error
	for _, host := range t.server.hostsOf(o.spec.Part) {
		if !frozen && t.held(host) {
			continue
		}
		if err := t.server.hosts.Freeze(host, frozen); !errors.Is(err, supervise.ErrNotUp) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// held reports whether a hang holds a host.
func (t *troubles) held(host string) bool {
	t.mu.Lock()
	list := slices.Clone(t.list)
	t.mu.Unlock()
	return slices.ContainsFunc(list, func(o *trouble) bool {
		return o.spec.Hang && o.spec.Link == "" && slices.Contains(t.server.hostsOf(o.spec.Part), host)
	})
}

// subject returns what a fault is about.
func subject(spec faults.Spec) string {
	switch {
	case spec.Link != "":
		return spec.Link
	case spec.Part != "":
		return spec.Part
	}
	return topology.WebPart
}

// concerns checks that there is what a fault is about.
func (s *Server) concerns(spec faults.Spec) error {
	plan := s.Plan()
	if spec.Link != "" {
		names := plan.LinkNames()
		if !slices.Contains(names, spec.Link) {
			return unknown("link", spec.Link, names)
		}
		return nil
	}
	var names []string
	for _, part := range plan.Parts() {
		names = append(names, part)
		for _, n := range plan.Nodes(part) {
			names = append(names, n.Name)
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if spec.Part != "" && !slices.Contains(names, spec.Part) {
		return unknown("part", spec.Part, names)
	}
	return nil
}

// unknown says what there is instead.
func unknown(what, name string, names []string) error {
	if best := nearest.Word(name, names); best != "" {
		return fmt.Errorf("unknown %s %q; did you mean %q?", what, name, best)
	}
	return fmt.Errorf("unknown %s %q; this server has: %s", what, name, strings.Join(names, ", "))
}

// hostsOf returns the names of the hosts that a part or a node is on; empty: the web
// servers'.
func (s *Server) hostsOf(part string) []string {
	if part == "" {
		part = topology.WebPart
	}
	var names []string
	for _, host := range s.Plan().Hosts() {
		if slices.ContainsFunc(host.Nodes, func(n topology.Node) bool { return n.Part == part || n.Name == part }) {
			names = append(names, host.Name)
		}
	}
	return names
}

// each calls f for every host that can be talked to, all at once and within a time, and
// joins the errors of those that are still up afterwards.
func (s *Server) each(within time.Duration, f func(ctx context.Context, name string, host node.Client) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	var mu sync.Mutex
	var errs []error
	var group sync.WaitGroup
	for _, h := range s.hosts.List() {
		group.Go(func() {
			err := s.talk(h, func(host node.Client) error { return f(ctx, h.Name, host) })
			mu.Lock()
			defer mu.Unlock()
			errs = append(errs, err)
		})
	}
	group.Wait()
	return errors.Join(errs...)
}

// tell calls f for one host, if it can be talked to.
func (s *Server) tell(name string, f func(ctx context.Context, host node.Client) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), tellTime)
	defer cancel()
	for _, h := range s.hosts.List() {
		if h.Name == name {
			return s.talk(h, func(host node.Client) error { return f(ctx, host) })
		}
	}
	return nil
}

// talk calls f for a host, unless it is down or a process that stands still. Its error
// does not matter if the host has ended meanwhile.
func (s *Server) talk(h supervise.Host, f func(host node.Client) error) error {
	instance, _ := s.hosts.Instance(h.Name)
	if instance == nil || h.State == supervise.Frozen && instance.PID() != 0 {
		return nil
	}
	err := f(s.host(instance))
	select {
	case <-instance.Done():
		return nil // it need not know any more
	default:
	}
	if err != nil {
		return fmt.Errorf("%s: %w", h.Name, err)
	}
	return nil
}

// runSchedule switches the plan's faults on when they are due.
func (s *Server) runSchedule(ctx context.Context, timed []faults.Timed) {
	_ = faults.Run(ctx, timed, func(spec faults.Spec) error { //nolint:contextcheck // a fault that has begun outlives the schedule
		_, err := s.troubles.Add(spec)
		if err != nil {
			s.log.Warn("a fault of the schedule", "fault", spec.String(), "error", err)
			s.events.Add(events.FaultFailed, subject(spec), "fault does not begin: "+spec.String()+": "+err.Error())
		}
		return nil // it was told at its time, and the next ones are due all the same
	})
}
