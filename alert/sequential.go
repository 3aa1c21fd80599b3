package alert

import (
	"fmt"
	"math"

	"github.com/floodmark/floodmark/quantity"
	"github.com/floodmark/floodmark/slo"
)

// The risks that a test takes unless somebody says otherwise.
const (
	usualAlpha = 0.01
	usualBeta  = 0.05
)

// A Sequential is Wald's sequential probability ratio test of whether the share of bad
// requests is Good or Bad. It may be asked as often as one likes: whatever the number of
// looks, a service whose share is Good is given up with a probability of
// Alpha / (1 - Beta) at most. A threshold that is compared every second has no such bound.
// It is plain data; the zero value proves nothing, ever.
//
// It is about the run as a whole, not about now: after an hour that was good it takes
// long to give up. That a service is bad right now is what a [Rule] tells.
//
// Source: A. Wald, Sequential Tests of Statistical Hypotheses, Annals of Mathematical
// Statistics 16 (1945). The bound for all looks is Ville's inequality for the likelihood
// ratio. Both take requests as independent; DesignEffect is by how much they are not.
type Sequential struct {
	Good, Bad    float64 // shares of bad requests: 0 < Good < Bad < 1
	Alpha        float64 // probability of giving up a good service
	Beta         float64 // probability of not giving up a bad one
	DesignEffect float64 // requests that say as much as one independent one; 0 means 1
}

// SequentialOf returns the test for a condition that describes trouble: Good is the share
// of bad requests that the objective allows, Bad the share at the condition's limit. Burn
// rates and budgets refer to the objective's target. A percentile says itself how many may be
// beyond its limit, and twice as many are bad: for "p99 > 500ms" 1 and 2 %, whatever the
// objective. The error says why there can be no such test.
func SequentialOf(o slo.Objective, when slo.Condition) (Sequential, error) {
	s := Sequential{Alpha: usualAlpha, Beta: usualBeta}
	if q := when.Quantile; q > 0 {
		s.Good, s.Bad = 1-q, 2*(1-q)
		return s, s.fault(when)
	}
	trouble := slo.Objective{Expression: when.Expression, Target: o.Target}
	share, ok := trouble.Allowed()
	if !ok {
		return Sequential{}, fmt.Errorf("%s is about no share of bad requests", when.Expression)
	}
	s.Bad = share
	s.Good, ok = allowed(o, when.Expression)
	if !ok {
		return Sequential{}, fmt.Errorf("the objective %s does not say how many requests may be bad in %s", o.Expression, when.Expression)
	}
	return s, s.fault(when)
}

// allowed returns the share of bad requests that an objective allows, in the sense that
// an expression calls requests bad.
func allowed(o slo.Objective, e slo.Expression) (share float64, ok bool) {
	if e.OfBudget() {
		return 1 - o.Target, o.Target > 0
	}
	share, ok = o.Allowed()
	threshold, isUnder := e.Under()
	aim, aimsUnder := o.Expression.Under()
	return share, ok && isUnder == aimsUnder && threshold == aim
}

// fault returns why the shares cannot be told apart.
func (s Sequential) fault(when slo.Condition) error {
	switch {
	case !(s.Good > 0):
		return fmt.Errorf("the objective allows no bad request, and the first one is beyond it")
	case s.Bad <= s.Good:
		return fmt.Errorf("%s begins at %s of bad requests, and the objective allows %s", when.Expression, quantity.Percent(s.Bad, 0), quantity.Percent(s.Good, 0))
	case s.Bad >= 1:
		return fmt.Errorf("%s takes more bad requests than there are", when.Expression)
	}
	return nil
}

// Ratio returns the logarithm of the likelihood ratio of Bad to Good.
func (s Sequential) Ratio(c slo.Count) float64 {
	n := max(s.DesignEffect, 1)
	bad, good := float64(c.Bad())/n, float64(c.Good)/n
	return bad*math.Log(s.Bad/s.Good) + good*math.Log((1-s.Bad)/(1-s.Good))
}

// Bound returns the ratio from which on the service is bad.
func (s Sequential) Bound() float64 { return math.Log((1 - s.Beta) / s.Alpha) }

// IsBad reports whether the counts of the run so far prove that the share is Bad.
func (s Sequential) IsBad(c slo.Count) bool { return s.Ratio(c) >= s.Bound() }
