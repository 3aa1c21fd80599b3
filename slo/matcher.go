package slo

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/nearest"
)

// labels are the names that a matcher may use, as in [measure.Series.Label].
func labels() []string { return []string{"endpoint", "scenario", "method", "stage"} }

// A Matcher picks series by one label. Regular expressions are Go's and must
// match the whole value.
type Matcher struct {
	Label string // endpoint, scenario, method or stage
	Op    string // one of = != =~ !~
	Value string
}

// String returns the matcher in its canonical spelling, with the value quoted.
func (m Matcher) String() string {
	return m.Label + m.Op + quote(m.Value)
}

// quote returns a string as the parser reads it back.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// selectorText returns the selector with the space after it, or nothing.
func selectorText(all []Matcher) string {
	if len(all) == 0 {
		return ""
	}
	parts := make([]string, len(all))
	for i, m := range all {
		parts[i] = m.String()
	}
	return "{" + strings.Join(parts, ", ") + "} "
}

// matches reports whether the series has what the matcher asks for. A matcher
// with an unknown label, operator or a bad regular expression matches nothing.
func (m Matcher) matches(s measure.Series) bool {
	value, ok := s.Label(m.Label)
	if !ok {
		return false
	}
	switch m.Op {
	case "=":
		return value == m.Value
	case "!=":
		return value != m.Value
	}
	pattern, err := m.compile()
	if err != nil {
		return false
	}
	return (m.Op == "=~" || m.Op == "!~") && pattern.MatchString(value) == (m.Op == "=~")
}

// compile returns the regular expression, which must match a whole value.
func (m Matcher) compile() (*regexp.Regexp, error) {
	// Compiled alone first: "a)|(b" is only well-formed inside the group.
	if _, err := regexp.Compile(m.Value); err != nil {
		return nil, err
	}
	return regexp.Compile(`^(?s:` + m.Value + `)$`)
}

// matchesAll reports whether every matcher matches the series.
func matchesAll(all []Matcher, s measure.Series) bool {
	for _, m := range all {
		if !m.matches(s) {
			return false
		}
	}
	return true
}

// fault returns the first thing that is wrong with the matcher.
func (m Matcher) fault() *objectiveError {
	for _, fault := range []*objectiveError{m.labelFault(), m.opFault(), m.valueFault()} {
		if fault != nil {
			return fault
		}
	}
	return nil
}

// labelFault returns what is wrong with the label.
func (m Matcher) labelFault() *objectiveError {
	if _, ok := (measure.Series{}).Label(m.Label); !ok {
		return &objectiveError{fmt.Sprintf("unknown label %q", m.Label), labelAdvice(m.Label)}
	}
	return nil
}

// opFault returns what is wrong with the operator.
func (m Matcher) opFault() *objectiveError {
	switch m.Op {
	case "=", "!=", "=~", "!~":
		return nil
	}
	return &objectiveError{fmt.Sprintf("unknown operator %q", m.Op), "use =, !=, =~ or !~"}
}

// valueFault returns what is wrong with the regular expression, if it is one.
func (m Matcher) valueFault() *objectiveError {
	if m.Op == "=" || m.Op == "!=" {
		return nil
	}
	if _, err := m.compile(); err != nil {
		return &objectiveError{regexpMessage(m.Value, err), "see https://pkg.go.dev/regexp/syntax"}
	}
	return nil
}

// labelAdvice names the label that was meant, or all of them.
func labelAdvice(label string) string {
	if near := nearest.Word(label, labels()); near != "" {
		return "did you mean " + near + "?"
	}
	return "labels are " + strings.Join(labels(), ", ")
}

// regexpMessage says in short what is wrong with a pattern.
func regexpMessage(pattern string, err error) string {
	if fault, ok := errors.AsType[*syntax.Error](err); ok {
		return fmt.Sprintf("bad regular expression %q: %s", pattern, fault.Code)
	}
	return fmt.Sprintf("bad regular expression %q", pattern)
}
