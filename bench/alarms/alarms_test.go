package main

import (
	"bytes"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/floodmark/floodmark/alert"
)

const page = "../../docs/alarm-figures.md"

// onPage reads the cells of a table from the page.
func onPage(t *testing.T, text string, of *table) [][]string {
	t.Helper()
	_, rest, ok := strings.Cut(text, "\n## "+of.title+"\n")
	if !ok {
		t.Fatalf("%s has no table %q: go run ./bench/alarms -o docs/alarm-figures.md", page, of.title)
	}
	var rows [][]string
	for line := range strings.Lines(rest) {
		switch {
		case strings.HasPrefix(line, "## "):
			return rows[2:]
		case strings.HasPrefix(line, "|"):
			cells := strings.Split(strings.TrimSuffix(strings.TrimPrefix(line, "| "), " |\n"), " | ")
			rows = append(rows, cells[min(len(of.names), len(cells)):])
		}
	}
	return rows[2:]
}

// The page is what the program writes now: all that stands around the cells, and of the
// cells those that are quick.
func TestPageIsWhatTheProgramWrites(t *testing.T) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	want := write(tables(), func(of *table) [][]string {
		rows := onPage(t, string(text), of)
		if len(rows) != len(of.rows) {
			t.Fatalf("%s: got %d rows on the page, want %d", of.title, len(rows), len(of.rows))
		}
		return rows
	})
	if !bytes.Equal(text, want) {
		t.Errorf("%s differs from what is written around its figures: go run ./bench/alarms -o docs/alarm-figures.md", page)
	}
	quick := map[string][][2]int{ // rows and columns
		"False alarms, by min_events": {{1, 1}},
		"Detection delay":             {{3, 2}},
		"Time to resolve":             {{4, 1}},
		"Early abort: false ones":     {{0, 0}},
		"Early abort: true ones":      {{1, 0}, {4, 0}},
		"Burn rates over two windows": {{12, 3}},
	}
	for _, of := range tables() {
		if len(quick[of.title]) == 0 {
			t.Errorf("no cell of %q is simulated anew", of.title)
		}
		for _, at := range quick[of.title] {
			row, column := at[0], at[1]
			shown := onPage(t, string(text), &of)[row][column]
			if got := of.simulate(row, column); got != shown {
				t.Errorf("%s, %s, %s: got %s, and the page has %s: go run ./bench/alarms -o docs/alarm-figures.md",
					of.title, strings.Join(of.rows[row].names, " "), of.heads[column], got, shown)
			}
		}
	}
}

// Each table is whole, and no two rows of it are the same situation, or their seeds would be.
func TestTablesAreWhole(t *testing.T) {
	for _, of := range tables() {
		var seen []string
		for _, row := range of.rows {
			name := strings.Join(row.names, " ")
			if len(row.names) != len(of.names) || len(row.cells) != len(of.heads) || slices.Contains(seen, name) {
				t.Errorf("%s: row %s has %d names and %d cells, or is there twice", of.title, name, len(row.names), len(row.cells))
			}
			seen = append(seen, name)
		}
	}
}

func TestDrawSecond(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, good := range []float64{0, 0.005, 0.5, 0.95, 1} {
		const n, seconds = 100, 10_000
		var sum int64
		for range seconds {
			c := drawSecond(r, n, good)
			if c.Total != n || c.Good < 0 || c.Good > n {
				t.Fatalf("got %+v", c)
			}
			sum += c.Good
		}
		got, margin := float64(sum)/(n*seconds), 5*math.Sqrt(good*(1-good)/(n*seconds))
		if math.Abs(got-good) > margin {
			t.Errorf("got %v good, want %v within %v", got, good, margin)
		}
	}
}

// A rate is kept, and no second has more than one request more than another.
func TestRequestsComeEvenly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rate := float64(rapid.IntRange(1, 2000).Draw(t, "tenths")) / 10
		s := service{rate: rate}
		sum := int64(0)
		for s.second = range rapid.IntRange(1, 200).Draw(t, "seconds") {
			n := s.requests()
			if n != int64(rate) && n != int64(rate)+1 {
				t.Fatalf("got %d requests in a second at %v/s", n, rate)
			}
			sum += n
		}
		if want := int64(rate * float64(s.second+1)); sum != want {
			t.Errorf("got %d requests, want %d", sum, want)
		}
	})
}

// A service of which nothing is good fires as soon as enough requests are in the window.
func TestServiceIsWatched(t *testing.T) {
	s := watched(rand.New(rand.NewPCG(1, 1)), 20, dip("10s", "90%"))
	if took, ok := s.playFor(100, 0, alert.Firing); took != 3 || !ok {
		t.Errorf("got firing after %d s (%v), want 3: it takes 50 requests", took, ok)
	}
	if took, ok := s.playFor(100, 1, alert.Inactive); took != 19 || !ok {
		t.Errorf("got inactive after %d s (%v), want 19: after 9 s the window holds one bad second, and 10 s pass", took, ok)
	}
}

func TestSample(t *testing.T) {
	var s sample
	for i := range 100 {
		s = append(s, 100-i)
	}
	if got, want := s.String(), "50.5 s (1m35s)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestRun(t *testing.T) {
	var out, err bytes.Buffer
	for _, args := range [][]string{{"--nothing"}, {"argument"}, {"-o"}} {
		if code := run(args, &out, &err); code != 2 || out.Len() > 0 {
			t.Errorf("%v: got exit code %d and %q, want 2 and nothing", args, code, out.String())
		}
	}
}
