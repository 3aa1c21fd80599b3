package topology

import (
	"fmt"
	"strings"
	"testing"
)

// checkDiagram asks that a diagram fits its terminal, and shows every part.
func checkDiagram(t failer, plan *Plan, o DiagramOptions) {
	t.Helper()
	drawn := plan.Diagram(o)
	for line := range strings.Lines(drawn) {
		line = strings.TrimSuffix(line, "\n")
		if columns(line) > o.Width {
			t.Fatalf("a line of %d columns in %d: %q", columns(line), o.Width, line)
		}
		if o.ASCII && strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Fatalf("not in ASCII: %q", line)
		}
	}
	for _, part := range plan.Parts() {
		switch part {
		case RouterPart:
			part = "cdn"
		case EdgePart:
			part = "edge-"
		}
		if !strings.Contains(drawn, part) {
			t.Fatalf("%s is not in the diagram:\n%s", part, drawn)
		}
	}
}

func TestDiagram(t *testing.T) {
	for _, name := range []string{"01-single-server", "04d-health-checks", "06b-two-gateways", "07-circuit-breaker", "09d-shared-cache", "10-cdn", "15-observability", "16-third-parties"} {
		plan := preset(t, name)
		var all strings.Builder
		for _, o := range []DiagramOptions{{Width: 60}, {Width: 80}, {Width: 120}, {Width: 60, ASCII: true}, {Width: 40}} {
			checkDiagram(t, plan, o)
			fmt.Fprintf(&all, "== width %d, ASCII %t\n%s", o.Width, o.ASCII, plan.Diagram(o))
		}
		golden(t, "diagram-"+name+".golden", all.String())
	}
	if got, want := preset(t, "01").Diagram(DiagramOptions{}), preset(t, "01").Diagram(DiagramOptions{Width: 80}); got != want {
		t.Error("the usual width is not 80")
	}
}

func TestCeilings(t *testing.T) {
	tests := []struct {
		preset string
		set    string
		want   string
	}{
		{"01", "seed=1", "server 100"},
		{"02", "seed=1", "web 200, db 200"},
		{"03", "seed=1", "server 274"}, // 5.47 cores' worth, as the law has it
		{"03", "machines.server.cores=2", "server 95"},
		{"04", "seed=1", "web 400"},
		{"04c", "seed=1", "web 166"},
		{"02", "database.machine=web", "web 100"},
		// The database is on the first of two machines, which has half of the web's work beside it.
		{"12", "database={machine: web, read: 20ms}", "web 33"},
	}
	for _, tt := range tests {
		var got []string
		for _, c := range preset(t, tt.preset, tt.set).Ceilings() {
			got = append(got, fmt.Sprintf("%s %.0f", c.Machine, c.Rate))
		}
		if got := strings.Join(got, ", "); got != tt.want {
			t.Errorf("%s with %s: got %s, want %s", tt.preset, tt.set, got, tt.want)
		}
	}
}
