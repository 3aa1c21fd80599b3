package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
)

// A book holds everything that was measured.
type book struct {
	options  *options
	peers    []peer
	cells    []cell
	all      []measurement
	versions map[string]string // by peer
	starts   map[string]spread // seconds, by peer
}

func newBook(o *options, peers []peer, cells []cell) *book {
	return &book{options: o, peers: peers, cells: cells, versions: map[string]string{}, starts: map[string]spread{}}
}

// A spread is what the rounds of one measurement came to.
type spread struct{ median, low, high float64 }

// spreadOf returns the median and the extremes of the values that are known, NaN if
// none is.
func spreadOf(values []float64) spread {
	var known []float64
	for _, v := range values {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			known = append(known, v)
		}
	}
	n := len(known)
	if n == 0 {
		return spread{math.NaN(), math.NaN(), math.NaN()}
	}
	slices.Sort(known)
	return spread{(known[(n-1)/2] + known[n/2]) / 2, known[0], known[n-1]}
}

// known reports whether there is a value.
func (s spread) known() bool { return !math.IsNaN(s.median) }

// of returns what a peer's rounds of a cell came to.
func (b *book) of(peer, cell string, value func(*measurement) float64) spread {
	var values []float64
	for i := range b.all {
		if m := &b.all[i]; m.Peer == peer && m.Cell == cell && m.Error == "" {
			values = append(values, value(m))
		}
	}
	return spreadOf(values)
}

// doubts returns how many of a peer's rounds of a cell it does not trust itself.
func (b *book) doubts(peer, cell string) (n int) {
	for i := range b.all {
		if m := &b.all[i]; m.Peer == peer && m.Cell == cell && m.Invalid {
			n++
		}
	}
	return n
}

// named returns a peer's name for a cell's table, with its doubts.
func (b *book) named(peer, cell string) string {
	if n := b.doubts(peer, cell); n > 0 {
		return fmt.Sprintf("%s (%d of %d rounds invalid, it says)", peer, n, b.options.rounds)
	}
	return peer
}

// ratio returns how floodmark's value compares with a peer's, round by round.
func (b *book) ratio(ours, peer, cell string, value func(*measurement) float64) spread {
	theirs := map[int]float64{}
	for i := range b.all {
		if m := &b.all[i]; m.Peer == peer && m.Cell == cell && m.Error == "" {
			theirs[m.Round] = value(m)
		}
	}
	var ratios []float64
	for i := range b.all {
		m := &b.all[i]
		if other, ok := theirs[m.Round]; ok && m.Peer == ours && m.Cell == cell && m.Error == "" && other > 0 {
			ratios = append(ratios, value(m)/other)
		}
	}
	return spreadOf(ratios)
}

// print writes the tables.
func (b *book) print(w io.Writer) error {
	_, err := io.WriteString(w, b.tables())
	return err
}

// save writes the files that were asked for.
func (b *book) save(ctx context.Context, o *options) error {
	var faults []error
	if o.json != "" {
		text, err := json.MarshalIndent(map[string]any{"schema": "floodmark.peers/v1", "measurements": b.all}, "", " ")
		if err == nil {
			err = os.WriteFile(o.json, append(text, '\n'), 0o644) //nolint:gosec // for others to read
		}
		faults = append(faults, err)
	}
	if o.write != "" {
		faults = append(faults, os.WriteFile(o.write, []byte(b.page(ctx)), 0o644)) //nolint:gosec // likewise
	}
	return errors.Join(faults...)
}

// complete returns an error if floodmark itself could not be measured.
func (b *book) complete() error {
	for _, c := range b.cells {
		if !b.of(b.peers[0].name, c.name, (*measurement).cpu).known() {
			return fmt.Errorf("%s: no run of %s has succeeded", c.name, b.peers[0].name)
		}
	}
	return nil
}

// had reports whether any cell of a kind was measured.
func (b *book) had(kind func(cell) bool) bool { return slices.ContainsFunc(b.cells, kind) }

// command returns the words that make this comparison again.
func (o *options) command() string {
	words := []string{"go run ./bench/peers", "--rounds", strconv.Itoa(o.rounds), "--duration", o.duration.String()}
	for _, flag := range [][2]string{{"--only", o.only}, {"--peers", o.peers}} {
		if flag[1] != "" {
			words = append(words, flag[:]...)
		}
	}
	return strings.Join(words, " ")
}
