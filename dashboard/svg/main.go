// Command svg makes a picture of a terminal's screen: it reads text with the escape
// sequences of colours, such as `tmux capture-pane -ep` writes, and writes SVG that
// looks the same with every font: blocks, lines and braille are shapes.
//
//	tmux capture-pane -ept run | go run ./dashboard/svg > docs/dashboard.svg
//
// The script picture.sh beside it does that with a run of the demo.
package main

import (
	"fmt"
	"io"
	"os"
)

func main() {
	if err := convert(os.Stdout, os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, "svg:", err)
		os.Exit(1)
	}
}

// convert reads a screen and writes its picture.
func convert(w io.Writer, r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, picture(parse(string(data))))
	return err
}
