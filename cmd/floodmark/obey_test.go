package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/floodmark/floodmark/control"
	"github.com/floodmark/floodmark/loadgen"
	"github.com/floodmark/floodmark/profiles"
	"github.com/floodmark/floodmark/runs"
)

// underWay returns a run that has begun a while ago, what it says, and its directory.
func underWay(t *testing.T) (d *drive, said *bytes.Buffer, dir string) {
	t.Helper()
	p, err := compile(profiles.ForURL("http://shop.test/home?token=s3cr3t"), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.target.Dialer.Close)
	journal, err := runs.Create(t.TempDir(), p.run, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = journal.Close() })
	said = &bytes.Buffer{}
	start := time.Now().Add(-41 * time.Second)
	d = &drive{
		plan: p, journal: journal, start: start, audience: &audience{plan: p, progress: &progress{w: said, mode: "plain", plan: p, start: start}},
		interrupted: &interruption{stop: make(chan struct{})}, steering: newSteering(p),
	}
	return d, said, journal.Dir()
}

// eventLines returns the lines of a run's events but the first, without their times.
func eventLines(t *testing.T, dir string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "events.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(data), "\n")
	return rest
}

// What is changed is an event; what is refused is none.
func TestObey(t *testing.T) {
	for _, tt := range []struct {
		name    string
		command control.Command
		reply   control.Reply
		event   string // a part of it, "" if there is none
	}{
		{"a mark", control.Command{Name: "mark", Args: []string{"deployed", "1.4.2"}}, control.Reply{OK: true, Text: "marked at 00:41"}, `"text":"deployed 1.4.2"}`},
		{"a mark is one line", control.Command{Name: "mark", Args: []string{"a\n\x1b[2Jb"}}, control.Reply{OK: true, Text: "marked at 00:41"}, `"text":"a b"}`},
		{"a mark of nothing", control.Command{Name: "mark", Args: []string{" \n"}}, control.Reply{Error: "a mark without text"}, ""},
		{"a long mark", control.Command{Name: "mark", Args: []string{strings.Repeat("ä", 201)}}, control.Reply{Error: "a mark of 201 characters: 200 are the most"}, ""},
		{"a mark of 200", control.Command{Name: "mark", Args: []string{strings.Repeat("ä", 200)}}, control.Reply{OK: true, Text: "marked at 00:41"}, `ä"}`},
		{"a load that has not begun", control.Command{Name: "pause"}, control.Reply{Error: "pause: " + loadgen.ErrNotRunning.Error()}, ""},
		{"a level that is none", control.Command{Name: "rate", Args: []string{"5\n%"}}, control.Reply{Error: `rate: "5 %" is no level: write ` + levelForms}, ""},
		{"a later version's", control.Command{Name: "double\n"}, control.Reply{Error: `unknown command "double"`, Hint: "is this floodmark newer than that of the run?"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d, said, dir := underWay(t)
			if got := d.obey(ctlName, tt.command); got != tt.reply {
				t.Errorf("got %+v, want %+v", got, tt.reply)
			}
			got := eventLines(t, dir)
			if tt.event == "" && got+said.String() != "" || !strings.Contains(got, tt.event) {
				t.Errorf("got %q and %q, want %q", got, said, tt.event)
			}
		})
	}
}

// A thousand marks are enough for any report.
func TestTooManyMarks(t *testing.T) {
	d, _, _ := underWay(t)
	var got control.Reply
	for range 1001 {
		got = d.obey(ctlName, control.Command{Name: "mark", Args: []string{"again"}})
	}
	if want := (control.Reply{Error: "the run has 1000 marks, and no room for more"}); got != want || len(d.marks) != 1000 {
		t.Errorf("got %+v and %d marks, want %+v", got, len(d.marks), want)
	}
}

// The end can be asked for once.
func TestStopTwice(t *testing.T) {
	d, _, dir := underWay(t)
	if got := d.obey(ctlName, control.Command{Name: "stop"}); !got.OK || d.stopped != ctlName {
		t.Errorf("got %+v, stopped by %q", got, d.stopped)
	}
	select {
	case <-d.interrupted.stop:
	default:
		t.Error("the load goes on")
	}
	if got, want := d.obey(ctlName, control.Command{Name: "stop"}), (control.Reply{Error: "the run is stopping already"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := eventLines(t, dir); strings.Count(got, `"type":"note"`) != 1 {
		t.Errorf("got %q, want one event", got)
	}
}
