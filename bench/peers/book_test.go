package main

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestSpreadOf(t *testing.T) {
	nan := math.NaN()
	for _, test := range []struct {
		values []float64
		want   spread
	}{
		{[]float64{3, 1, 2}, spread{2, 1, 3}},
		{[]float64{4, 1, 3, 2}, spread{2.5, 1, 4}},
		{[]float64{7}, spread{7, 7, 7}},
		{[]float64{nan, 5, nan, 1, math.Inf(1), 3, math.Inf(-1)}, spread{3, 1, 5}},
		{[]float64{2, nan, 1}, spread{1.5, 1, 2}},
		{[]float64{nan, nan}, spread{nan, nan, nan}},
		{nil, spread{nan, nan, nan}},
	} {
		before := slices.Clone(test.values)
		got := spreadOf(test.values)
		if !same(got.median, test.want.median) || !same(got.low, test.want.low) || !same(got.high, test.want.high) {
			t.Errorf("%v: got %+v, want %+v", test.values, got, test.want)
		}
		if got.known() == math.IsNaN(test.want.median) {
			t.Errorf("%v: got known %v", test.values, got.known())
		}
		if !slices.EqualFunc(test.values, before, same) {
			t.Errorf("%v were put in another order: %v", before, test.values)
		}
	}
}

func TestRatio(t *testing.T) {
	cpu := (*measurement).cpu
	b := &book{all: []measurement{
		cost("wrk", "a", 1, 20), cost("floodmark", "a", 1, 10), // 0.5
		failure("floodmark", "a", 2), cost("wrk", "a", 2, 1),
		cost("floodmark", "a", 3, 1000), failure("wrk", "a", 3),
		cost("floodmark", "a", 4, 30), cost("wrk", "a", 4, 20), // 1.5
		cost("floodmark", "a", 5, 8), cost("wrk", "a", 5, 10), // 0.8
		cost("floodmark", "a", 6, 8), cost("wrk", "a", 6, 0), // nothing to divide by
		cost("floodmark", "a", 7, number(math.NaN())), cost("wrk", "a", 7, 10),
		cost("floodmark", "a", 8, 8), cost("wrk", "a", 8, number(math.NaN())),
		cost("floodmark", "a", 9, 9),                           // alone in its round
		cost("wrk", "b", 1, 1), cost("floodmark", "b", 1, 700), // another cell
		cost("hey", "a", 1, 1), cost("hey", "a", 2, 1), // another peer
	}}
	if got, want := b.ratio("floodmark", "wrk", "a", cpu), (spread{0.8, 0.5, 1.5}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := b.ratio("floodmark", "ab", "a", cpu); got.known() {
		t.Errorf("a peer that was not measured: got %+v", got)
	}
	if got := b.ratio("floodmark", "hey", "b", cpu); got.known() {
		t.Errorf("a cell without the peer: got %+v", got)
	}
	// The rounds of one peer are 20, 1, 20, 10, 0 and 10, what failed and what is not known aside.
	if got, want := b.of("wrk", "a", cpu), (spread{10, 0, 20}); got != want {
		t.Errorf("of one peer: got %+v, want %+v", got, want)
	}
}

func TestReached(t *testing.T) {
	b := &book{all: []measurement{
		cost("floodmark", "a", 1, 10), cost("wrk", "a", 1, 20),
		cost("floodmark", "a", 2, 30), cost("wrk", "a", 2, 20),
		cost("floodmark", "a", 3, 16), cost("wrk", "a", 3, 20),
		cost("floodmark", "b", 1, 10), failure("wrk", "b", 1),
	}}
	cpu := (*measurement).cpu
	for _, test := range []struct {
		goal goal
		want []string
	}{
		{goal{"ratio", "floodmark", "wrk", "a", cpu, 0.95, ""}, []string{"ratio", "0.80 (0.50 to 1.50)", "0.95", "reached"}},
		{goal{"just so", "floodmark", "wrk", "a", cpu, 0.8, ""}, []string{"just so", "0.80 (0.50 to 1.50)", "0.80", "reached"}},
		{goal{"ratio", "floodmark", "wrk", "a", cpu, 0.7, ""}, []string{"ratio", "0.80 (0.50 to 1.50)", "0.70", "**missed**"}},
		{goal{"figure", "floodmark", "", "a", cpu, 20, "µs"}, []string{"figure", "16.00 µs (10.00 to 30.00)", "20.00 µs", "reached"}},
		{goal{"figure", "floodmark", "", "a", cpu, 15, "µs"}, []string{"figure", "16.00 µs (10.00 to 30.00)", "15.00 µs", "**missed**"}},
		{goal{"one failed", "floodmark", "wrk", "b", cpu, 0.95, ""}, []string{"one failed", "not measured", "0.95", ""}},
		{goal{"unknown figure", "hey", "", "a", cpu, 0.3, "ms"}, []string{"unknown figure", "not measured", "0.30 ms", ""}},
		{goal{"no such cell", "floodmark", "wrk", "c", cpu, 0.95, ""}, []string{"no such cell", "not measured", "0.95", ""}},
	} {
		if got := b.reached(test.goal); !slices.Equal(got, test.want) {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

// cost returns a measurement of which the processor time is known.
func cost(peer, cell string, round int, micros number) measurement {
	return measurement{Peer: peer, Cell: cell, Round: round, Requests: 1, User: micros / 4, System: micros * 3 / 4}
}

func failure(peer, cell string, round int) measurement {
	return measurement{Peer: peer, Cell: cell, Round: round, Error: "it made no request"}
}

// Goals speak of peers that there are, and of cells that both of them can do.
func TestGoalsAreMeasured(t *testing.T) {
	for _, g := range goals() {
		at := slices.IndexFunc(cells(), func(c cell) bool { return c.name == g.cell })
		if at < 0 {
			t.Errorf("%s: there is no cell %q", g.words, g.cell)
			continue
		}
		for _, name := range []string{g.ours, g.peer} {
			known := slices.ContainsFunc(allPeers(&options{}), func(p peer) bool { return p.name == name && p.can(cells()[at]) })
			if name != "" && !known {
				t.Errorf("%s: no peer %q can do %s", g.words, name, g.cell)
			}
		}
	}
}

func TestNumberMarshalJSON(t *testing.T) {
	for _, test := range []struct {
		value float64
		want  string
	}{
		{math.NaN(), "null"}, {0, "0"}, {0.000108, "0.000108"}, {-1.5, "-1.5"},
	} {
		if got, err := json.Marshal(number(test.value)); err != nil || string(got) != test.want {
			t.Errorf("%v: got %s and %v, want %s", test.value, got, err, test.want)
		}
	}
}

// What is saved is what was measured, and what is not known is null in it.
func TestSave(t *testing.T) {
	dir := t.TempDir()
	o := &options{json: filepath.Join(dir, "peers.json"), write: filepath.Join(dir, "peers.md")}
	b := handmade()
	if err := b.save(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(o.json)
	if err != nil {
		t.Fatal(err)
	}
	var in struct {
		Schema       string           `json:"schema"`
		Measurements []map[string]any `json:"measurements"`
	}
	if err := json.Unmarshal(text, &in); err != nil {
		t.Fatal(err)
	}
	if in.Schema != "floodmark.peers/v1" || len(in.Measurements) != len(b.all) {
		t.Fatalf("got schema %q and %d measurements, want %d", in.Schema, len(in.Measurements), len(b.all))
	}
	for i, m := range in.Measurements {
		want := b.all[i]
		if m["peer"] != want.Peer || m["cell"] != want.Cell || m["round"] != float64(want.Round) || m["requests"] != want.Requests {
			t.Errorf("got %v, want %+v", m, want)
		}
		if value := m["lag_p99_seconds"]; (value == nil) != math.IsNaN(float64(want.Lag99)) {
			t.Errorf("got a lag of %v, want %v", value, want.Lag99)
		}
		if failure, ok := m["error"]; ok != (want.Error != "") || ok && failure != want.Error {
			t.Errorf("got the error %v, want %q", failure, want.Error)
		}
	}
	if page, err := os.ReadFile(o.write); err != nil || !bytes.HasSuffix(page, tail(b.tables())) {
		t.Errorf("%v: got a page without the tables:\n%s", err, page)
	}
	o.json = filepath.Join(dir, "nowhere", "peers.json")
	if err := b.save(t.Context(), o); err == nil {
		t.Error("no such folder: got no error")
	}
}
