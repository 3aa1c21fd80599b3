package main

import (
	"flag"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestTables(t *testing.T) {
	got := handmade().tables()
	path := filepath.Join("testdata", "tables.md")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want := string(sample(t, "tables.md")); got != want {
		t.Errorf("%s differs; -update writes it anew\ngot:\n%s\nwant:\n%s", path, got, want)
	}
	for _, bad := range []string{"NaN", "Inf", "%!", "\n\n\n"} {
		if strings.Contains(got, bad) {
			t.Errorf("the tables hold %q", bad)
		}
	}
}

// A book of one model has no head of the other.
func TestTablesOfOneModel(t *testing.T) {
	for i, absent := range []string{"## Open model", "## Closed model"} {
		b := handmade()
		b.cells = b.cells[i : i+1]
		if text := b.tables(); strings.Contains(text, absent) || strings.Count(text, "\n### ") != 1 {
			t.Errorf("%s: got\n%s", b.cells[0].name, text)
		}
	}
}

// What the machine says of itself differs; all else is known.
func TestPage(t *testing.T) {
	b := handmade()
	page := b.page(t.Context())
	for _, words := range []string{
		"# Benchmarks\n", "go run ./bench/peers --rounds 3 --duration 3s --only closed-50,open-20k --write docs/benchmarks.md\n",
		"runs 3s for each load", "answers of 100 bytes", "; 3 rounds,",
		"\n- machine: ", "\n- date: ", "\n- floodmark: `floodmark 1.2.3`\n", "\n- wrk: `wrk '4.1'`\n", "\n- nginx: `",
	} {
		if !strings.Contains(page, words) {
			t.Errorf("%q is missing", words)
		}
	}
	for _, bad := range []string{"- hey:", "- wrk2:", "NaN", "%!", "\n\n\n"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	if !strings.HasSuffix(page, string(tail(b.tables()))) {
		t.Errorf("the tables are missing:\n%s", page)
	}
}

// tail is how a page ends that has these tables.
func tail(tables string) []byte { return []byte(strings.TrimRight(tables, "\n") + "\n") }

// handmade returns a book of two cells and three rounds. One run of wrk and all of
// hey's failed, and a goal is missed.
func handmade() *book {
	precise, economical := floodmarkPeers("floodmark")
	peers := []peer{precise, economical, wrkPeer(), wrk2Peer(""), heyPeer()}
	b := newBook(&options{rounds: 3, duration: 3 * time.Second, only: "closed-50,open-20k"}, peers, []cell{
		{name: "closed-50", words: "50 connections", connections: 50}, {name: "open-20k", words: "20 000/s", connections: 100, rate: 20000},
	})
	b.versions = map[string]string{"floodmark": "floodmark 1.2.3", "wrk": "wrk `4.1`", "hey": ""}
	b.starts = map[string]spread{"floodmark": {0.0221, 0.0195, 0.0297}, "wrk": {0.0117, 0.0106, 0.0157}, "hey": spreadOf(nil)}
	nan := number(math.NaN())
	for round := 1; round <= 3; round++ {
		slower := number(round) / 10
		b.all = append(b.all,
			measurement{
				Peer: "floodmark", Cell: "closed-50", Round: round, Requests: 300000, Rate: 100000, User: 3 + slower, System: 8, Memory: 15,
				P50: 0.0005, P99: 0.0009, Lag50: 5e-7, Lag99: 5e-7, Server: 0.97,
			},
			measurement{
				Peer: "wrk", Cell: "closed-50", Round: round, Requests: 240000, Rate: 80000, User: 3 + slower, System: 10 + 10*slower, Memory: 9,
				P50: 0.00031, P99: 0.00085 + slower/100, Lag50: nan, Lag99: nan, Server: 0.9,
			},
			failure("hey", "closed-50", round),
			measurement{
				Peer: "floodmark", Cell: "open-20k", Round: round, Requests: 60000, Rate: 20000, User: 10, System: 20 + slower, Memory: 16,
				P50: 0.000111, P99: 0.000355, Lag50: 0.00007, Lag99: 0.0001 * slower, Server: 0.3,
			},
			measurement{
				Peer: "floodmark economical", Cell: "open-20k", Round: round, Requests: 60000, Rate: 20000, User: 6, System: 14 + slower, Memory: 16,
				P50: 0.000611, P99: 0.00122, Lag50: 0.0005, Lag99: 0.0011, Server: 0.3,
			},
			measurement{
				Peer: "wrk2", Cell: "open-20k", Round: round, Requests: 260000, Rate: 19990, User: 3, System: 8 + slower, Memory: 10,
				P50: 0.00121, P99: 0.00234, Lag50: nan, Lag99: nan, Server: 0.35,
			},
		)
	}
	b.all[1].Error = "exit status 1: unable to connect"
	return b
}

func TestMilliseconds(t *testing.T) {
	for _, test := range []struct {
		seconds float64
		want    string
	}{
		{0.000000511, "0.001 ms"},
		{0.000031, "0.031 ms"},
		{0.000607719, "0.608 ms"},
		{0.00123, "1.23 ms"},
		{0.0123, "12.3 ms"},
		{0.1234, "123 ms"},
		{1.2345, "1234 ms"},
		{0, "0.000 ms"},
		{0.0099999, "10.0 ms"},
		{math.NaN(), "–"},
	} {
		if got := milliseconds(spread{median: test.seconds}); got != test.want {
			t.Errorf("%v s: got %q, want %q", test.seconds, got, test.want)
		}
	}
}

func TestServer(t *testing.T) {
	for _, test := range []struct {
		ratio float64
		want  string
	}{{0.5, "50%"}, {0.95, "95%"}, {0.96, "96% (its limit)"}, {math.NaN(), "–"}} {
		if got := server(spread{median: test.ratio}); got != test.want {
			t.Errorf("%v: got %q, want %q", test.ratio, got, test.want)
		}
	}
}
