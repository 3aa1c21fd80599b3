package journey

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Markdown writes the document for docs.
func (d Document) Markdown(w io.Writer) error {
	var b strings.Builder
	b.WriteString(markdownHead)
	if d.Machine != "" || !d.Started.IsZero() {
		fmt.Fprintf(&b, "Measured")
		if !d.Started.IsZero() {
			fmt.Fprintf(&b, " on %s", d.Started.UTC().Format("2 January 2006"))
		}
		if d.Machine != "" {
			fmt.Fprintf(&b, " on %s", d.Machine)
		}
		fmt.Fprintf(&b, ". ")
	}
	fmt.Fprintf(&b, "%s\n\n| stage | what changed | first | last | theory | |\n|---|---|--:|--:|--:|---|\n", d.verdict())
	for _, r := range d.Stages {
		first, last, theory := r.ends()
		fmt.Fprintf(&b, "| [%s](#%s) | %s | %s | %s | %s | %s |\n", r.heading(), anchor(r.heading()), escape(r.Changes), first, last, theory, r.Outcome())
	}
	for _, r := range d.Stages {
		r.markdown(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

const markdownHead = `# The journey

From one server to a distributed system, stage by stage, measured: each stage is a backend that really runs, and a load that shows what it is for. Capacity is modelled
(a core here is a place in a queue, not a processor); sockets, HTTP, the load balancer and all the rest are real. This page is written by a command, which takes less than ten minutes:

` + "```text\nfloodmark demo journey --markdown docs/journey.md\n```" + `

- **Theory**, in brackets, is what was expected: by a formula, by simulating the same system without sockets and timers, by arithmetic, or from an earlier trial.
- **p50**, **p99** and **errors** are those of the load at a fixed rate, response times counted from the planned start.
- A **capacity** is the highest rate with p99 ≤ 150 ms and fewer than one request in a thousand failed, found by bisection.
- **Numbers count** when the generator was on time (p99 of its lag below 5 ms, and by its own rules), and when the modelled machines woke up in time: p99 of the model lag below 5 % of the mean service time, on each machine that has work to do.

`

// heading is that of a stage.
func (r Report) heading() string { return r.Name + " " + r.Title }

// ends returns the headline figures of the first and the last case, and what the last one
// should be.
func (r Report) ends() (first, last, theory string) {
	if len(r.Rows) == 0 || len(r.Rows[0].Figures) == 0 {
		return "", "", ""
	}
	name := r.Rows[0].Figures[0].Name
	first = name + " " + r.Rows[0].Figures[0].String()
	if f := r.Rows[len(r.Rows)-1].Figures; len(f) > 0 && len(r.Rows) > 1 {
		last, theory = f[0].String(), f[0].expected()
	}
	return first, last, theory
}

// markdown writes one stage.
func (r Report) markdown(b *strings.Builder) {
	fmt.Fprintf(b, "\n## %s\n\n%s\n\n**Changed**: %s. **%s**\n", r.heading(), r.Lesson, escape(r.Changes), capital(r.state()))
	if r.Error != "" {
		fmt.Fprintf(b, "\nNot measured: %s\n", escape(r.Error))
	}
	names := r.figures()
	if len(r.Rows) > 0 {
		fmt.Fprintf(b, "\n| case | %s | p50 | p99 | errors | counts |\n|---|%s--:|--:|--:|---|\n", strings.Join(names, " | "), strings.Repeat("--:|", len(names)))
	}
	for _, row := range r.Rows {
		fmt.Fprintf(b, "| %s |", escape(row.Case))
		for _, name := range names {
			fmt.Fprintf(b, " %s |", row.cell(name))
		}
		p50, p99, errs := "", "", ""
		if row.P99 > 0 {
			p50, p99, errs = seconds(row.P50), seconds(row.P99), Ratio.write(row.Errors)
		}
		fmt.Fprintf(b, " %s | %s | %s | %s |\n", p50, p99, errs, row.counts())
	}
	if len(r.Expectations) > 0 {
		b.WriteString("\n")
	}
	for _, e := range r.Expectations {
		fmt.Fprintf(b, "- %s %s: %s\n", e.sign(), escape(e.Text), escape(e.Found))
	}
	if r.Sentence != "" {
		fmt.Fprintf(b, "\n%s\n", escape(r.Sentence))
	}
}

// figures returns the names of all figures of a stage, in the order they come.
func (r Report) figures() []string {
	var names []string
	for _, row := range r.Rows {
		for _, f := range row.Figures {
			if !slices.Contains(names, f.Name) {
				names = append(names, f.Name)
			}
		}
	}
	return names
}

// cell writes a figure with what it should be; empty: the row has none of that name.
func (r Row) cell(name string) string {
	for _, f := range r.Figures {
		switch {
		case f.Name == name && f.Theory != nil:
			return fmt.Sprintf("%s (%s)", f, f.expected())
		case f.Name == name:
			return f.String()
		}
	}
	return ""
}

// counts says whether a row counts, and if not why.
func (r Row) counts() string {
	if r.Counts {
		return "yes"
	}
	return "no: " + escape(strings.Join(r.Why, "; "))
}

// anchor is how a heading is linked to.
func anchor(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			return r
		}
		return -1
	}, strings.ToLower(heading))
}

// escape keeps a text from being taken for markup.
func escape(text string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ", "<", "&lt;", "_", `\_`, "*", `\*`).Replace(text)
}

func capital(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
