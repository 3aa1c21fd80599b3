package slo

import (
	"strings"
	"time"
)

// A Condition is an expression over windows, as alerts have them: "success < 80%
// over 30s". It is plain data. With several windows, as in "burn > 6 over 1m and
// 10s", it holds when the expression holds in each of them.
type Condition struct {
	Expression
	Over []Window // none: nothing was said
}

// A Window is the stretch of the run that an expression is about, up to now. The
// zero value is all that was measured so far.
type Window struct {
	Length time.Duration // the latest so long; 0: all of it
	Stage  string        // one stage alone
}

// ParseCondition reads a condition: what [Parse] reads, and windows after it.
//
//	condition = expression [ "over" window { ("and" | ",") window } ]
//	window    = DURATION | "run" | "stage(" name ")"
//
// Every error is a *[SyntaxError].
func ParseCondition(text string) (Condition, error) {
	p := &parser{text: text}
	c := Condition{Expression: p.expression()}
	if p.windowsFollow() {
		c.Over = p.windows()
	}
	p.endCondition(c)
	if p.fault != nil {
		return Condition{}, p.fault
	}
	return c, nil
}

// String returns the condition in its canonical spelling, which [ParseCondition]
// reads back to the same condition.
func (c Condition) String() string {
	if len(c.Over) == 0 {
		return c.Expression.String()
	}
	all := make([]string, len(c.Over))
	for i, w := range c.Over {
		all[i] = w.String()
	}
	return c.Expression.String() + " over " + strings.Join(all, " and ")
}

// String returns the window as it is written.
func (w Window) String() string {
	switch {
	case w.Stage != "":
		return "stage(" + quotedIfNeeded(w.Stage) + ")"
	case w.Length > 0:
		return durationText(w.Length)
	}
	return "run"
}

// quotedIfNeeded quotes a name that the parser could not read bare.
func quotedIfNeeded(name string) string {
	if strings.TrimSpace(name) == name && !strings.ContainsAny(name, `()"\`) {
		return name
	}
	return quote(name)
}

// Worse reports whether a value is further on the side of trouble than another, for a
// condition that describes trouble.
func (c Condition) Worse(value, than float64) bool {
	if c.AtLeast() {
		return value > than
	}
	return value < than
}

// Longest returns the longest of the windows, 0 if one is about all of the run.
func (c Condition) Longest() time.Duration {
	var longest time.Duration
	for _, w := range c.Over {
		if w.Length == 0 {
			return 0
		}
		longest = max(longest, w.Length)
	}
	return longest
}
