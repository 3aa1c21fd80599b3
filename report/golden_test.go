package report_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/report"
	"github.com/floodmark/floodmark/slo"
)

var update = flag.Bool("update", false, "write the golden files anew")

// A play sets a scene; words must all be in the text.
type play struct {
	name     string
	scene    func(*testing.T) *scene
	verdict  report.Verdict
	exitCode int
	words    []string
}

func plays() []play {
	return []play{
		{"pass", passing, report.Pass, 0, []string{
			"PASS   3 of 3 objectives met", "exit code 0", "✓ met", "-94%", "6 000 planned = 6 000 ok", "trustworthy", "saved",
		}},
		{"fail", failed, report.Fail, 1, []string{
			"FAIL   2 of 3 objectives missed", "✗ missed", "+4.33pt", "budget spent at 00:31", "bad from 00:25 to 00:35",
			"HTTP 503 ×130", "timeout ×130", `503 "upstream timeout"`, "on POST /api/checkout",
		}},
		{"inconclusive", undecided, report.Inconclusive, 3, []string{
			"INCONCLUSIVE   1 of 2 objectives undecided", "? inconclusive", "needs about 120 more requests",
		}},
		{"interrupted", interrupted, report.Incomplete, 130, []string{"INCOMPLETE", "interrupted at 00:20 of 01:00", "missed so far"}},
		{"stopped", stopped, report.Incomplete, 130, []string{"INCOMPLETE", "stopped by floodmark ctl at 00:20 of 01:00", "missed so far", "  marks     00:04 deployed 1.4.2", "and 2 more"}},
		{"terminated", terminated, report.Incomplete, 143, []string{"INCOMPLETE", "1 of 1 objective met so far"}},
		{"incomplete", cutOff, report.Incomplete, 3, []string{"INCOMPLETE", "never ended", "recorded until 00:20", "events.ndjson:22"}},
		{"aborted", aborted, report.Fail, 1, []string{"FAIL   aborted: dip fired"}},
		{"no-data", silent, report.Inconclusive, 3, []string{"no data", "latency   no data", "0 planned = 0 ok", "floodmark run --help"}},
		{"no-answer", unanswered, report.Inconclusive, 3, []string{"no request finished"}},
		{"backends", spread, report.Pass, 0, []string{"backend", "10.0.0.2:8080", "[2001:db8::3]:8080"}},
		{"no-objectives", plain, report.Pass, 0, []string{"PASS   no objectives"}},
		{"invalid-busy", busy, report.Invalid, 5, []string{"INVALID", "lag p99 7.1ms (rule: < 5ms): its CPU was used up, see below", "cpu 97% of the 1 CPU it may use (rule: < 85%)", "lower the rate", "not trustworthy"}},
		{"invalid-late", late, report.Invalid, 5, []string{"INVALID", "lag p99 61.0ms (rule: < 5ms): the process was stopped, or the machine slept"}},
		{"unsent", overloaded, report.Pass, 0, []string{"+ 300 unsent", "+ 50 in flight", "300 of 4 550 arrivals", "max_in_flight 5 000 was reached", "the target is too slow"}},
		{"warm-up", warmed, report.Pass, 0, []string{"warm-up   1 000 requests of 00:10 not counted above", "5 000 planned"}},
		{"lost", lost, report.Pass, 0, []string{"3 intervals could not be saved", "disk full"}},
		{"long-names", lengthy, report.Fail, 1, []string{"…", "and 5 more", "{scenario="}},
		{"hostile", hostile, report.Inconclusive, 3, []string{"wipe", `"title and red"`}},
		{"refused", refused, report.Pass, 0, []string{"HTTP 200, refused by the success rule ×60"}},
		{"alerts", alerted, report.Fail, 1, []string{
			"alerts fired: availability / dip from 00:24 for 34 s, latency / slow endpoint=POST /pay from", "▲ availability / dip", "00:24 to 00:58 (34 s)",
			"worst 65.2%", "1 204 bad requests", "told chat, not all delivered to pager", "until the run ended", "1 notice not delivered",
		}},
		{"undelivered", unheard, report.Pass, 6, []string{"PASS", "exit code 6", "2 notices not delivered"}},
		{"steered", steered, report.Inconclusive, 3, []string{
			"INCONCLUSIVE   the load was changed by hand: paused by keyboard", "at 00:05, and 4 more changes", "exit code 3", "00:49 rate 100.0 → 150.0/s by ctl",
			"140.0 arrivals/s asked", "1 000 requests of 00:20 not counted", "trustworthy",
		}},
		{"steered-missed", missedByHand, report.Inconclusive, 3, []string{"INCONCLUSIVE", "1 of 1 objective missed", "rate 150.0 → 100.0/s (as planned) by keyboard", "and 6 more changes"}},
		{"steered-allowed", allowed, report.Pass, 0, []string{"PASS   1 of 1 objective met", "by hand   00:05 paused by keyboard"}},
		{"huge", huge, report.Pass, 0, []string{"1h23m", "counted as 1 h", "max 4h09m"}},
	}
}

func passing(t *testing.T) *scene {
	t.Helper()
	s := newScene("GET /api/products", "GET /api/products/{id}", "POST /api/checkout").minute()
	s.judged(t, "success >= 95%", met("ratio", 1, 0.95))
	s.judged(t, "p99 < 250ms", met("seconds", 0.0149, 0.25))
	s.judged(t, "rps > 90/s", met("per_second", 99.67, 90))
	return s
}

func failed(t *testing.T) *scene {
	t.Helper()
	s := newScene("GET /api/products", "GET /api/products/{id}", "POST /api/checkout")
	for at := time.Duration(0); at < time.Minute; at += second {
		s.requests(0, 70, at)
		s.requests(1, 20, at)
		if at >= 25*second && at < 38*second {
			s.requests(2, 10, at, slow(300), failing(measure.Status5xx, 503, "upstream timeout"))
			s.requests(2, 10, at, failing(measure.Timeout, 0, "no answer within 5s"))
		}
		s.cut(at + second)
	}
	errors := missed("ratio", 0.0533, 0.01, slo.Span{Start: 25 * second, End: 35 * second}, slo.Span{Start: 37 * second, End: 38 * second})
	errors.BudgetSpentAt, errors.Burn = 31*second, 5.33
	s.judged(t, "errors < 1%", errors)
	many := missed("seconds", 0.25004, 0.25)
	for i := range 6 {
		start := time.Duration(25+2*i) * second
		many.Spans = append(many.Spans, slo.Span{Start: start, End: start + second})
	}
	many.BadFor, many.BudgetSpentAt = 6*second, -1
	s.judged(t, "p99 < 250ms", many)
	s.judged(t, "p50 < 25ms", met("seconds", 0.0097, 0.025))
	return s
}

func undecided(t *testing.T) *scene {
	t.Helper()
	s := newScene("GET /").minute()
	s.judged(t, "p50 < 25ms", met("seconds", 0.0097, 0.025))
	s.judged(t, "p99.9 < 1s", slo.Status{
		Verdict: slo.Inconclusive, HasData: true, Observed: 0.812, Limit: 1, Unit: "seconds", Events: 30, More: 120,
		BudgetSpentAt: -1, Burn: -1, Reason: "needs about 120 more requests",
	})
	return s
}

// started returns the first 20 seconds of a run.
func started() *scene {
	s := newScene("GET /")
	for at := time.Duration(0); at < 20*second; at += second {
		s.requests(0, 100, at)
		s.cut(at + second)
	}
	s.ending.Elapsed = 20 * second
	return s
}

func interrupted(t *testing.T) *scene {
	t.Helper()
	s := started()
	s.ending.Interrupted, s.ending.Signal = true, 2
	s.judged(t, "p50 < 5ms", missed("seconds", 0.0097, 0.005, slo.Span{End: 20 * second}))
	return s
}

func stopped(t *testing.T) *scene {
	t.Helper()
	s := interrupted(t)
	s.ending.Signal, s.ending.StoppedBy = 0, "floodmark ctl"
	s.ending.Marks.Add(report.Mark{At: 4.2, Text: "deployed 1.4.2 to the machines of the second zone, as told by the pipeline"})
	for i := range 11 {
		s.ending.Marks.Add(report.Mark{At: 5 + float64(i), Text: "step"})
	}
	return s
}

func terminated(t *testing.T) *scene {
	t.Helper()
	s := started()
	s.ending.Interrupted, s.ending.Signal = true, 15
	s.judged(t, "p50 < 25ms", met("seconds", 0.0097, 0.025))
	return s
}

func cutOff(*testing.T) *scene {
	s := started()
	s.ending = report.Ending{
		Incomplete: true, SavedAs: s.ending.SavedAs,
		Warnings: []string{"events.ndjson:22: invalid character 'x': only what was before it is used, until 20s"},
	}
	return s
}

func aborted(*testing.T) *scene {
	s := started()
	s.ending.Aborted = "dip fired"
	return s
}

func silent(t *testing.T) *scene {
	t.Helper()
	s := newScene("GET /")
	s.ending = report.Ending{}
	s.judged(t, "success >= 95%", slo.Status{
		Verdict: slo.Inconclusive, Limit: 0.95, Unit: "ratio", BudgetSpentAt: -1, Burn: -1, Reason: "no data",
	})
	return s
}

func unanswered(*testing.T) *scene {
	s := newScene("GET /")
	for range 40 {
		s.recorder.Lane(0).Plan(0, 0)
	}
	s.cut(second)
	s.ending.Elapsed = second
	return s
}

func plain(*testing.T) *scene {
	s := newScene("GET /").minute()
	s.run.Source = "http://127.0.0.1:8080/api/products"
	s.ending.SavedAs = ""
	return s
}

// pacedAt adds arrivals that were late.
func (s *scene) pacedAt(late time.Duration) *scene {
	for range 1000 {
		s.recorder.Lane(0).Pace(late)
	}
	s.cut(time.Minute)
	return s
}

func busy(*testing.T) *scene {
	s := newScene("GET /")
	s.cpu = 0.97
	return s.minute().pacedAt(7100 * time.Microsecond)
}

func late(*testing.T) *scene {
	return newScene("GET /").minute().pacedAt(61 * time.Millisecond)
}

func overloaded(*testing.T) *scene {
	s := newScene("GET /").minute()
	for i := range 350 {
		s.recorder.Lane(0).Plan(0, 0)
		s.recorder.Lane(0).Pace(40 * time.Microsecond)
		if i < 300 {
			s.recorder.Lane(0).Unsend(0, 0)
		}
	}
	s.cut(time.Minute)
	return s
}

func warmed(*testing.T) *scene {
	s := newScene("GET /", "GET /")
	s.run.Series[0].Stage, s.run.Series[0].Warmup = "warm", true
	s.run.Stages = []report.Stage{
		{Name: "warm", End: 10 * second, Warmup: true}, {Name: "steady", Start: 10 * second, End: time.Minute},
	}
	s.reset()
	for at := time.Duration(0); at < 10*second; at += second {
		s.requests(0, 100, at, slow(50))
		s.cut(at + second)
	}
	for at := 10 * second; at < time.Minute; at += second {
		s.requests(1, 100, at)
		s.cut(at + second)
	}
	return s
}

func lost(*testing.T) *scene {
	s := newScene("GET /").minute()
	s.ending.LostIntervals = 3
	s.ending.Warnings = []string{"write .floodmark/runs/20261122-051044-checkout/events.ndjson: disk full: the run goes on unsaved"}
	return s
}

func lengthy(t *testing.T) *scene {
	t.Helper()
	var names []string
	for i := range 25 {
		names = append(names, fmt.Sprintf("GET /api/v%d/%s", i, strings.Repeat("größe-", 20)))
	}
	s := newScene(names...)
	s.run.Version = "v0.1.0-" + strings.Repeat("dirty", 20)
	s.run.Source = strings.Repeat("profiles/", 12) + "checkout.yaml"
	s.run.Target = "https://" + strings.Repeat("sub.", 30) + "example.com"
	s.run.Load = strings.Repeat("500/s for 5m, ", 12)
	s.ending.SavedAs = strings.Repeat("/very/long/path", 10) + "/.floodmark/runs/20261122-051044-checkout"
	for i := range names {
		s.requests(i, 2*i+1, 0, failing(measure.Status5xx, 500+i, strings.Repeat("longwordwithoutspaces", 12)))
	}
	s.cut(second)
	status := missed("ratio", 0, 0.95, slo.Span{End: time.Hour})
	status.Objective.Select = []slo.Matcher{{Label: "scenario", Op: "=~", Value: strings.Repeat("checkout|", 30)}}
	s.judged(t, `{endpoint=~"`+strings.Repeat("a|", 60)+`b", method!="GET"} success >= 95%`, status)
	return s
}

func hostile(*testing.T) *scene {
	s := newScene("GET /\x1b[2Jwipe\r\n\u202e")
	s.run.Target = "http://x\x07y"
	s.requests(0, 100, 0, failing(measure.Reset, 0, "\x1b]0;owned\x07title\tand \x1b[31mred\x1b[0m\u009b2J\xff\xfe"))
	s.cut(second)
	return s
}

func refused(*testing.T) *scene {
	s := newScene("GET /").minute()
	for range 60 {
		s.requests(0, 1, 30*second, slow(100), failing(measure.Status2xx, 200, ""))
	}
	s.cut(time.Minute)
	return s
}

func huge(*testing.T) *scene {
	s := newScene("GET /")
	for range 12 {
		s.requests(0, 2000, 0, slow(1_000_000), func(x *measure.Sample) { x.BytesIn, x.BytesOut = 1<<45, 1<<46 })
	}
	s.cut(second)
	s.ending.Elapsed, s.run.AskedRate = 25*time.Hour, 1e9
	return s
}

func TestGolden(t *testing.T) {
	schema := compileSchema(t)
	for _, p := range plays() {
		t.Run(p.name, func(t *testing.T) {
			s := p.scene(t).summary()
			if s.Verdict != p.verdict || s.ExitCode != p.exitCode {
				t.Errorf("got %s, exit code %d; want %s, %d", s.Verdict, s.ExitCode, p.verdict, p.exitCode)
			}
			text, data := render(t, report.Text, s), render(t, report.JSON, s)
			checkPage(t, text)
			flat := strings.Join(strings.Fields(text), " ") // wherever lines break
			for _, words := range p.words {
				if !strings.Contains(flat, strings.Join(strings.Fields(words), " ")) {
					t.Errorf("%q is missing", words)
				}
			}
			value, err := jsonschema.UnmarshalJSON(strings.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(value); err != nil {
				t.Error(err)
			}
			golden(t, p.name+".txt", text)
			golden(t, p.name+".json", data)
		})
	}
}

func render(t rapid.TB, format report.Format, s report.Summary) string {
	t.Helper()
	var out strings.Builder
	if err := format(&out, s); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// checkPage checks what holds for every text.
func checkPage(t rapid.TB, text string) {
	t.Helper()
	if !utf8.ValidString(text) {
		t.Error("not UTF-8")
	}
	for i, line := range strings.Split(text, "\n") {
		if n := utf8.RuneCountInString(line); n > 80 {
			t.Errorf("line %d has %d columns: %s", i+1, n, line)
		}
		if strings.HasSuffix(line, " ") {
			t.Errorf("line %d ends in space: %q", i+1, line)
		}
		for _, r := range line {
			if !unicode.IsPrint(r) {
				t.Errorf("line %d holds %U", i+1, r)
			}
		}
	}
	for _, bad := range []string{"NaN", "Inf", "%!", "\n\n\n"} {
		if strings.Contains(text, bad) {
			t.Errorf("text holds %q", bad)
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; -update writes it anew\ngot:\n%s\nwant:\n%s", path, got, want)
	}
}

// spread is a run whose target's name stands for three addresses, one of them slow
// and one failing.
func spread(*testing.T) *scene {
	s := newScene("GET /api/products")
	for at := time.Duration(0); at < time.Minute; at += second {
		s.requests(0, 50, at, s.from("10.0.0.1:8080"))
		s.requests(0, 30, at, s.from("10.0.0.2:8080"), slow(3))
		s.requests(0, 20, at, s.from("[2001:db8::3]:8080"), failing(measure.Status5xx, 503, "no"))
		s.cut(at + second)
	}
	return s
}
