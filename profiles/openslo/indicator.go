package openslo

import (
	"errors"
	"strings"

	"github.com/floodmark/floodmark/profiles"
	"github.com/floodmark/floodmark/slo"
)

// annotation is the key, among those of an SLI or an SLO, of what the SLI is here.
const annotation = "floodmark.io/sli"

// An indicator is an SLI as it is measured here.
type indicator struct {
	name      string
	at        profiles.Position
	threshold bool   // OpenSLO compares its value with a limit, and does not count good events
	text      string // what stands for it; "" for nothing
	whole     bool   // text has its own limit
}

// indicator returns the SLI of an SLO or of one of its objectives, nil if there is none. An SLO's own annotation holds for
// those of its SLIs that have none.
func (im *importer) indicator(v profiles.Value, of *object) *indicator {
	inline, ref := v.Key("indicator"), v.Key("indicatorRef")
	var sli *object
	switch {
	case inline.Given() && ref.Given():
		im.file.Fault(ref.Position, "remove one of the two", "there are both indicator and indicatorRef")
	case ref.Given():
		sli = im.refer(v, "indicatorRef", kindSLI)
	case inline.IsMapping():
		sli = im.object(inline, kindSLI)
	case inline.Given():
		im.file.Fault(inline.Position, "", "indicator must be a mapping, not %s", inline.Shape())
	}
	if sli == nil {
		return nil
	}
	i := &indicator{name: sli.name, at: sli.at}
	if i.name == "" {
		i.name = of.name
	}
	ratio, threshold := sli.spec.Key("ratioMetric").Given(), sli.spec.Key("thresholdMetric").Given()
	if ratio == threshold {
		im.file.Fault(sli.at, "an SLI has one of the two", "SLI %s needs ratioMetric or thresholdMetric", i.name)
		return nil
	}
	i.threshold = threshold
	im.known[i.name] = true
	im.mapTo(i, sli, of)
	return i
}

// mapTo finds what stands for an SLI: what the caller says, else its annotation, else the SLO's, else success for a ratio.
func (im *importer) mapTo(i *indicator, sli, of *object) {
	if text, ok := im.mapping[i.name]; ok {
		if err := i.take(text); err != nil {
			im.faults = append(im.faults, &mappingError{i.name, text, err.Error(), hintOf(err)})
		}
		return
	}
	for _, annotations := range []profiles.Value{sli.annotations, of.annotations} {
		if text, ok := im.text(annotations, annotation); ok {
			if err := i.take(text); err != nil {
				im.file.Fault(annotations.Key(annotation).Position, hintOf(err), "%s", err.Error())
			}
			return
		}
	}
	if !i.threshold {
		i.text = "success"
		im.note(i.at, "SLI %s is a query that floodmark cannot ask, and is taken to be success, the share of requests that succeed; "+
			"say otherwise with --map '%s=…' or the annotation %s", i.name, i.name, annotation)
	}
}

// take reads what stands for an SLI: a share of good or bad requests without a limit, or an expression with one.
func (i *indicator) take(text string) error {
	text = strings.TrimSpace(text)
	i.text = text
	// A selector may hold any character.
	if strings.ContainsAny(text[strings.LastIndexByte(text, '}')+1:], "<>=") {
		i.whole = true
		e, err := slo.Parse(text)
		if err != nil {
			return err
		}
		return e.Validate()
	}
	e, err := slo.Parse(text + " >= 50%")
	if err == nil && e.Goal() > 0 {
		return nil
	}
	if limited, ok := slo.Parse(text + " < 1s"); ok == nil {
		return &adviceError{limited.String()[:strings.LastIndexByte(limited.String(), '<')-1] + " needs a limit with a unit, which OpenSLO's value has not", "write for example " + text + " < 300ms"}
	}
	if err == nil || strings.TrimSpace(text) == "" {
		return &adviceError{"this is no share of good requests", "write success, errors or under(300ms), or an expression such as p99 < 300ms"}
	}
	return err
}

// An adviceError says what is wrong with a text, and a way out.
type adviceError struct{ message, advice string }

// Error returns what is wrong.
func (e *adviceError) Error() string { return e.message }

// Hint returns what to do about it.
func (e *adviceError) Hint() string { return e.advice }

// hintOf returns how an error says to mend what it is about.
func hintOf(err error) string {
	var hinted interface{ Hint() string }
	if errors.As(err, &hinted) {
		return hinted.Hint()
	}
	return ""
}
