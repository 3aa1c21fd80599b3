package dashboard

import (
	"io"
	"sync/atomic"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"
)

// An outlet is a terminal until it is shut: what is written then goes nowhere. So a
// drawing that was left behind draws over nothing when the terminal takes something again.
type outlet struct {
	term.File
	shut atomic.Bool
}

// Write waits for the terminal.
func (o *outlet) Write(text []byte) (int, error) {
	if o.shut.Load() {
		return len(text), nil
	}
	return o.File.Write(text)
}

// Leave does for a terminal what [Run] could not do when it returned [ErrStuck]: its usual
// screen is seen again, with its cursor. It waits until the terminal takes that.
func Leave(out io.Writer) error {
	_, err := io.WriteString(out, ansi.ResetModeBracketedPaste+ansi.ResetModeAltScreenSaveCursor+ansi.ShowCursor)
	return err
}
