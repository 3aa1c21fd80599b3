package main

import (
	"fmt"
	"strings"
)

// intro stands at the head of the page.
const intro = `# Alarm figures

How often alerts are wrong, and how late they are right. This page is written by a program that plays simulated services to the alerting code itself:

` + "```" + `
go run ./bench/alarms -o docs/alarm-figures.md
` + "```" + `

Requests come evenly and fail independently of each other, with a probability; real ones fail together, and then alarms are more frequent than here. The seeds are fixed: the command writes the same page each time.
`

// write writes the page, with the cells of each table as fill has them.
func write(tables []table, fill func(*table) [][]string) []byte {
	var b strings.Builder
	b.WriteString(intro)
	for _, t := range tables {
		b.WriteString("\n## " + t.title + "\n\n" + t.about + "\n\n")
		line(&b, append(append([]string{}, t.names...), t.heads...))
		b.WriteString("|" + strings.Repeat("---|", len(t.names)) + strings.Repeat("--:|", len(t.heads)) + "\n")
		for i, cells := range fill(&t) {
			line(&b, append(append([]string{}, t.rows[i].names...), cells...))
		}
	}
	return []byte(b.String())
}

// line writes a row of a Markdown table.
func line(b *strings.Builder, cells []string) {
	fmt.Fprintf(b, "| %s |\n", strings.Join(cells, " | "))
}
