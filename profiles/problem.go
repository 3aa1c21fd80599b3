package profiles

import (
	"errors"

	"github.com/floodmark/floodmark/profiles/document"
)

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
		errs = append(errs, errors.New(secrets.Replace(found.Text())))
	}
	return errors.Join(errs...)
}

// problems judges every part of the profile.
func (p *Profile) problems() document.Problems {
	var ps document.Problems
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
