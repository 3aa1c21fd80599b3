package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/floodmark/floodmark/profiles"
	"github.com/floodmark/floodmark/slo"
)

// The size of the chart, in characters.
const (
	chartWidth  = 64
	chartHeight = 8
)

func newPlanCmd(env environment) *cobra.Command {
	var load loadFlags
	cmd := &cobra.Command{
		Use:   "plan [PROFILE|URL]",
		Short: "Draw what a profile would send, and send nothing",
		Example: `  floodmark plan spike
  floodmark plan http://127.0.0.1:8080/ --stage 30s:200/s --stage 1m:200/s`,
		Args:              atMostOne,
		ValidArgsFunction: completeProfiles,
		RunE: func(cmd *cobra.Command, args []string) error {
			_, p, err := load.plan(cmd, args, env)
			if err != nil {
				return err
			}
			return writePlan(env.out, p)
		},
	}
	load.register(cmd)
	return cmd
}

// writePlan draws the load over time and lists its stages, the mix and the
// objectives.
func writePlan(w io.Writer, p *plan) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s → %s\n%s\n\n", p.profile.Name, p.run.Target, describePlan(p))
	drawLoad(&b, p.schedule)
	writeStages(&b, p.schedule)
	writeMix(&b, p)
	for _, o := range p.objectives {
		fmt.Fprintf(&b, "  objective  %s%s\n", o.Expression, selection(o))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// selection tells which requests an objective is about, if not all.
func selection(o slo.Objective) string {
	var texts []string
	for _, m := range o.Select {
		texts = append(texts, m.String())
	}
	if len(texts) == 0 {
		return ""
	}
	return "   of " + strings.Join(texts, ", ")
}

// drawLoad draws the rate, or the number of users, as columns over time. A
// column shows the level in the middle of its time; warm-up is lighter.
func drawLoad(b *strings.Builder, s profiles.Schedule) {
	const eighths = " ▁▂▃▄▅▆▇█"
	levels := []rune(eighths)
	peak := s.Peak()
	if peak <= 0 || s.Duration() <= 0 {
		return
	}
	for row := chartHeight; row >= 1; row-- {
		label := ""
		switch row {
		case chartHeight:
			label = levelText(peak, s.Open())
		case chartHeight / 2:
			label = levelText(peak/2, s.Open())
		}
		fmt.Fprintf(b, "%9s │", label)
		for column := range chartWidth {
			at := time.Duration((float64(column) + 0.5) / chartWidth * float64(s.Duration()))
			filled := s.RateAt(at)/peak*chartHeight - float64(row-1)
			r := levels[int(min(max(filled, 0), 1)*8+0.5)]
			if r == '█' && isWarmup(s, at) {
				r = '░'
			}
			b.WriteRune(r)
		}
		b.WriteString("\n")
	}
	end := profiles.FormatDuration(s.Duration())
	fmt.Fprintf(b, "%9s └%s\n%10s 0%*s\n\n", "0", strings.Repeat("─", chartWidth), "", chartWidth-1, end)
}

func levelText(level float64, open bool) string {
	if open {
		return formatRate(level)
	}
	return fmt.Sprintf("%.4g", level)
}

func isWarmup(s profiles.Schedule, at time.Duration) bool {
	for _, part := range s.Stages() {
		if at >= part.Start && at < part.End {
			return part.Warmup
		}
	}
	return false
}

// stageDoes says what the load does in a stage.
func stageDoes(part profiles.Segment, open bool) string {
	what := "hold " + levelText(part.To, open)
	if part.From != part.To {
		what = levelText(part.From, open) + " → " + levelText(part.To, open)
	}
	if !open {
		what += " users"
	}
	return what
}

// writeStages lists when each stage begins, how long it is and what it does.
func writeStages(b *strings.Builder, s profiles.Schedule) {
	for _, part := range s.Stages() {
		what := stageDoes(part, s.Open())
		note := ""
		if part.Warmup {
			note = "   warm-up, not judged"
		}
		fmt.Fprintf(b, "  %-9s  from %-7s for %-7s %s%s\n", clip(part.Name, 24), profiles.FormatDuration(part.Start), profiles.FormatDuration(part.End-part.Start), what, note)
	}
	b.WriteString("\n")
}

// writeMix lists the scenarios with their share of arrivals.
func writeMix(b *strings.Builder, p *plan) {
	var sum float64
	for _, s := range p.profile.Scenarios {
		sum += s.Weight
	}
	for _, s := range p.profile.Scenarios {
		var names []string
		for _, step := range s.Steps {
			if step.Method != "" {
				names = append(names, step.Name)
			}
		}
		fmt.Fprintf(b, "  %4.0f %%  %s: %s\n", s.Weight/sum*100, clip(s.Name, 24), clip(strings.Join(names, ", "), 44))
	}
	b.WriteString("\n")
}

// clip shortens a text to n characters.
func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}
