package dashboard

import (
	"context"
	"errors"
	"io"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/term"

	"github.com/floodmark/floodmark/dashboard/hush"
)

var _ = hush.Over() // bubbletea has begun, and has not asked the terminal anything

// framesPerSecond is how often the terminal is written to at most: as often as ticks
// come, and as keys need to feel quick.
const framesPerSecond = 10

// patience is how long the terminal may take to be left in order. One that is not read
// any more takes for ever.
const patience = time.Second

// ErrStuck says that the terminal took no more, and may not be as it was before.
var ErrStuck = errors.New("the terminal does not take what is written to it")

// Options are what a dashboard runs with.
type Options struct {
	Feed    *Feed
	Control Control
	Theme   Theme
	In      io.Reader // keys
	Out     io.Writer // the terminal

	Width, Height int  // of the terminal, if they are known; it is asked for them, too
	Stay          bool // once the feed is closed, until somebody leaves
}

// Run shows the dashboard until somebody leaves it, its feed is closed, unless it is to
// stay, or ctx ends, and leaves the terminal as it was, also after a panic, which is an
// error then. The run goes on either way: stopping it is for Control.
//
// Signals are the caller's: Run does not take them. It returns [ErrStuck] when the
// terminal keeps it from ending; the drawing is left behind then, and [Leave] is for
// whoever writes to the terminal next.
func Run(ctx context.Context, o Options) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	model := NewModel(o.Feed, o.Control, o.Theme, o.Width, o.Height)
	model.done, model.stay = ctx.Done(), o.Stay
	out, shut := o.Out, func() {}
	if file, ok := out.(term.File); ok {
		own := &outlet{File: file}
		out, shut = own, func() { own.shut.Store(true) }
	}
	program := tea.NewProgram(model, tea.WithInput(o.In), tea.WithOutput(out), tea.WithAltScreen(),
		tea.WithFPS(framesPerSecond), tea.WithoutSignalHandler())
	ended := make(chan error, 1)
	go func() {
		_, err := program.Run()
		ended <- err
	}()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	// Not by its context: then it would not wait for its reader of keys, and they would
	// race for what it closes. Quit waits as long as the program is stuck.
	go program.Quit()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case err := <-ended:
		return err
	case <-timer.C:
		shut()
		return ErrStuck
	}
}
