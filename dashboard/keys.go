package dashboard

import (
	"github.com/charmbracelet/bubbles/key"

	"github.com/floodmark/floodmark/report"
)

// keys are all keys, by what they do.
type keys struct {
	quit, stop, pause, slower, faster, bitSlower, bitFaster, setRate, skip, mark, mute binding
	focus, focusBack, toggle, zoom, back, up, down                                     binding
	filter, sort, window, alerts, palette, mask, help, interrupt                       binding
}

// bind makes a binding; able says whether it can do anything. One without many words is
// told of where its counterpart is.
func bind(able bool, shown, few, many string, codes ...string) binding {
	b := binding{key.NewBinding(key.WithKeys(codes...), key.WithHelp(shown, few)), many}
	b.SetEnabled(able)
	return b
}

// newKeys returns the keys of a run that allows so much.
func newKeys(can abilities) *keys {
	k := &keys{
		quit:      bind(true, "q Q", "quit", "stop the run (asks first), or leave when it has ended", "q"),
		stop:      bind(can.stop, "Q", "stop", "", "Q"),
		interrupt: bind(true, "ctrl+c", "stop", "stop at once, with a summary; twice: without waiting", "ctrl+c"),
		pause:     bind(can.pause, "p", "pause", "pause or resume; nothing is caught up (also space)", "p", " "),
		slower:    bind(can.rate, "← →", "-10%", "rate -10%, +10% (also - and +)", "left", "-"),
		faster:    bind(can.rate, "→", "+10%", "", "right", "+", "="),
		bitSlower: bind(can.rate, "shift+← →", "-1%", "rate -1%, +1% (also _ and *)", "shift+left", "_"),
		bitFaster: bind(can.rate, "→", "+1%", "", "shift+right", "*"),
		setRate:   bind(can.rate, "r", "set rate", "type a rate: 650, 1.2k, or plan to follow the profile", "r"),
		skip:      bind(can.skip, "s", "skip stage", "go to the next stage (asks first)", "s"),
		mark:      bind(can.mark, "m", "marker", "set a marker, such as: deployed v2", "m"),
		mute:      bind(can.mute, "A", "mute", "", "A"),

		focus:     bind(true, "tab", "panel", "choose the next panel; shift+tab the one before", "tab"),
		focusBack: bind(true, "shift+tab", "", "", "shift+tab"),
		toggle:    bind(true, "1-8", "", "hide or show a panel", "1", "2", "3", "4", "5", "6", "7", "8"),
		zoom:      bind(true, "enter", "zoom", "zoom into the chosen panel or endpoint", "enter"),
		back:      bind(true, "esc", "", "back: out of zoom, help, filter and choice", "esc"),
		up:        bind(true, "↑ ↓", "", "choose an endpoint, or move what is shown (also k and j)", "up", "k"),
		down:      bind(true, "↓", "", "", "down", "j"),

		filter:  bind(true, "/", "filter", "show only endpoints that have a text in their name", "/"),
		sort:    bind(true, "o", "sort", "sort endpoints by the next column", "o"),
		window:  bind(true, "w", "window", "numbers of the last second, the last 10 s, or the run", "w"),
		alerts:  bind(true, "a A", "alerts", "alerts and who was told; A mutes them for 5 minutes", "a"),
		palette: bind(true, "c", "colours", "colours: default, colour-blind, mono", "c"),
		mask:    bind(true, "y", "mask", "hide where the target is, for pictures", "y"),
		help:    bind(true, "?", "help", "this", "?"),
	}
	if can.apart {
		k.quit = bind(true, "q", "leave", "leave; the run goes on (also ctrl+c)", "q")
		k.stop = bind(can.stop, "Q", "stop", "stop the run (asks first)", "Q")
		k.interrupt = bind(true, "ctrl+c", "leave", "", "ctrl+c")
	}
	return k
}

// A keyGroup is keys with a heading.
type keyGroup struct {
	name string
	keys []binding
}

// groups are all keys, none left out.
func (k *keys) groups() []keyGroup {
	return []keyGroup{
		{"the run", []binding{k.quit, k.stop, k.interrupt, k.pause, k.slower, k.faster, k.bitSlower, k.bitFaster, k.setRate, k.skip, k.mark, k.mute}},
		{"panels", []binding{k.focus, k.focusBack, k.toggle, k.zoom, k.back, k.up, k.down, k.alerts}},
		{"what is shown", []binding{k.window, k.filter, k.sort, k.palette, k.mask, k.help}},
	}
}

// foot are the keys of the last line, those that matter most first.
func (k *keys) foot(s *scene) []binding {
	quit, alerts := k.quit, k.alerts
	quit.SetHelp("q", quit.Help().Desc)
	alerts.SetHelp("a", alerts.Help().Desc)
	if s.view.help || s.view.zoomed {
		back := k.back
		back.SetHelp("esc", "back")
		return []binding{back, k.window, quit, k.pause}
	}
	if s.Phase == report.Finished {
		return []binding{k.window, k.filter, k.focus, k.zoom, k.sort, alerts, k.palette}
	}
	pause := k.pause
	if s.Phase == report.Paused {
		pause.SetHelp("p", "resume")
	}
	rate := k.faster
	rate.SetHelp("←→", "rate ±10%")
	return []binding{quit, pause, rate, k.setRate, k.window, k.filter, k.focus, k.zoom, k.sort, k.skip, k.mark, alerts, k.palette}
}
