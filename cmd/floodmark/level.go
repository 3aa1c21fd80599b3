package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/floodmark/floodmark/loadgen"
	"github.com/floodmark/floodmark/profiles"
	"github.com/floodmark/floodmark/quantity"
)

// levelForms are the ways in which a level can be asked for.
const levelForms = "300/s (or 300 users), +10%, -10%, x1.5 of the plan, or plan"

// A level is what somebody wants the load to be from now on: arrivals per second in the
// open model, users in the closed one. One of its numbers is set, the others are -1.
type level struct {
	fixed   float64 // this much
	planned float64 // so many times what the plan has, which goes on changing
	present float64 // so many times what it is now
	rate    bool    // fixed was written with its unit, as a rate
}

// parseLevel reads a level as people write it: 300/s, 1.2k/s, 300, +10%, -10%, x1.5 or
// plan.
func parseLevel(text string) (level, error) {
	l := level{fixed: -1, planned: -1, present: -1}
	var err error
	text = strings.TrimSpace(text)
	switch percent, isShare := strings.CutSuffix(text, "%"); {
	case text == "plan":
		l.planned = 1
	case strings.HasPrefix(text, "x"):
		l.planned, err = decimal(text[1:])
	case isShare && strings.HasPrefix(text, "+"):
		l.present, err = decimal(percent[1:])
		l.present = 1 + l.present/100
	case isShare && strings.HasPrefix(text, "-"):
		if l.present, err = decimal(percent[1:]); l.present > 100 {
			err = errors.New("more than all of it")
		}
		l.present = 1 - l.present/100
	default:
		rate := text
		if l.rate = strings.Contains(text, "/"); !l.rate {
			rate += "/s"
		}
		l.fixed, err = profiles.ParseRate(rate)
	}
	if err != nil {
		return level{}, fmt.Errorf("%q is no level: write %s", quantity.Line(text), levelForms)
	}
	return l, nil
}

// decimal reads a number without sign and exponent.
func decimal(text string) (float64, error) {
	if strings.Trim(text, "0123456789.") != "" {
		return -1, errors.New("not a number")
	}
	return strconv.ParseFloat(text, 64)
}

// apply changes the load.
func (l level) apply(c *loadgen.Control, by string, open bool) error {
	switch {
	case l.planned >= 0:
		return c.Scale(by, l.planned)
	case l.present >= 0:
		return c.Step(by, l.present)
	case l.rate && !open:
		return errors.New("this run has users, and no rate: write a number of users")
	}
	return c.Hold(by, l.fixed)
}
