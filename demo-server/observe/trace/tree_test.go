package trace_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/floodmark/floodmark/demo-server/observe/trace"
)

var update = flag.Bool("update", false, "write the golden files anew")

const (
	requestID = "7f3k-order-17"
	traceID   = "4bf92f3577b34da6a3ce929d0e0e4736"
)

var epoch = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// span returns a span from one time to another, in milliseconds. An id is one digit, or
// two where there is a parent: 2<1.
func span(id, node, name string, from, to float64) trace.Span {
	id, parent, _ := strings.Cut(id, "<")
	ms := func(v float64) time.Duration { return time.Duration(v * 1e6) }
	long := func(id string) string {
		if id == "" {
			return ""
		}
		return "00f067aa0ba9020" + id
	}
	return trace.Span{
		Trace: traceID, ID: long(id), Parent: long(parent), Request: requestID, Node: node, Name: name,
		Path: "/api/products/7", Status: 200, Start: epoch.Add(ms(from)), Took: ms(to - from),
	}
}

func noted(s trace.Span, status int, notes ...trace.Note) trace.Span {
	s.Status, s.Notes = status, notes
	return s
}

// whole is a request that was tried twice.
func whole() []trace.Span {
	const name = "GET /api/products/{id}"
	return []trace.Span{
		span("1", "gateway", name, 0, 46.2),
		span("2<1", "balancer", "GET", 0.2, 46.1),
		noted(span("3<2", "web-1", name, 0.4, 12), 0),
		noted(span("4<2", "web-2", name, 12.3, 46),
			200, trace.Note{Key: "queued_seconds", Value: 0.0121}, trace.Note{Key: "work_seconds", Value: 0.0098}, trace.Note{Key: "cache", Value: "miss"}),
		noted(span("5<4", "cache-1", "GET", 12.5, 12.52), 404),
		noted(span("6<4", "database", "POST /read", 34.6, 45.5), 200, trace.Note{Key: "rows", Value: 1.0}),
	}
}

func TestTree(t *testing.T) {
	lost := whole()
	lost = append(lost[:3], lost[4:]...) // web-2 was killed
	twice := append(whole(), span("7", "gateway", "GET /api/products/{id}", 80, 99))
	twice[6].Trace = strings.Repeat("b", 32)
	for name, spans := range map[string][]trace.Span{"whole": whole(), "lost": lost, "twice": twice} {
		for _, width := range []int{80, 120} {
			t.Run(fmt.Sprint(name, width), func(t *testing.T) {
				got := read(t, write(spans...), requestID)
				golden(t, fmt.Sprintf("%s-%d.txt", name, width), got.Tree(width))
				golden(t, fmt.Sprintf("%s-%d-ascii.txt", name, width), got.ASCII(width))
			})
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
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; -update writes it anew\ngot:\n%s\nwant:\n%s", path, got, want)
	}
}

// Whatever a file says, each span is drawn once, no line is too wide, and nothing in it
// moves the cursor.
func TestTreeOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		digit := rapid.SampledFrom([]string{"", "1", "2", "3", "4", "5"})
		var spans []trace.Span
		for i := range rapid.IntRange(1, 40).Draw(t, "spans") {
			s := span(digit.Draw(t, "id")+"<"+digit.Draw(t, "parent"), fmt.Sprintf("node%02d", i), rapid.String().Draw(t, "name"),
				rapid.Float64Range(0, 9).Draw(t, "from"), rapid.Float64Range(0, 9).Draw(t, "to"))
			s.Notes = []trace.Note{{Key: rapid.String().Draw(t, "key"), Value: rapid.String().Draw(t, "value")}}
			spans = append(spans, s)
		}
		width := rapid.IntRange(0, 200).Draw(t, "width")
		drawn := trace.Trace{Request: requestID, IDs: []string{traceID}, Spans: spans}
		tree, ascii := drawn.Tree(width), drawn.ASCII(width)
		for line := range strings.SplitSeq(strings.TrimSuffix(tree, "\n"), "\n") {
			if n := utf8.RuneCountInString(line); n > max(width, 60) {
				t.Fatalf("%d characters for a width of %d: %q", n, width, line)
			}
			if strings.ContainsAny(line, "\x1b\r\t\x00") {
				t.Fatalf("control characters in %q", line)
			}
		}
		if strings.ContainsFunc(ascii, func(r rune) bool { return r > 126 }) {
			t.Fatalf("not ASCII: %q", ascii)
		}
		if got, want := strings.Count(tree, "node"), len(spans); width >= 100 && got < want {
			t.Fatalf("%d of %d spans drawn:\n%s", got, want, tree)
		}
	})
}
