package main

import (
	"io"

	"github.com/charmbracelet/x/term"
)

const (
	planWidth    = 80 // columns, where there is no terminal
	maxPlanWidth = 100
)

// columnsOf returns how wide a terminal is; false: it is none.
func columnsOf(w io.Writer) (int, bool) {
	file, ok := w.(interface{ Fd() uintptr })
	if !ok || !term.IsTerminal(file.Fd()) {
		return 0, false
	}
	width, _, err := term.GetSize(file.Fd())
	return width, err == nil && width > 0
}
