package dashboard

import (
	"github.com/charmbracelet/bubbles/key"

	"github.com/floodmark/floodmark/report"
)

// drawFoot draws the last line: what is asked, what is said, or the keys.
func (s *scene) drawFoot(a area) {
	v := &s.view
	switch {
	case v.ask != "":
		x := a.put(0, 0, alarm, " "+fit(v.ask, a.w-2)+" ")
		if x < a.w {
			room := a.w - x - 2
			typed := v.typed
			if over := columns(typed) - room; over > 0 && room > 1 { // the end is where the cursor is
				typed = "…" + string([]rune(typed)[min(over+1, len([]rune(typed))):])
			}
			x = a.put(x+1, 0, strong, typed)
			a.set(x, 0, chosen, ' ')
		}
	case v.notice != "":
		ink := strong
		if v.trouble {
			ink = bad
		}
		a.put(1, 0, ink, fit(v.notice, a.w-1))
	case s.Phase == report.Finished && !s.view.help && !s.view.zoomed:
		x := a.put(1, 0, keycap, "q")
		x = a.put(x+1, 0, strong, fit("leaves: the run has ended", a.w-x-1))
		s.drawKeys(a, x+2)
	default:
		s.drawKeys(a, 1)
	}
}

// drawKeys draws as many keys as there is room for from a column on, and help in any
// case.
func (s *scene) drawKeys(a area, x int) {
	const help = "? help"
	for _, b := range newKeys(s.view.able).foot(s) {
		k, what := b.Help().Key, b.Help().Desc
		if x+columns(k)+1+columns(what)+2+columns(help) > a.w {
			continue
		}
		ink := keycap
		if !b.Enabled() {
			ink = faint
		}
		x = a.put(x, 0, ink, k)
		x = a.put(x+1, 0, faint, what) + 2
	}
	if x+columns(help) <= a.w {
		x = a.put(x, 0, keycap, "?")
		a.put(x+1, 0, faint, "help")
	} else if x == 1 { // nothing else is here
		a.put(0, 0, keycap, "?")
	}
}

// A binding is a key, and what it does in a few words and in many.
type binding struct {
	key.Binding
	long string
}
