package dashboard

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/floodmark/floodmark/report"
)

// A desk is a dashboard without a terminal, and what its keys have asked for.
type desk struct {
	Model
	calls []string
	fails error
}

// newDesk returns a dashboard of a run at 500/s, which may be controlled.
func newDesk() *desk {
	d := &desk{}
	d.Model = NewModel(NewFeed(), d.control(), Theme{}, 80, 24)
	d.stopClock()
	d.send(snapshotMsg{running()})
	d.calls = nil
	return d
}

// control notes what is asked for.
func (d *desk) control() Control {
	note := func(call string) (string, error) { d.calls = append(d.calls, call); return call + " by test", d.fails }
	act := func(call string) Act { return func() (string, error) { return note(call) } }
	return Control{
		Pause: act("pause"), Resume: act("resume"), Stop: act("stop"), Mute: act("mute"),
		Skip:  func(stage string) (string, error) { return note("skip " + stage) },
		Scale: func(f float64) (string, error) { return note(fmt.Sprintf("scale %.4f", f)) },
		Rate:  func(text string) (string, error) { return note("rate " + text) },
		Mark:  func(text string) (string, error) { return note("mark " + text) },
	}
}

// stopClock makes ticks come from tests only.
func (d *desk) stopClock() { d.tick = func() tea.Cmd { return nil } }

// running is a small run.
func running() *report.Snapshot {
	s := &report.Snapshot{
		Sequence: 1, Name: "checkout", Phase: report.Running, Planned: 60, At: 10,
		Stages: []report.StageView{{Name: "ramp", End: 5}, {Name: "hold", Start: 5, End: 60}}, Stage: 0,
		Pace: report.Pace{Now: 500, Most: 1000}, Open: true,
	}
	s.Numbers.Second = report.Numbers{Length: 1, Asked: 500, Succeeded: 500}
	for i, name := range []string{"GET /cart", "GET /products", "POST /checkout"} {
		e := report.EndpointView{Name: name}
		e.Numbers.Second = report.Numbers{Length: 1, Asked: int64(100 * (i + 1)), Succeeded: int64(100 * (i + 1)), P99: 0.1 * float64(3-i)}
		s.Endpoints = append(s.Endpoints, e)
	}
	return s
}

// send sends a message, and the results of the commands that come of it, except the
// feed's.
func (d *desk) send(msg tea.Msg) (quits bool) {
	next, cmd := d.Update(msg)
	d.Model = next.(Model)
	switch msg.(type) {
	case snapshotMsg: // its command waits for the next one
		return false
	}
	if cmd == nil {
		return false
	}
	switch result := cmd().(type) {
	case tea.QuitMsg:
		return true
	case resultMsg:
		d.send(result)
	}
	return false
}

// press types keys, separated by spaces.
func (d *desk) press(keys string) (quits bool) {
	codes := map[string]tea.KeyMsg{
		"enter": {Type: tea.KeyEnter}, "esc": {Type: tea.KeyEsc}, "tab": {Type: tea.KeyTab}, "shift+tab": {Type: tea.KeyShiftTab},
		"left": {Type: tea.KeyLeft}, "right": {Type: tea.KeyRight}, "shift+left": {Type: tea.KeyShiftLeft},
		"shift+right": {Type: tea.KeyShiftRight},
		"up":          {Type: tea.KeyUp}, "down": {Type: tea.KeyDown}, "ctrl+c": {Type: tea.KeyCtrlC}, "ctrl+z": {Type: tea.KeyCtrlZ},
		"space": {Type: tea.KeySpace, Runes: []rune{' '}}, "backspace": {Type: tea.KeyBackspace},
	}
	for k := range strings.FieldsSeq(keys) {
		msg, special := codes[k]
		if !special {
			msg = tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(k)}
		}
		quits = d.send(msg) || quits
	}
	return quits
}

func (d *desk) ticks(n int) {
	for range n {
		d.send(tickMsg{})
	}
}

func TestKeysControlTheRun(t *testing.T) {
	for _, c := range []struct {
		keys string
		want string // calls, separated by commas
	}{
		{"p", "pause"},
		{"space", "pause"},
		{"q", ""},
		{"q y", "stop"},
		{"q n", ""},
		{"q enter", ""},
		{"q q", ""},
		{"Q y", "stop"},
		{"Q n", ""},
		{"ctrl+c", "stop"},
		{"ctrl+c ctrl+c", "stop,stop"},
		{"q ctrl+c", "stop"},
		{"s", ""},
		{"s y", "skip ramp"},
		{"s esc", ""},
		{"right", "scale 1.1000"},
		{"+", "scale 1.1000"},
		{"right right", "scale 1.2100"},
		{"left", "scale 0.9091"},
		{"right left", "scale 1.0000"},
		{"shift+right", "scale 1.0100"},
		{"shift+left", "scale 0.9901"},
		{"r 6 5 0 enter", "rate 650"},
		{"r 1 . 2 k enter y", "rate 1.2k"},
		{"r 1 . 2 k enter n", ""},
		{"r p l a n enter", "rate plan"},
		{"r + 1 0 % enter", "rate +10%"},
		{"r x 2 enter", "rate x2"},
		{"r 0 enter", "rate 0"},
		{"r 6 5 esc", ""},
		{"r enter", ""},
		{"m v 2 enter", "mark v2"},
		{"m q enter", "mark q"},
		{"m enter", ""},
		{"A", "mute"},
		{"ctrl+z", ""},
		{"w o c y a a tab enter esc ? ? / x esc down up 1 1", ""},
	} {
		t.Run(c.keys, func(t *testing.T) {
			d := newDesk()
			d.press(c.keys)
			d.ticks(rateTicks)
			if got := strings.Join(d.calls, ","); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// Above the highest rate of the profile, somebody is asked.
func TestRateAboveTheHighest(t *testing.T) {
	for answer, want := range map[string]string{"y": "scale 2.1436", "n": ""} {
		d := newDesk()
		d.press("right right right right right right right right")
		d.ticks(rateTicks)
		if want := "1 072/s is more than 1 000/s, really? [y/N]"; !strings.Contains(d.View(), want) {
			t.Fatalf("the frame does not ask %q:\n%s", want, d.View())
		}
		d.press(answer)
		if got := strings.Join(d.calls, ","); got != want {
			t.Errorf("%s: got %q, want %q", answer, got, want)
		}
	}
}

func TestPauseResumes(t *testing.T) {
	d := newDesk()
	s := running()
	s.Phase = report.Paused
	d.send(snapshotMsg{s})
	d.press("p")
	if got := strings.Join(d.calls, ","); got != "resume" {
		t.Errorf("got %q, want resume", got)
	}
}

func TestChangeOfRateWaitsForFurtherKeys(t *testing.T) {
	d := newDesk()
	d.press("right")
	d.ticks(rateTicks - 1)
	d.press("right")
	d.ticks(rateTicks - 1)
	if len(d.calls) > 0 {
		t.Fatalf("called too early: %q", d.calls)
	}
	if want := "rate 500.0/s → 605.0/s in a moment"; !strings.Contains(d.View(), want) {
		t.Errorf("the frame does not say %q:\n%s", want, d.View())
	}
	d.ticks(1)
	if got := strings.Join(d.calls, ","); got != "scale 1.2100" {
		t.Errorf("got %q", got)
	}
}

// A run that has ended, and one that is only watched, are left at once.
func TestQuitLeaves(t *testing.T) {
	ended := newDesk()
	s := running()
	s.Phase = report.Finished
	ended.send(snapshotMsg{s})
	watched := newDesk()
	watched.Model = NewModel(NewFeed(), Control{}, Theme{}, 80, 24)
	for name, d := range map[string]*desk{"ended": ended, "watched": watched} {
		for _, keys := range []string{"q", "ctrl+c"} {
			if !d.press(keys) {
				t.Errorf("%s: %s does not leave", name, keys)
			}
		}
		if len(d.calls) > 0 {
			t.Errorf("%s: called %q", name, d.calls)
		}
	}
	if newDesk().press("q") {
		t.Error("q leaves a run that goes on")
	}
}

func TestWatchingOnly(t *testing.T) {
	d := newDesk()
	d.Model = NewModel(NewFeed(), Control{}, Theme{}, 120, 36)
	d.stopClock()
	d.press("p")
	if !strings.Contains(d.View(), "only watches") {
		t.Errorf("a grey key says nothing:\n%s", d.View())
	}
	d.press("right s m r +")
	d.ticks(rateTicks)
	if len(d.calls) > 0 || d.asking != nothing {
		t.Errorf("calls %q, asks %d", d.calls, d.asking)
	}
	d.press("?")
	if !strings.Contains(d.View(), "grey: not possible here") {
		t.Errorf("help does not say what is not possible:\n%s", d.View())
	}
}

func TestFaultsAreTold(t *testing.T) {
	d := newDesk()
	d.fails = errors.New("a closed model has no rate")
	d.press("r 6 0 enter")
	if !strings.Contains(d.View(), "a closed model has no rate") {
		t.Errorf("got\n%s", d.View())
	}
	d.ticks(noticeTicks)
	if strings.Contains(d.View(), "a closed model has no rate") {
		t.Error("the notice stays")
	}
}

// Help lists every key that does anything.
func TestHelpListsEveryKey(t *testing.T) {
	d := newDesk()
	d.press("?")
	for _, group := range newKeys(abilities{}).groups() {
		for _, b := range group.keys {
			if !strings.Contains(d.View(), b.Help().Key) || !strings.Contains(d.View(), b.long) {
				t.Errorf("help does not list %q, %q:\n%s", b.Keys(), b.long, d.View())
			}
		}
	}
	small := newDesk()
	small.send(tea.WindowSizeMsg{Width: 60, Height: 16})
	small.ticks(1)
	small.press("?")
	seen := small.View()
	for range 40 {
		small.press("down")
		seen += small.View()
	}
	for _, group := range newKeys(abilities{}).groups() {
		for _, b := range group.keys {
			if !strings.Contains(seen, b.Help().Key) {
				t.Errorf("help of a small screen never shows %q", b.Help().Key)
			}
		}
	}
}

func TestNewsThatDoesNotCome(t *testing.T) {
	d := newDesk()
	d.ticks(staleTicks - 1)
	if strings.Contains(d.View(), "NO NEWS") {
		t.Error("too early")
	}
	d.ticks(1)
	if !strings.Contains(d.View(), "NO NEWS") {
		t.Errorf("got\n%s", d.View())
	}
	d.send(snapshotMsg{running()})
	if strings.Contains(d.View(), "NO NEWS") {
		t.Error("there was news")
	}
}

func TestLevelOf(t *testing.T) {
	for text, want := range map[string]float64{"650": 650, " 650/s ": 650, "1.2k": 1200, "1.2k/s": 1200, "2M": 2e6, "0.5": 0.5, "0": 0} {
		if got, ok := levelOf(text); !ok || got != want {
			t.Errorf("levelOf(%q) = %v, %v; want %v", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "x", "-5", "plan", "+10%", "NaN", "k", "5 k k"} {
		if got, ok := levelOf(text); ok {
			t.Errorf("levelOf(%q) = %v", text, got)
		}
	}
}

// The dashboard of a run of another terminal is left without a question; stopping that
// run is a key of its own.
func TestApart(t *testing.T) {
	d := newDesk()
	control := d.control()
	control.Apart = true
	d.Model = NewModel(NewFeed(), control, Theme{}, 80, 24)
	d.stopClock()
	d.send(snapshotMsg{running()})
	for _, keys := range []string{"q", "ctrl+c"} {
		if !d.press(keys) || len(d.calls) > 0 {
			t.Errorf("%s: called %q", keys, d.calls)
		}
	}
	if d.press("Q y"); strings.Join(d.calls, ",") != "stop" {
		t.Errorf("called %q", d.calls)
	}
}

// Users are no rate.
func TestUsers(t *testing.T) {
	d := newDesk()
	s := running()
	s.Open, s.Pace = false, report.Pace{Now: 20, Most: 40}
	d.send(snapshotMsg{s})
	d.press("right")
	if want := "users 20 → 22"; !strings.Contains(d.View(), want) {
		t.Errorf("the frame does not say %q:\n%s", want, d.View())
	}
	d.press("r")
	if want := "users, such as 50"; !strings.Contains(d.View(), want) {
		t.Errorf("the frame does not ask %q:\n%s", want, d.View())
	}
	d.press("5 0 enter")
	if want := "50.0 users is more than 40.0 users, really? [y/N]"; !strings.Contains(d.View(), want) {
		t.Errorf("the frame does not ask %q:\n%s", want, d.View())
	}
}
