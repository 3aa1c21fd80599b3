package faults

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Validate checks the settings together. It does not know which parts and links there are.
func (s Spec) Validate() error {
	what := s.named()
	switch {
	case len(what) == 0:
		return errors.New("no fault is named: give at least one of " +
			"errors, delay, stall, reset, slowbody, malformed, loss, cut, hang, kill, brownout")
	case s.Jitter > s.Delay:
		return errors.New("jitter is how much a delay varies: give a delay of at least as much (on a link: latency)")
	case s.Stall > 0 && s.For > 0:
		return errors.New("stall ends by itself: leave for= out")
	case s.Brownout > maxBrownout:
		return fmt.Errorf("brownout=%v: want at most %v; a machine that does nothing is one that hangs", s.Brownout, maxBrownout)
	case s.ForLink():
		return s.validateLink(what)
	case s.Loss > 0:
		return errors.New("loss is of packets on a link: add link=, such as link=web-database")
	case s.ForHost():
		return s.validateHost(what)
	}
	return nil
}

// maxBrownout leaves a machine a hundredth of its speed.
const maxBrownout = All / 100 * 99

// named returns the names of what goes wrong.
func (s Spec) named() []string {
	var names []string
	for _, word := range s.words() {
		if word.on && !slices.Contains([]string{"for", "endpoint", "part", "link"}, word.name) {
			names = append(names, word.name)
		}
	}
	return names
}

func (s Spec) validateLink(what []string) error {
	switch {
	case s.Part != "":
		return errors.New("link and part exclude each other: a fault is on the way or at its end")
	case s.Endpoint != "":
		return errors.New("link and endpoint exclude each other: a link does not see what is asked for")
	case s.Kill, s.Brownout > 0:
		return fmt.Errorf("%s is for a node, not for a link: give part= in place of link=", what[len(what)-1])
	}
	fits := []string{"latency", "jitter", "loss", "reset", "cut", "hang"}
	for _, name := range what {
		if !slices.Contains(fits, name) {
			return fmt.Errorf("%s does not go with link=: a link takes %s", name, strings.Join(fits, ", "))
		}
	}
	if (s.Cut || s.Hang) && len(what) > 1 {
		return fmt.Errorf("%s: nothing gets through a link that is cut or hangs, so give %s alone",
			strings.Join(what, ", "), what[len(what)-1])
	}
	return nil
}

func (s Spec) validateHost(what []string) error {
	switch {
	case len(what) > 1:
		return fmt.Errorf("%s are faults of a node's host and its handler, or of the host twice: give them one by one", strings.Join(what, ", "))
	case s.Endpoint != "":
		return fmt.Errorf("%s takes no endpoint=: it falls on a whole node", what[0])
	case s.Part == "":
		return fmt.Errorf("%s needs part=: a node such as web-2, or a part such as web (a link takes cut and hang too)", what[0])
	case s.Kill && s.For > 0:
		return errors.New("kill takes no for=: what is killed is started again by its supervisor")
	}
	return nil
}
