package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"github.com/floodmark/floodmark/control"
	"github.com/floodmark/floodmark/dashboard"
)

// The values of --ui.
const (
	uiAuto  = "auto"
	uiTUI   = "tui"
	uiPlain = "plain"
	uiJSON  = "json"
	uiNone  = "none"
)

// lookFlags say how a dashboard looks.
type lookFlags struct{ color, symbols string }

func (f *lookFlags) register(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringVar(&f.color, "color", "auto", "colours of the dashboard: auto, always or never")
	fs.StringVar(&f.symbols, "symbols", "auto", "characters of the dashboard: auto, braille, block or ascii")
	offer(cmd, "color", "auto", "always", "never")
	offer(cmd, "symbols", "auto", "braille", "block", "ascii")
}

// offer completes the values of a flag.
func offer(cmd *cobra.Command, flag string, values ...string) {
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
}

func (f *lookFlags) check() error {
	if !slices.Contains([]string{"auto", "always", "never"}, f.color) {
		return usageFault(fmt.Errorf("--color %q: not auto, always or never", f.color))
	}
	if _, err := dashboard.ParseSymbols(f.symbols); err != nil && f.symbols != "auto" {
		return usageFault(fmt.Errorf("--symbols %q: not auto, braille, block or ascii", f.symbols))
	}
	return nil
}

// stage decides what a value of --ui comes to, and returns the terminal if that is a
// dashboard.
func (f *lookFlags) stage(wanted string, env environment) (ui string, on *screen, err error) {
	if wanted != uiAuto && wanted != uiTUI {
		return wanted, nil, nil
	}
	if wanted == uiTUI { // who asks for it has it in CI, too
		lookup := env.lookup
		env.lookup = func(name string) (string, bool) {
			if name == "CI" {
				return "", false
			}
			return lookup(name)
		}
	}
	on, why, err := openScreen(f, env)
	switch {
	case err != nil:
		return "", nil, err
	case on != nil:
		return uiTUI, on, nil
	case wanted == uiTUI:
		return "", nil, usageFault(fmt.Errorf("--ui tui: %s", why), "--ui plain writes lines")
	}
	return uiPlain, nil, nil
}

// A screen is a terminal that can have a dashboard.
type screen struct {
	in    *os.File
	out   *os.File
	own   bool // in was opened for it
	theme dashboard.Theme
	state *term.State // of the terminal, before anybody changed it
}

// openScreen returns the terminal of this process. If a dashboard cannot be there, why
// says so, and there is none.
func openScreen(look *lookFlags, env environment) (s *screen, why string, err error) {
	in, own := keysOf(env)
	terminal := dashboard.Terminal{Screen: isTerminal(env.out), Keys: in != nil, Getenv: env.getenv}
	ok, why := terminal.Fits()
	if ok && !inForeground(in) {
		ok, why = false, "the process is in the background"
	}
	if !ok {
		if own {
			_ = in.Close()
		}
		return nil, why, nil
	}
	theme, err := terminal.Theme(look.color, look.symbols)
	if err != nil {
		return nil, "", usageFault(err)
	}
	s = &screen{in: in, out: env.out.(*os.File), own: own, theme: theme} //nolint:forcetypeassert // it is a terminal
	s.state, _ = term.GetState(in.Fd())
	return s, "", nil
}

// keysOf returns where keys are read: stdin, or the terminal that this process belongs to
// if something else is piped into it; nil if there is none.
func keysOf(env environment) (in *os.File, own bool) {
	if file, ok := env.in.(*os.File); ok && isTerminal(file) {
		return file, false
	}
	if file, err := os.OpenFile(terminalName, os.O_RDWR, 0); err == nil {
		return file, true
	}
	return nil, false
}

// restore makes the terminal as it was: whatever has happened to the dashboard, and
// without waiting for a terminal that takes nothing.
func (s *screen) restore() {
	if s.state != nil {
		_ = term.Restore(s.in.Fd(), s.state)
	}
}

// A display is the dashboard of a run on the terminal of this process.
type display struct {
	screen *screen
	feed   *dashboard.Feed
	cancel context.CancelFunc
	gone   chan struct{} // closed when the terminal was left, whoever wanted it
	err    error         // why, once gone is closed
	closed sync.Once
}

// close lets go of a terminal that was opened.
func (s *screen) close() {
	if s != nil && s.own {
		_ = s.in.Close()
	}
}

// show begins a dashboard. With stay it is there until somebody leaves it, even when the
// run has ended. It leaves when hung is closed, as then its terminal is: bubbletea takes the
// end of its keys for nothing.
func (s *screen) show(parent context.Context, keys dashboard.Control, stay bool, hung <-chan struct{}) *display {
	if s == nil {
		return nil
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(parent)) // it shows how the run ends, too
	d := &display{screen: s, feed: dashboard.NewFeed(), cancel: cancel, gone: make(chan struct{})}
	keepRunning()
	go func() {
		select {
		case <-hung:
			cancel()
		case <-d.gone:
		}
	}()
	go func() {
		defer close(d.gone)
		d.err = dashboard.Run(ctx, dashboard.Options{Feed: d.feed, Control: keys, Theme: s.theme, In: s.in, Out: s.out, Stay: stay})
		s.restore()
	}()
	return d
}

// end is close that then waits for the terminal, if it took nothing: what is written to it
// next is to be seen.
func (d *display) end(until <-chan struct{}) error {
	err := d.close(until)
	if errors.Is(err, dashboard.ErrStuck) {
		err = errors.Join(err, dashboard.Leave(d.screen.out))
	}
	return err
}

// close ends the dashboard. One that stays is left by somebody, or when until is closed;
// nil is for one that does not. It does not wait for a terminal that takes nothing.
func (d *display) close(until <-chan struct{}) error {
	d.closed.Do(func() {
		d.feed.Close()
		if until != nil {
			select {
			case <-d.gone:
			case <-until:
			}
		}
		d.leaves()
		d.cancel()
		<-d.gone
		letStop()
	})
	return d.err
}

// emergency leaves the terminal for somebody who panics, without waiting for long for one
// that takes nothing. Any goroutine may call it.
func (d *display) emergency() {
	if d == nil {
		return
	}
	d.cancel()
	if !d.leaves() {
		d.screen.restore()
	}
}

// leaves waits a moment for the terminal to be left, and reports whether it was.
func (d *display) leaves() bool {
	const moment = time.Second
	timer := time.NewTimer(moment)
	defer timer.Stop()
	select {
	case <-d.gone:
		return true
	case <-timer.C:
		return false
	}
}

// commands are keys that send commands, as floodmark ctl does.
func commands(do func(control.Command) (did string, err error), apart bool) dashboard.Control {
	act := func(name string) dashboard.Act {
		return func() (string, error) { return do(control.Command{Name: name}) }
	}
	with := func(name string) func(string) (string, error) {
		return func(arg string) (string, error) { return do(control.Command{Name: name, Args: []string{arg}}) }
	}
	return dashboard.Control{
		Pause: act("pause"), Resume: act("resume"), Skip: with("skip"), Rate: with("rate"), Mark: with("mark"), Stop: act("stop"),
		Scale: func(factor float64) (string, error) {
			const digits = 6
			percent := strconv.FormatFloat(100*(factor-1), 'f', digits, 64) + "%"
			if factor >= 1 {
				percent = "+" + percent
			}
			return with("rate")(percent)
		},
		Mute: act("mute"), Apart: apart,
	}
}

// replied turns the answer to a command into what a key has done.
func replied(r control.Reply) (did string, err error) {
	if !r.OK {
		return "", errors.New(r.Error)
	}
	return r.Text, nil
}

// getenv is os.Getenv for this environment.
func (e environment) getenv(name string) string {
	value, _ := e.lookup(name)
	return value
}
