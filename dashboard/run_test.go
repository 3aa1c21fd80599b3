package dashboard_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/floodmark/floodmark/dashboard"
	"github.com/floodmark/floodmark/report"
)

// A paper is a terminal that remembers what was written to it.
type paper struct {
	mu   sync.Mutex
	all  bytes.Buffer
	wait chan struct{} // closed once want was written
	want string
}

func newPaper(want string) *paper { return &paper{want: want, wait: make(chan struct{})} }

func (p *paper) Write(data []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	seen := strings.Contains(p.all.String(), p.want)
	p.all.Write(data)
	if !seen && strings.Contains(p.all.String(), p.want) {
		close(p.wait)
	}
	return len(data), nil
}

func (p *paper) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.all.String()
}

// start runs a dashboard, and returns where keys are typed and what ends.
func start(ctx context.Context, feed *dashboard.Feed, control dashboard.Control, out io.Writer) (keys io.Writer, ended <-chan error) {
	in, keys := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- dashboard.Run(ctx, dashboard.Options{Feed: feed, Control: control, In: in, Out: out, Width: 80, Height: 24})
		_ = in.Close()
	}()
	return keys, done
}

const (
	enterScreen = "\x1b[?1049h"
	leaveScreen = "\x1b[?1049l"
)

func TestRunShowsSnapshotsUntilTheFeedEnds(t *testing.T) {
	feed, out := dashboard.NewFeed(), newPaper("checkout.yaml")
	feed.Show(after(t, 3))
	_, ended := start(t.Context(), feed, dashboard.Control{}, out)
	<-out.wait
	feed.Close()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if got := out.String(); !strings.Contains(got, enterScreen) || strings.LastIndex(got, leaveScreen) < strings.LastIndex(got, "checkout.yaml") {
		t.Errorf("the terminal is not left as it was: %q", got)
	}
}

// With Stay the last snapshot is there until somebody has seen it.
func TestRunStays(t *testing.T) {
	last := *after(t, 3)
	last.Phase, last.Verdict = report.Finished, report.Pass
	feed, out := dashboard.NewFeed(), newPaper("PASS")
	feed.Show(&last)
	in, keys := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- dashboard.Run(t.Context(), dashboard.Options{Feed: feed, In: in, Out: out, Width: 80, Height: 24, Stay: true})
		_ = in.Close()
	}()
	feed.Close()
	<-out.wait
	select {
	case err := <-ended:
		t.Fatalf("it has left: %v", err)
	default:
	}
	if _, err := io.WriteString(keys, "q"); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestRunTakesKeys(t *testing.T) {
	feed, out := dashboard.NewFeed(), newPaper("stop the run?")
	feed.Show(after(t, 3))
	stopped := make(chan struct{})
	keys, ended := start(t.Context(), feed, dashboard.Control{Stop: func() (string, error) { close(stopped); return "stopping", nil }}, out)
	if _, err := io.WriteString(keys, "q"); err != nil {
		t.Fatal(err)
	}
	<-out.wait
	if _, err := io.WriteString(keys, "y"); err != nil {
		t.Fatal(err)
	}
	<-stopped
	feed.Close()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	out := newPaper("STARTING")
	_, ended := start(ctx, dashboard.NewFeed(), dashboard.Control{}, out)
	<-out.wait
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if !strings.Contains(out.String(), leaveScreen) {
		t.Error("the terminal is not left as it was")
	}
}

// A panic is an error, and the terminal is as it was.
func TestRunAfterPanic(t *testing.T) {
	feed, out := dashboard.NewFeed(), newPaper("checkout.yaml")
	feed.Show(after(t, 3))
	keys, ended := start(t.Context(), feed, dashboard.Control{
		Pause: func() (string, error) { panic("for a test") }, Resume: func() (string, error) { return "", nil },
	}, out)
	<-out.wait
	if _, err := io.WriteString(keys, "p"); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, tea.ErrProgramPanic) {
		t.Errorf("got %v", err)
	}
	if got := out.String(); strings.LastIndex(got, leaveScreen) < strings.LastIndex(got, "checkout.yaml") {
		t.Error("the terminal is not left as it was")
	}
}

// A wall takes nothing, as a terminal does that is not read any more.
type wall struct {
	reached chan struct{}
	once    sync.Once
	gone    chan struct{}
}

func (w *wall) Write(data []byte) (int, error) {
	w.once.Do(func() { close(w.reached) })
	<-w.gone
	return len(data), nil
}

// A terminal that takes nothing holds up neither who shows nor who ends.
func TestTerminalThatIsNotRead(t *testing.T) {
	out := &wall{reached: make(chan struct{}), gone: make(chan struct{})}
	ctx, cancel := context.WithCancel(t.Context())
	feed := dashboard.NewFeed()
	_, ended := start(ctx, feed, dashboard.Control{}, out)
	<-out.reached
	for range 1000 {
		feed.Show(new(report.Snapshot))
	}
	cancel()
	if err := <-ended; !errors.Is(err, dashboard.ErrStuck) {
		t.Errorf("got %v", err)
	}
	close(out.gone)
}

// A pit is a terminal whose other end is closed.
type pit struct {
	reached chan struct{}
	once    sync.Once
}

func (p *pit) Write([]byte) (int, error) {
	p.once.Do(func() { close(p.reached) })
	return 0, errors.New("input/output error")
}

// A terminal that was closed is no reason for anything else to end.
func TestTerminalThatIsClosed(t *testing.T) {
	out := &pit{reached: make(chan struct{})}
	ctx, cancel := context.WithCancel(t.Context())
	feed := dashboard.NewFeed()
	ended := make(chan error, 1)
	go func() {
		ended <- dashboard.Run(ctx, dashboard.Options{Feed: feed, In: strings.NewReader(""), Out: out, Width: 80, Height: 24})
	}()
	<-out.reached
	for i := range 100 {
		feed.Show(&report.Snapshot{Sequence: i})
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
