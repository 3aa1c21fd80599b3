// Package faults makes a server misbehave on request, while it runs.
//
// It knows HTTP and nothing of what the server does, so any handler can be wrapped, in
// a test as well as in the demo server. It does not know when to misbehave either: a
// person or a script says so, through the set or its HTTP API.
//
// The main type is [Set], the faults that are on. A fault is read from words by
// [Parse] into a [Spec] and switched on by Set.Add; each request through Set.Handler
// then collects what the faults that match it do to it, suffers that, and is handled,
// or not. [Admin] serves the set over HTTP, for [Client] and curl.
//
// What is beyond a handler is done where it happens: [Links] are the faults on connections
// to others, put into whoever dials them; a [Gate] before a server's listener imitates a
// process that is stopped or out of reach. [Run] applies faults by the clock.
package faults

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Set holds the faults of one server's handler that are on. The zero value is an empty
// set. Its methods may be called by any number of goroutines at once; the exported fields
// are set before the first use.
type Set struct {
	// Parts are the names that a fault's part= may have: what the server has in itself, and
	// asks about by Part. Which node a fault is for has been decided when it comes here, and
	// its Part been taken out.
	Parts []string
	// Freeze, if set, is called when a stall of the whole server begins or ends, with the
	// time that is left of the longest one on: whoever holds requests that passed the
	// handler's entrance before it began holds them as well.
	Freeze func(time.Duration)

	roster
}

// Add switches a fault on, and off again after its lifetime.
func (s *Set) Add(spec Spec) (Active, error) {
	if err := spec.Validate(); err != nil {
		return Active{}, err
	}
	if err := s.accept(spec); err != nil {
		return Active{}, err
	}
	s.mu.Lock()
	s.changed = s.freeze
	s.mu.Unlock()
	return s.add(spec)
}

// accept refuses what a handler cannot do.
func (s *Set) accept(spec Spec) error {
	inPart := Spec{Errors: spec.Errors, Delay: spec.Delay, Jitter: spec.Jitter, For: spec.For, Part: spec.Part, Endpoint: spec.Endpoint}
	switch {
	case !spec.ForHandler():
		return errors.New("loss, cut, hang, kill, brownout and link= need a topology with nodes and links; " +
			"this server takes errors, delay, jitter, stall, reset, slowbody and malformed")
	case spec.Part == "":
		return nil
	case !slices.Contains(s.Parts, spec.Part):
		return fmt.Errorf("unknown part %q; this server has: %s", spec.Part, strings.Join(s.Parts, ", "))
	case spec.Endpoint != "":
		return errors.New("part and endpoint exclude each other: a part is called from several endpoints")
	case spec != inPart:
		return fmt.Errorf("part=%s takes errors and delay only: it has no connection of its own", spec.Part)
	}
	return nil
}

// freeze passes on that f, if it stalls the whole server, has begun or ended.
func (s *Set) freeze(f *fault) {
	if s.Freeze == nil || !f.freezes() {
		return
	}
	var left time.Duration
	for _, other := range s.load() {
		if other.freezes() {
			left = max(left, time.Until(other.since.Add(other.spec.Stall)))
		}
	}
	s.Freeze(left)
}

// freezes reports whether the fault stalls the whole server.
func (f *fault) freezes() bool { return f.spec.Stall > 0 && f.spec.Endpoint == "" }

// Part returns what the faults of a part do to it now: the share of its calls that
// fail, the largest where several faults name it, and the delay, their sum.
func (s *Set) Part(name string) (failing Share, delay time.Duration) {
	for _, f := range s.load() {
		if f.spec.Part == name {
			failing = max(failing, f.spec.Errors)
			delay += f.delay()
			f.hits.Add(1)
		}
	}
	return failing, delay
}
