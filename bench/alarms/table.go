package main

import (
	"hash/fnv"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
)

// A table is a number of simulations with something in common.
type table struct {
	title string
	about string   // what it shows and how, in two sentences
	names []string // heads of the columns that name a row
	heads []string // heads of the columns of cells
	rows  []row
}

// A row is the same situation, looked at in several ways.
type row struct {
	names []string
	cells []cell // one for each of the table's heads
}

// A cell simulates something and writes what came of it.
type cell func(r *rand.Rand) string

// simulate fills a cell, from a seed that its place in the page alone decides: cells may
// be filled in any order, or one without the others.
func (t *table) simulate(row, column int) string {
	place := fnv.New64a()
	_, _ = place.Write([]byte(strings.Join(t.rows[row].names, "\n") + "\n" + t.heads[column]))
	whole := fnv.New64a()
	_, _ = whole.Write([]byte(t.title))
	return t.rows[row].cells[column](rand.New(rand.NewPCG(whole.Sum64(), place.Sum64()))) //nolint:gosec // simulations are to be repeated
}

// fill fills all cells, as many at once as there are processors.
func (t *table) fill() [][]string {
	out := make([][]string, len(t.rows))
	turns := make(chan struct{}, runtime.GOMAXPROCS(0))
	var running sync.WaitGroup
	for i, row := range t.rows {
		out[i] = make([]string, len(row.cells))
		for k := range row.cells {
			turns <- struct{}{}
			running.Go(func() {
				out[i][k] = t.simulate(i, k)
				<-turns
			})
		}
	}
	running.Wait()
	return out
}
