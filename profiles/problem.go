package profiles

import (
	"errors"
	"fmt"
)

// problem is something wrong with a value, named by its path in the profile (load.stages[1].target), not by its place in
// a file: a profile may have come from flags.
type problem struct {
	path, hint, message string
	missing             bool // a value that must be there is zero
	ofKey               bool // about the key itself rather than its value
}

type problems []problem

func (ps *problems) add(path, hint, format string, args ...any) {
	*ps = append(*ps, problem{path: path, hint: hint, message: fmt.Sprintf(format, args...)})
}

// missing notes a required value that is not there.
func (ps *problems) missing(path, hint string) {
	*ps = append(*ps, problem{path: path, hint: hint, message: "missing " + quote(path), missing: true})
}

// addKey notes a key that must not be there, or not by this name.
func (ps *problems) addKey(path, hint, format string, args ...any) {
	*ps = append(*ps, problem{path: path, hint: hint, message: fmt.Sprintf(format, args...), ofKey: true})
}

// text returns the problem in one line.
func (p problem) text() string {
	text := p.path + ": " + p.message
	if p.path == "" || p.missing {
		text = p.message
	}
	if p.hint != "" {
		text += " (" + p.hint + ")"
	}
	return text
}

// Validate reports everything wrong with the profile's values, joined, or nil. Parse has asked the same; it is for a
// profile that flags have changed since. What an objective says is not checked here.
func (p *Profile) Validate() error {
	problems := p.problems()
	if len(problems) == 0 {
		return nil
	}
	secrets := p.Redactor()
	var errs []error
	for _, found := range problems {
		errs = append(errs, errors.New(secrets.Replace(found.text())))
	}
	return errors.Join(errs...)
}

// problems judges every part of the profile.
func (p *Profile) problems() problems {
	var ps problems
	p.check(&ps)
	p.Target.check(&ps)
	p.Success.check(&ps)
	p.checkScenarios(&ps)
	p.Load.check(&ps)
	p.checkSLOs(&ps)
	p.checkNotify(&ps)
	p.Generator.check(&ps)
	return ps
}
