package main

import (
	"fmt"
	"os"
	"strconv"

	"github.com/mattn/go-isatty"
)

// isTerminal reports whether a stream is a terminal that a person sits at.
func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && isatty.IsTerminal(file.Fd())
}

// formatRate writes a rate per second as people type it: 500/s, 1.5k/s.
func formatRate(perSecond float64) string {
	switch {
	case perSecond >= 10_000:
		return strconv.FormatFloat(perSecond/1000, 'g', 4, 64) + "k/s"
	default:
		return strconv.FormatFloat(perSecond, 'g', 5, 64) + "/s"
	}
}

// plural writes a count with its noun.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
