package report

import (
	"slices"
	"strings"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/quantity"
)

// maxMarks is how many marks a run may have.
const maxMarks = 1000

// A Mark is what somebody wrote into the record of a run while it went on, such as that a
// new version was deployed, or what the backend told of itself. It is JSON as it stands.
type Mark struct {
	At   float64 `json:"at_seconds"`
	Text string  `json:"text"`
}

// Marks are those of a run, in the order of their time.
type Marks []Mark

// Add puts a mark in its place, unless there are a thousand. What was told late is not
// last for that.
func (m *Marks) Add(mark Mark) (added bool) {
	if len(*m) >= maxMarks {
		return false
	}
	place := len(*m)
	for place > 0 && (*m)[place-1].At > mark.At {
		place--
	}
	*m = slices.Insert(*m, place, mark)
	return true
}

// shownMarks is how many of them the text has.
const shownMarks = 10

// marks lists what was written down.
func (p *page) marks(all []Mark) {
	label := "marks"
	for _, m := range all[:min(len(all), shownMarks)] {
		at := quantity.Instant(measure.FromSeconds(m.At))
		p.field(label, append([]string{at}, strings.Fields(quantity.Line(m.Text))...), " ")
		label = ""
	}
	if more := len(all) - shownMarks; more > 0 {
		p.sentence("", "and "+quantity.Plural(int64(more), "more", "more"))
	}
	if len(all) > 0 {
		p.blank()
	}
}
