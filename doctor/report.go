package doctor

import "fmt"

// A Verdict is what a check, or all of them, come to.
type Verdict string

// The verdicts.
const (
	OK      Verdict = "ok"
	Warn    Verdict = "warn"    // bounds how far the machine goes
	Bad     Verdict = "bad"     // makes measurements untrustworthy
	Unknown Verdict = "unknown" // this system does not tell
)

// A Check is one thing that was looked at.
type Check struct {
	Name    string
	Value   string // what was found, for people
	Verdict Verdict
	Why     string // what follows from it; empty when it is ok
	Fix     string // what to do; empty when it is ok
	Command string // the command that does it, empty if there is none

	// Numbers holds what was found, for programs, by names that end in their units.
	Numbers map[string]float64
}

// unknown is a check that this system has no answer to.
func unknown(name string) Check {
	return Check{Name: name, Value: "not known on this system", Verdict: Unknown}
}

// found returns a check that is ok, so far.
func found(name, value string, numbers map[string]float64) Check {
	return Check{Name: name, Value: value, Verdict: OK, Numbers: numbers}
}

// warn returns the check with a warning.
func (c Check) warn(why, fix, command string) Check {
	c.Verdict, c.Why, c.Fix, c.Command = Warn, why, fix, command
	return c
}

// bad returns the check with the finding that measurements cannot be trusted.
func (c Check) bad(why, fix, command string) Check {
	c.Verdict, c.Why, c.Fix, c.Command = Bad, why, fix, command
	return c
}

// unless returns the check, or that it could not be made.
func (c Check) unless(err error) Check {
	if err == nil {
		return c
	}
	failed := found(c.Name, "could not be measured", nil)
	return failed.bad(err.Error(), "mend what is bad above first: a run meets the same limit", "")
}

// A Report is what an examination found, in the order in which it went.
type Report struct {
	System string // operating system, architecture and kernel
	Checks []Check
}

// Verdict returns the worst verdict of the checks. What is unknown is no fault.
func (r *Report) Verdict() Verdict {
	switch {
	case r.count(Bad) > 0:
		return Bad
	case r.count(Warn) > 0:
		return Warn
	}
	return OK
}

// ExitCode returns the exit code that the command ends with: warnings are no reason
// not to measure.
func (r *Report) ExitCode() int {
	if r.Verdict() == Bad {
		return 5
	}
	return 0
}

// Reason returns the verdict in words.
func (r *Report) Reason() string {
	bad, warnings, all := r.count(Bad), r.count(Warn), len(r.Checks)-r.count(Unknown)
	switch {
	case bad > 0:
		return fmt.Sprintf("%d of %d checks make measurements untrustworthy, %d could be better", bad, all, warnings)
	case warnings > 0:
		return fmt.Sprintf("%d of %d checks could be better; measurements can be trusted", warnings, all)
	}
	if unknown := r.count(Unknown); unknown > 0 {
		return fmt.Sprintf("%d checks are ok, %d cannot be made on this system", all, unknown)
	}
	return fmt.Sprintf("all %d checks are ok", all)
}

func (r *Report) count(v Verdict) int {
	n := 0
	for _, c := range r.Checks {
		if c.Verdict == v {
			n++
		}
	}
	return n
}
