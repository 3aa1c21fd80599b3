package report_test

import (
	"strings"
	"testing"

	"github.com/floodmark/floodmark/report"
)

// An objective that has used more than its share so far has not spent the budget of the
// planned run, and the words beside what is left of that do not say so.
func TestWordsOfABudgetThatIsLeft(t *testing.T) {
	for _, c := range []struct {
		burn  float64
		left  bool
		spent bool
	}{{2, true, false}, {9, false, true}} {
		s := newScene("GET /")
		s.run.Planned = 60 * second
		status := missed("ratio", 0.9, 0.95)
		status.Burn, status.BudgetSpentAt = c.burn, 5*second
		s.judged(t, "success >= 95%", status)
		camera := report.NewCamera(s.run, nil)
		s.requests(0, 5, 0)
		s.shoot(camera, 10*second)
		v := camera.Snapshot(clock()).SLOs[0]
		if v.Left == nil || (*v.Left > 0) != c.left || strings.Contains(v.Note, "budget spent at 00:05") != c.spent || v.Note == "" {
			t.Errorf("burn %v: %q", c.burn, v.Note)
		}
	}
}
