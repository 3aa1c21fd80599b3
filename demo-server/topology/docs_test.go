package topology

import (
	"os"
	"strings"
	"testing"
)

// TestDocs asks that the examples of the manual are true, and that it knows every key and
// every ready-made topology.
func TestDocs(t *testing.T) {
	text, err := os.ReadFile("../../docs/topology.md")
	if err != nil {
		t.Fatal(err)
	}
	manual := string(text)
	for i, part := range strings.Split(manual, "```yaml\n")[1:] {
		example, _, _ := strings.Cut(part, "```")
		if _, err := Parse("example.yaml", []byte(example), Options{}); err != nil {
			t.Errorf("example %d:\n%v", i+1, err)
		}
	}
	if drawn := preset(t, "01").Diagram(DiagramOptions{}); !strings.Contains(manual, drawn) {
		t.Errorf("the diagram is now\n%s", drawn)
	}
	for _, name := range Names() {
		if !strings.Contains(manual, "`"+name+"`") {
			t.Errorf("the preset %s is missing", name)
		}
	}
	for _, section := range sections {
		known, later := keys(section)
		for _, key := range append(known, later...) {
			if key != "dsn" && !strings.Contains(manual, key) {
				t.Errorf("%s.%s is missing", section, key)
			}
		}
	}
	_, err = Parse("shop.yaml", []byte(strings.Replace(firstExample(manual), "least_connections", "least_conections", 1)), Options{})
	if err == nil || !strings.Contains(manual, err.Error()) {
		t.Errorf("the message is now\n%v", err)
	}
}

func firstExample(manual string) string {
	_, rest, _ := strings.Cut(manual, "```yaml\n")
	example, _, _ := strings.Cut(rest, "```")
	return example
}
