//go:build integration

package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A pressing is what somebody types, if anything, and what is to be seen then, or not any more.
type pressing struct {
	keys        []string // by the names that tmux has for them
	shows, ends string   // regular expressions
}

// types types keys, and waits for each until what it does is seen.
func (term terminal) types(all ...pressing) {
	term.t.Helper()
	for _, p := range all {
		if len(p.keys) > 0 {
			term.run(append([]string{"send-keys"}, p.keys...)...)
		}
		term.sees(p.shows, p.ends)
	}
}

// sees waits until one thing is seen, and the other, unless it is "", is not.
func (term terminal) sees(shows, ends string) {
	term.t.Helper()
	there, gone := regexp.MustCompile("(?m)"+shows), regexp.MustCompile("(?m)"+ends)
	defer func() {
		if term.t.Failed() {
			term.t.Logf("the terminal shows\n%s", term.screen())
		}
	}()
	eventually(term.t, fmt.Sprintf("%q is seen, and %q is not", shows, ends), func() bool {
		shown := term.screen()
		return there.MatchString(shown) && (ends == "" || !gone.MatchString(shown))
	})
}

// resizes gives the window a size, and waits until the dashboard fills it: the clock is at the
// right, unless there is too little room for one, and the keys are in the last line.
func (term terminal) resizes(columns, rows int) {
	term.t.Helper()
	term.run("resize-window", "-x", fmt.Sprint(columns), "-y", fmt.Sprint(rows))
	clock := regexp.MustCompile(` \d\d:\d\d / \d\d:\d\d$`)
	eventually(term.t, fmt.Sprintf("the dashboard fills %d×%d", columns, rows), func() bool {
		lines := strings.Split(term.screen(), "\n")
		first := len([]rune(lines[0]))
		wide := columns < 40 || clock.MatchString(lines[0]) && first == columns-1
		return len(lines) == rows && first <= columns && wide && strings.Contains(lines[rows-1], "? help")
	})
}

// Somebody types into the dashboard all that there is to type, changes the size of the window,
// and sees what each of it does; somebody else watches, and then steers. All that was done to
// the run is in its files.
func TestDashboardInATerminal(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	shop, _ := startShop(t)
	profile := file(t, dir, "two.yaml",
		"version: 1", "target: { base_url: http://"+shop+" }",
		"scenarios:", "  list: { weight: 3, steps: [ { get: /api/products, name: list products } ] }",
		"  show: { weight: 1, steps: [ { get: /api/products/7, name: show product } ] }",
		"slos: [ { name: availability, objective: success >= 50% } ]", "generator: { lag: off, cpu: off, sent_rate: off }",
		"load: { executor: ramping-arrival-rate, start: 100/s, stages: [ { name: first, duration: 20m, target: 100/s }, { name: second, duration: 20m, target: 100/s } ] }")
	saved := filepath.Join(dir, "runs")
	term := openTerminal(t, "run", profile, "--runs", saved, "--timeout", "1m")
	term.resizes(120, 36)
	term.sees("RUNNING", "")
	term.steers()
	term.looksAround()
	for _, size := range [][2]int{{60, 16}, {200, 50}, {38, 8}, {120, 36}} {
		term.resizes(size[0], size[1])
	}
	watchesFromElsewhere(t, term, saved)
	term.types(pressing{[]string{"q"}, `stop the run\? \[y/N\]`, ""})
	term.run("send-keys", "y")
	screen, code := term.ended()
	showsVerdict(t, screen, code)
	if code != fmt.Sprint(exitInterrupted) {
		t.Errorf("got exit code %s, want %d", code, exitInterrupted)
	}
	recorded(t, dir, saved)
}

// steers does to the run what keys can do.
func (term terminal) steers() {
	term.t.Helper()
	term.types(
		pressing{[]string{"p"}, `‖ PAUSED`, `● RUNNING`},
		pressing{[]string{"p"}, `● RUNNING`, `‖ PAUSED`},
		pressing{[]string{"Right", "Right", "Right"}, `rate 100\.0 → 133\.1/s by keyboard at`, ""},
		pressing{[]string{"r"}, `^ rate, such as 650`, ""},
		pressing{[]string{"3", "0", "0", "Enter"}, `^ 300\.0/s is more than 200\.0/s, really\? \[y/N\]`, ""},
		pressing{[]string{"y"}, `rate 133\.1 → 300\.0/s by keyboard at`, ""},
		pressing{[]string{"m"}, `^ marker, such as`, ""},
		pressing{[]string{"deployed v2", "Enter"}, `^ marked at 00:\d\d`, ""},
		pressing{[]string{"s"}, `^ skip stage first\? \[y/N\] next is second`, ""},
		pressing{[]string{"y"}, `stage 2/2 second`, `skip stage first\?`},
	)
}

// looksAround changes what is seen, in 120 columns and 36 rows, and nothing else.
func (term terminal) looksAround() {
	term.t.Helper()
	term.types(
		pressing{[]string{"/"}, `^ endpoints with:`, ""},
		pressing{[]string{"show"}, `show product`, `list products`},
		pressing{[]string{"Escape"}, `list products`, `^ endpoints with:`},
		pressing{[]string{"o"}, `^ endpoints are sorted by endpoint`, ""},
		pressing{[]string{"w"}, `^ numbers are of the last 10 seconds`, ""},
		pressing{[]string{"Tab"}, `^ panel 1, rate: enter zooms`, ""},
		pressing{[]string{"Enter"}, `rate`, `4 latency`},
		pressing{[]string{"Escape"}, `4 latency`, ""},
		pressing{[]string{"?"}, `set a marker, such as: deployed v2`, `4 latency`},
		pressing{[]string{"?"}, `4 latency`, `set a marker`},
		pressing{[]string{"c"}, `^ colours: colour-blind`, ""},
		pressing{[]string{"y"}, `floodmark two → •••`, `http://127`},
		pressing{[]string{"y"}, `floodmark two → http://127`, `•••`},
	)
}

// watchesFromElsewhere attaches to the run in another terminal: to watch, and then to steer.
// The first goes on.
func watchesFromElsewhere(t *testing.T, term terminal, saved string) {
	t.Helper()
	watcher := openTerminal(t, "attach", "--runs", saved)
	watcher.sees("● RUNNING", "")
	watcher.types(pressing{[]string{"p"}, `^ not possible here: this dashboard only watches`, ""})
	watcher.run("send-keys", "q")
	if screen, code := watcher.ended(); code != fmt.Sprint(exitMet) {
		t.Errorf("got exit code %s:\n%s", code, screen)
	}
	term.sees("● RUNNING", "")
	steerer := openTerminal(t, "attach", "--steer", "--runs", saved)
	steerer.sees("● RUNNING", "")
	steerer.types(pressing{[]string{"p"}, `‖ PAUSED`, ""})
	term.sees("‖ PAUSED", "")
	steerer.types(pressing{[]string{"p"}, `● RUNNING`, ""})
	steerer.run("send-keys", "q")
	if screen, code := steerer.ended(); code != fmt.Sprint(exitMet) {
		t.Errorf("got exit code %s:\n%s", code, screen)
	}
	term.sees("● RUNNING", "")
}

// recorded wants all that was done to the run in its report.
func recorded(t *testing.T, dir, saved string) {
	t.Helper()
	f := floodmark(t, dir, "report", "--json", "--runs", saved)
	var got struct {
		Verdict  string
		ExitCode int `json:"exit_code"`
		Marks    []struct{ Text string }
		Steered  []struct {
			By, What, Stage string
			Level           float64
		}
	}
	if err := json.Unmarshal([]byte(f.stdout), &got); err != nil {
		t.Fatalf("%v: %s", err, f.stderr)
	}
	var steers []string
	for _, s := range got.Steered {
		steers = append(steers, fmt.Sprintf("%s by %s in %s: %.1f", s.What, s.By, s.Stage, s.Level))
	}
	want := []string{
		"pause by keyboard in first: 100.0", "resume by keyboard in first: 100.0",
		"level by keyboard in first: 133.1", "level by keyboard in first: 300.0", "skip by keyboard in first: 300.0",
		"pause by floodmark ctl in second: 300.0", "resume by floodmark ctl in second: 300.0",
	}
	if !slices.Equal(steers, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(steers, "\n"), strings.Join(want, "\n"))
	}
	if got.Verdict != "incomplete" || got.ExitCode != exitInterrupted || len(got.Marks) != 1 || got.Marks[0].Text != "deployed v2" {
		t.Errorf("got %s, %d, marks %v", got.Verdict, got.ExitCode, got.Marks)
	}
}
