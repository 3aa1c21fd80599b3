package journey_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/floodmark/floodmark/demo-server/journey"
)

var update = flag.Bool("update", false, "write the golden files")

// sample is a document with all that there may be in one.
func sample() journey.Document {
	return journey.Document{
		Schema: journey.Schema, Started: time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC), Machine: "linux/amd64 with 2 CPUs",
		Complete: true, Seconds: 131.4,
		Stages: []journey.Report{
			{
				Name: "02", Title: "Separate database", Changes: "database.machine: web → db",
				Lesson:   "A database on a machine of its own doubles what the whole can do.",
				Sentence: "Two machines answer 196 requests a second where one answered 98; at 80 a second, which both can do, the mean wait is 24ms instead of 56ms.",
				Complete: true, Budget: 37, Seconds: 33.2,
				Rows: []journey.Row{
					{Case: "single", Changes: "one machine", Counts: true, Rate: 80, P50: 0.041, P99: 0.249, Figures: []journey.Figure{
						{Name: "ceiling", Value: 98.2, Unit: journey.PerSecond, Theory: new(100.0), From: "arithmetic"},
						{Name: "mean at 80/s", Value: 0.0561, Unit: journey.Seconds, Theory: new(0.0556), From: "simulation"},
					}, Series: &journey.Series{Name: "p99 of each second at 80/s", Unit: journey.Seconds, Values: []float64{0.1, 0.2, 0.15, 0.249, 0.12}}},
					{Case: "separate", Changes: "two machines", Counts: true, Rate: 80, P50: 0.02, P99: 0.081, Figures: []journey.Figure{
						{Name: "ceiling", Value: 196.4, Unit: journey.PerSecond, Theory: new(200.0), From: "arithmetic"},
						{Name: "mean at 80/s", Value: 0.0241, Unit: journey.Seconds, Theory: new(0.0238), From: "simulation"},
					}, Series: &journey.Series{Name: "p99 of each second at 80/s", Unit: journey.Seconds, Values: []float64{0.06, 0.081, 0.07, 0.05, 0.066}}},
				},
				Expectations: []journey.Expectation{{Text: "the ceiling doubles", Found: "98 → 196/s, 2.00 times", Holds: true, Counts: true}},
			},
			{
				Name: "04d", Title: "A replica dies", Changes: "load_balancer.retries: 0 → 1",
				Lesson:   "Requests that are under way at a replica when it dies fail, unless they are tried again.",
				Sentence: "Killing one of four replicas at 200 requests a second costs 7 requests without a retry and 0 with one.",
				Complete: true, Budget: 17, Seconds: 16.1,
				Rows: []journey.Row{
					{Case: "without retry, and a name that is far too long", Changes: "retries: 0", Counts: true, Rate: 200, P50: 0.014, P99: 0.093, Errors: 0.0025, Figures: []journey.Figure{
						{Name: "failed requests", Value: 7, Unit: journey.Count, Theory: new(2.0), From: "earlier trial"},
						{Name: "until it gets nothing", Value: 0.051, Unit: journey.Seconds},
					}, Series: &journey.Series{Name: "success in each second", Unit: journey.Ratio, Values: []float64{1, 1, 0.96, 1, 1}}},
					{Case: "with one retry", Changes: "retries: 1", Rate: 200, P50: 0.014, P99: 0.098, Why: []string{"web-1: model lag p99 1.2ms is 12% of 10.0ms"}, Figures: []journey.Figure{
						{Name: "failed requests", Value: 0, Unit: journey.Count, Theory: new(0.0), From: "earlier trial"},
					}},
				},
				Expectations: []journey.Expectation{
					{Text: "without retry at most 5 requests fail", Found: "7", Counts: true},
					{Text: "with one retry none fails", Found: "0", Holds: true},
				},
			},
			{Name: "06c", Title: "A limit for two gateways", Changes: "rate_limit.store: memory → redis", Lesson: "Counting together, once.", Complete: true, Error: "together: the backend: it does not start: <port> taken", Budget: 10, Seconds: 1},
			{Name: "16", Title: "An outage", Changes: "fallback: none → queue", Lesson: "A fallback keeps it from the users.", Budget: 34, Seconds: 12},
		},
	}
}

// golden compares an output with what it was.
func golden(t *testing.T, name string, write func(io.Writer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), want) {
		t.Errorf("%s is now:\n%s", name, b.String())
	}
	return b.Bytes()
}

func TestTable(t *testing.T) {
	t.Parallel()
	for name, width := range map[string]int{"table80.txt": 80, "table120.txt": 120} {
		text := golden(t, name, func(w io.Writer) error { return sample().Table(w, width) })
		for line := range strings.Lines(string(text)) {
			if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > width {
				t.Errorf("%s: %d columns: %s", name, n, line)
			}
		}
	}
}

func TestMarkdown(t *testing.T) { golden(t, "journey.md", sample().Markdown) }

func TestJSON(t *testing.T) {
	t.Parallel()
	text := golden(t, "journey.json", sample().JSON)
	var back journey.Document
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	var again bytes.Buffer
	if err := back.JSON(&again); err != nil || !bytes.Equal(again.Bytes(), text) {
		t.Errorf("read and written again it is another: %v", err)
	}
}

// The page is well formed, needs nothing else, and takes no text for markup.
func TestHTML(t *testing.T) {
	t.Parallel()
	text := golden(t, "journey.html", sample().HTML)
	for _, word := range []string{"<script", "http://", "https://", "url(", "<port>"} {
		if bytes.Contains(text, []byte(word)) {
			t.Errorf("the page has %q in it", word)
		}
	}
	decoder := xml.NewDecoder(bytes.NewReader(bytes.Replace(text, []byte("<!DOCTYPE html>"), nil, 1)))
	decoder.AutoClose, decoder.Entity, decoder.Strict = xml.HTMLAutoClose, xml.HTMLEntity, false
	for {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

func TestQuickAndIncompleteAreMarked(t *testing.T) {
	t.Parallel()
	doc := sample()
	doc.Quick, doc.Complete = true, false
	for name, write := range map[string]func(io.Writer) error{
		"table": func(w io.Writer) error { return doc.Table(w, 80) }, "markdown": doc.Markdown, "page": doc.HTML,
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"Quick", "INCOMPLETE"} {
			if !strings.Contains(b.String(), word) {
				t.Errorf("the %s does not say %s", name, word)
			}
		}
	}
}

func TestOutcome(t *testing.T) {
	t.Parallel()
	holds := journey.Expectation{Holds: true, Counts: true}
	fails := journey.Expectation{Counts: true}
	doubt := journey.Expectation{Holds: true}
	for _, c := range []struct {
		name   string
		stages []journey.Report
		ended  bool
		want   journey.Outcome
	}{
		{"nothing", nil, false, journey.Holds},
		{"all hold", []journey.Report{{Complete: true, Expectations: []journey.Expectation{holds, holds}}}, false, journey.Holds},
		{"one fails", []journey.Report{{Complete: true, Expectations: []journey.Expectation{doubt, fails}}}, false, journey.Fails},
		{"one is in doubt", []journey.Report{{Complete: true, Expectations: []journey.Expectation{holds, doubt}}, {Complete: true, Expectations: []journey.Expectation{holds}}}, false, journey.Undecided},
		{"not measured", []journey.Report{{Complete: true, Error: "no port"}}, false, journey.Fails},
		{"ended", []journey.Report{{Complete: true, Expectations: []journey.Expectation{holds}}}, true, journey.Incomplete},
		{"ended within a stage", []journey.Report{{}}, true, journey.Incomplete},
	} {
		if got := (journey.Document{Stages: c.stages, Complete: !c.ended}).Outcome(); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
