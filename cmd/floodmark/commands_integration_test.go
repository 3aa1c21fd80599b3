//go:build integration

package main

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A docCommand is one command of a page: a line, or several where a line goes on
// in the next or has a here-document.
type docCommand struct {
	line  int // in the page, counted from 1
	text  string
	block string // in which it stands
	exits string // the exit code it must have
}

var (
	goesOn       = regexp.MustCompile(`(\\|\||&&)$`)
	exitsComment = regexp.MustCompile(`\s# exits (\d+)$`)
	hereDocument = regexp.MustCompile(`<<-?\s*['"]?(\w+)`)
	serverAddr   = regexp.MustCompile(`demo serve(?:.* --addr[ =](\S+))?`)
)

// commandsOf returns the commands in the sh blocks of a page.
func commandsOf(page string) []docCommand {
	var out []docCommand
	rows := strings.Split(page, "\n")
	for i := 0; i < len(rows); i++ {
		if rows[i] != "```sh" {
			continue
		}
		first := i + 1
		for i++; i < len(rows) && rows[i] != "```"; i++ {
		}
		block := rows[first:min(i, len(rows))]
		for k := 0; k < len(block); {
			n := commandLength(block[k:])
			text := strings.Join(block[k:k+n], "\n")
			if c := strings.TrimSpace(text); c != "" && !strings.HasPrefix(c, "#") {
				out = append(out, docCommand{first + k + 1, text, strings.Join(block, "\n"), exitsOf(block[k : k+n])})
			}
			k += n
		}
	}
	return out
}

// commandLength returns how many of the lines the first command takes.
func commandLength(rows []string) int {
	n := 1
	for n < len(rows) && goesOn.MatchString(rows[n-1]) {
		n++
	}
	found := hereDocument.FindStringSubmatch(rows[0])
	if found == nil {
		return n
	}
	for n < len(rows) && strings.TrimSpace(rows[n]) != found[1] {
		n++
	}
	return min(n+1, len(rows))
}

// exitsOf returns the exit code that a command announces: in its last line, or in
// the first one if the others are a here-document.
func exitsOf(rows []string) string {
	row := rows[len(rows)-1]
	if hereDocument.MatchString(rows[0]) {
		row = rows[0]
	}
	if found := exitsComment.FindStringSubmatch(row); found != nil {
		return found[1]
	}
	return "0"
}

func TestCommandsOf(t *testing.T) {
	t.Parallel()
	page := "text\n```sh\none\n\n# a comment\ntwo \\\n  three |\nfour   # exits 4\n```\n```yaml\nno: command\n```\n```sh\n" +
		"cat > f <<'YAML'\nkey: value # exits 9\nYAML\nfive   # exits 3\n```\n"
	type plain struct {
		line        int
		text, exits string
	}
	want := []plain{
		{3, "one", "0"},
		{6, "two \\\n  three |\nfour   # exits 4", "4"},
		{14, "cat > f <<'YAML'\nkey: value # exits 9\nYAML", "0"},
		{17, "five   # exits 3", "3"},
	}
	var got []plain
	for _, c := range commandsOf(page) {
		got = append(got, plain{c.line, c.text, c.exits})
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}
