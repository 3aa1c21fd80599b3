package main

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// A glass is what a person would see of what was written to a terminal: as much of one as
// bubbletea needs. It has no edges, and thus shows what would be beyond them.
type glass struct {
	parser *ansi.Parser
	pages  [2]page // the usual one, and the alternate one
	now    int     // which of them is seen
	cursor bool    // it is shown
	pasted bool    // what is pasted comes in brackets
	all    strings.Builder
}

// A page is rows of characters, and where the next one goes.
type page struct {
	rows [][]rune
	x, y int
}

func newGlass() *glass {
	g := &glass{parser: ansi.NewParser(), cursor: true}
	g.parser.SetHandler(ansi.Handler{Print: g.print, Execute: g.execute, HandleCsi: g.sequence})
	return g
}

// show takes what is written to the terminal.
func (g *glass) show(text []byte) {
	g.all.Write(text)
	g.parser.Parse(text)
}

// text returns so many columns and rows of what is seen, without spaces at the ends.
func (g *glass) text(columns, rows int) string {
	var lines []string
	for _, row := range g.pages[g.now].rows[:min(rows, len(g.pages[g.now].rows))] {
		lines = append(lines, strings.TrimRight(string(row[:min(columns, len(row))]), " "))
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

// inOrder reports whether a shell could go on.
func (g *glass) inOrder() bool { return g.now == 0 && g.cursor && !g.pasted }

func (g *glass) print(r rune) {
	p := &g.pages[g.now]
	*p.at() = r
	p.x += ansi.StringWidth(string(r))
}

// at makes room for the next character.
func (p *page) at() *rune {
	for len(p.rows) <= p.y {
		p.rows = append(p.rows, nil)
	}
	row := &p.rows[p.y]
	for len(*row) <= p.x {
		*row = append(*row, ' ')
	}
	return &(*row)[p.x]
}

func (g *glass) execute(b byte) {
	p := &g.pages[g.now]
	switch b {
	case '\r':
		p.x = 0
	case '\n':
		p.y++
	}
}

func (g *glass) sequence(cmd ansi.Cmd, params ansi.Params) {
	p := &g.pages[g.now]
	first := func(otherwise int) int {
		n, _, _ := params.Param(0, otherwise)
		return n
	}
	switch {
	case cmd.Prefix() == '?':
		g.mode(first(0), cmd.Final() == 'h')
	case cmd.Final() == 'H':
		column, _, _ := params.Param(1, 1)
		p.y, p.x = max(first(1), 1)-1, max(column, 1)-1
	case cmd.Final() == 'A':
		p.y = max(p.y-max(first(1), 1), 0)
	case cmd.Final() == 'K' && first(0) == 0:
		p.clear(p.y, p.x)
	case cmd.Final() == 'K':
		p.clear(p.y, 0)
	case cmd.Final() == 'J' && first(0) == 0:
		p.clear(p.y, p.x)
		p.rows = p.rows[:min(p.y+1, len(p.rows))]
	case cmd.Final() == 'J':
		p.rows = nil
	}
}

// clear drops what is in a row from a column on.
func (p *page) clear(y, x int) {
	if y < len(p.rows) {
		p.rows[y] = p.rows[y][:min(x, len(p.rows[y]))]
	}
}

// mode takes what terminals are told to do from now on.
func (g *glass) mode(number int, on bool) {
	switch number {
	case 25:
		g.cursor = on
	case 1049:
		if g.now = 0; on {
			g.now = 1
			g.pages[1] = page{}
		}
	case 2004:
		g.pasted = on
	}
}
