package loadgen

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/targets"
)

// panicVariable makes a process of this test be the one that panics.
const panicVariable = "FLOODMARK_TEST_PANIC"

// fragile is a sender that panics.
type fragile struct{}

func (fragile) Send(context.Context, *targets.Request, *targets.Response) { panic("for a test") }

// Before the process ends of a panic in a user's goroutine, whoever has changed the terminal
// hears of it; the panic goes on.
func TestPanicking(t *testing.T) {
	if model := os.Getenv(panicVariable); model != "" {
		breakDown(t, model)
		return
	}
	for _, model := range []string{"open", "closed"} {
		t.Run(model, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestPanicking$")
			cmd.Env = append(os.Environ(), panicVariable+"="+model)
			said, err := cmd.CombinedOutput()
			order := []int{strings.Index(string(said), "the terminal is in order"), strings.Index(string(said), "panic: for a test")}
			if err == nil || order[0] < 0 || !slices.IsSorted(order) {
				t.Errorf("got %v and\n%s", err, said)
			}
		})
	}
}

// breakDown runs a generator whose users panic.
func breakDown(t *testing.T, model string) {
	t.Helper()
	mix := mixOf(t, targets.Step{Name: "home", Request: new(targets.Request)})
	g := &Generator{
		Mix: mix, NewSender: func(int) Sender { return fragile{} }, Recorder: measure.NewRecorder(Series(mix, nil), nil, 1),
		Drain:     time.Minute,
		Panicking: func() { fmt.Fprintln(os.Stderr, "the terminal is in order") },
	}
	if model == "open" {
		g.RunOpen(t.Context(), nil, slices.Values([]time.Duration{0}))
		return
	}
	g.RunClosed(t.Context(), nil, slices.Values([]Span{{End: time.Minute}}), 1)
}
