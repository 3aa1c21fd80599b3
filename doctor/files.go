package doctor

import (
	"bytes"
	"io/fs"
	"strconv"
	"strings"
)

// files is where /proc and /sys are read from.
type files struct{ root fs.FS }

// text returns what a file holds, without white space around it; ok is false if it
// cannot be read.
func (f files) text(name string) (text string, ok bool) {
	if f.root == nil {
		return "", false
	}
	content, err := fs.ReadFile(f.root, name)
	return string(bytes.TrimSpace(content)), err == nil
}

// number returns the number that a file holds.
func (f files) number(name string) (n int64, ok bool) {
	text, ok := f.text(name)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil
}

// field returns the words after a line's beginning, such as "MemAvailable:".
func (f files) field(name, beginning string) []string {
	text, _ := f.text(name)
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, beginning); ok {
			return strings.Fields(rest)
		}
	}
	return nil
}
