package faults

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// maxTime bounds every time in a fault. A server's write timeout must exceed it.
const maxTime = 10 * time.Minute

// slowest is how long a slow body takes when nothing else is said.
const slowest = 2 * time.Second

// A Share is a part of all requests, in millionths: a whole number, so that spreading
// it over requests never rounds.
type Share uint32

// All is the share of every request.
const All Share = 1_000_000

// String returns the share in percent.
func (s Share) String() string {
	return strconv.FormatFloat(float64(s)/float64(All/100), 'f', -1, 64) + "%"
}

// A Spec says what goes wrong, for which requests and for how long. Its zero value is
// no fault.
type Spec struct {
	Errors    Share         // answered 500 instead
	Reset     Share         // connection reset (TCP RST) instead
	Malformed Share         // answered with bytes that are not HTTP instead
	Delay     time.Duration // added before the request is handled
	Stall     time.Duration // nothing is answered until then; the fault ends with it
	SlowBody  time.Duration // the body trickles over this time

	For      time.Duration // the fault ends by itself; 0: it stays
	Endpoint string        // only there, like "POST /api/orders"; empty: everywhere
	Part     string        // not here but in what the server depends on, like "payment"
}

// Parse reads a fault from words such as "errors=20%" and "for=20s", one setting each.
// A share without a value is 100%, slowbody without one takes two seconds.
func Parse(words []string) (Spec, error) {
	var spec Spec
	seen := make(map[string]bool)
	for _, word := range words {
		name, value, _ := strings.Cut(word, "=")
		if seen[name] {
			return Spec{}, fmt.Errorf("%s is given twice", name)
		}
		seen[name] = true
		if err := spec.set(name, strings.Trim(value, `"`)); err != nil {
			return Spec{}, err
		}
	}
	if err := spec.validate(); err != nil {
		return Spec{}, err
	}
	return spec, nil
}

// ParseLine reads a fault from one line, in which a value with spaces stands in double
// quotes: errors=20% endpoint="POST /api/orders".
func ParseLine(line string) (Spec, error) {
	quoted := false
	words := strings.FieldsFunc(line, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return !quoted && (r == ' ' || r == '\t')
	})
	if quoted {
		return Spec{}, fmt.Errorf("%s: a quote is not closed", line)
	}
	return Parse(words)
}

// set reads one setting.
func (s *Spec) set(name, value string) (err error) {
	switch name {
	case "errors":
		s.Errors, err = parseShare(name, value)
	case "reset":
		s.Reset, err = parseShare(name, value)
	case "malformed":
		s.Malformed, err = parseShare(name, value)
	case "delay":
		s.Delay, err = parseTime(name, value)
	case "stall":
		s.Stall, err = parseTime(name, value)
	case "slowbody":
		s.SlowBody = slowest
		if value != "" {
			s.SlowBody, err = parseTime(name, value)
		}
	case "for":
		s.For, err = parseTime(name, value)
	case "endpoint":
		s.Endpoint, err = parseEndpoint(value)
	case "part":
		s.Part, err = parsePart(value)
	default:
		err = unknown(name)
	}
	return err
}

// validate checks the settings together.
func (s Spec) validate() error {
	on := s
	on.For, on.Endpoint, on.Part = 0, "", ""
	switch {
	case on == (Spec{}):
		return errors.New("no fault is named: give at least one of errors, delay, stall, reset, slowbody, malformed")
	case s.Part != "" && s.Endpoint != "":
		return errors.New("part and endpoint exclude each other: a part is called from several endpoints")
	case s.Part != "" && on != (Spec{Errors: s.Errors, Delay: s.Delay}):
		return fmt.Errorf("part=%s takes errors and delay only: it has no connection of its own", s.Part)
	case s.Stall > 0 && s.For > 0:
		return errors.New("stall ends by itself: leave for= out")
	}
	return nil
}

// lifetime is how long the fault lasts; 0 means until it is removed.
func (s Spec) lifetime() time.Duration { return max(s.For, s.Stall) }

// String returns the fault as ParseLine reads it.
func (s Spec) String() string {
	var words []string
	add := func(name, value string, set bool) {
		if set {
			words = append(words, name+"="+value)
		}
	}
	add("errors", s.Errors.String(), s.Errors > 0)
	add("reset", s.Reset.String(), s.Reset > 0)
	add("malformed", s.Malformed.String(), s.Malformed > 0)
	add("delay", s.Delay.String(), s.Delay > 0)
	add("stall", s.Stall.String(), s.Stall > 0)
	add("slowbody", s.SlowBody.String(), s.SlowBody > 0)
	add("for", s.For.String(), s.For > 0)
	add("endpoint", `"`+s.Endpoint+`"`, s.Endpoint != "")
	add("part", s.Part, s.Part != "")
	return strings.Join(words, " ")
}
