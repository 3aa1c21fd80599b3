package topology

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/floodmark/floodmark/profiles/document"
)

// changes are what a person might put behind --set.
var changes = []string{
	"web.replicas=1", "web.replicas=8", "load_balancer={}", "load_balancer=null", "load_balancer.layer=4", "gateway={}", "gateway=null",
	"gateway.replicas=3", "gateway.auth={jwt: {}, api_keys: [a-key]}", "rate_limit={rate: 60/m, per: global}", "rate_limit.store=redis",
	"database={}", "database=null", "database.machine=web", "database.read={distribution: erlang, mean: 8ms, shape: 3}",
	"cache={}", "cache=null", "cache.nodes=3", "cache.machine=web", "cdn.edges=[us, eu]", "cdn=null",
	"third_parties={payment: {}, weather: {quota: none}}", "third_parties=null", "circuit_breakers=null",
	"circuit_breakers.payment={fallback: queue}", "web.overrides={web-1: {speed: 0.5, weight: 2}}", "machines.web.cores=4",
	"web.cpu={distribution: bimodal, mean: 5ms, slow: 50ms, share: 2%}", "observability={metrics: \":0\", traces: {}}",
	"faults=[{at: 1s, part: web-1, do: kill}, {at: 0s, link: web-database, cut: true}]", "orchestrator.restart.backoff=never",
}

// TestPlansHold asks of whatever parses that it survives JSON, and that its parts, nodes,
// hosts and links fit together.
func TestPlansHold(t *testing.T) {
	parsed := 0
	rapid.Check(t, func(t *rapid.T) {
		text, _ := Preset(rapid.SampledFrom(Names()).Draw(t, "preset"))
		set := rapid.SliceOfN(rapid.SampledFrom(changes), 0, 5).Draw(t, "set")
		plan, err := Parse("drawn.yaml", text, Options{Set: set})
		if err != nil {
			checkFaults(t, text, err)
			return
		}
		parsed++
		holds(t, plan)
	})
	if parsed == 0 {
		t.Error("nothing that was drawn parsed")
	}
}

type failer interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

func holds(t failer, plan *Plan) {
	t.Helper()
	if same, written := again(t, plan); !same {
		t.Fatalf("JSON makes another plan of it: %s", written)
	}
	nodes, hosts := map[string]bool{}, map[string]bool{}
	for _, host := range plan.Hosts() {
		if hosts[host.Name] {
			t.Fatalf("two hosts are called %s", host.Name)
		}
		hosts[host.Name] = true
		for _, node := range host.Nodes {
			if nodes[node.Name] {
				t.Fatalf("the node %s is on two hosts", node.Name)
			}
			nodes[node.Name] = true
		}
	}
	parts := plan.Parts()
	for _, part := range parts {
		for _, node := range plan.Nodes(part) {
			if !nodes[node.Name] {
				t.Fatalf("the node %s is on no host", node.Name)
			}
		}
	}
	for _, link := range plan.Links() {
		if !slices.Contains(parts, link.From) || !slices.Contains(parts, link.To) || !plan.onLink(link.String()) {
			t.Fatalf("the link %s joins nothing", link)
		}
	}
	for _, width := range []int{40, 60, 80, 120} {
		checkDiagram(t, plan, DiagramOptions{Width: width, ASCII: width == 60})
	}
}

// checkFaults asks that each fault has its place in the file, or beside it.
func checkFaults(t failer, src []byte, err error) {
	t.Helper()
	var faults document.Faults
	if !errors.As(err, &faults) || len(faults) == 0 {
		t.Fatalf("got %T, want faults", err)
	}
	text := strings.TrimPrefix(strings.ToValidUTF8(string(src), "\uFFFD"), "\uFEFF")
	lines := strings.Split(strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n"), "\n")
	for _, f := range faults {
		beside := f.Line == 0 && strings.HasPrefix(f.File, "--set ")
		if !beside && (f.Line < 1 || f.Line > len(lines) || f.Column < 1 || f.Column > utf8.RuneCountInString(lines[f.Line-1])+1) {
			t.Fatalf("a fault outside the file: %v", f)
		}
		if f.Message == "" || !utf8.ValidString(f.Error()) {
			t.Fatalf("a fault without words: %q", f.Error())
		}
	}
}

// FuzzParse asks that no file and no change ends the program, and that what parses holds.
func FuzzParse(f *testing.F) {
	for _, name := range Names() {
		text, _ := Preset(name)
		f.Add(text, "web.replicas=2")
	}
	for _, b := range broken {
		f.Add([]byte("version: 1\n"+b.text), "gateway=null")
	}
	full, err := os.ReadFile("testdata/full.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, change := range append(changes, "", "=", ".", "a.b.c", `"`, `web."x`, "web=*a", "faults.0=null", "version={a: &b [*b]}", "\xec", "name=\n") {
		f.Add(full, change)
	}
	f.Fuzz(func(t *testing.T, src []byte, change string) {
		plan, err := Parse("fuzz.yaml", src, Options{Set: []string{change}, Env: secretEnv})
		if err != nil {
			checkFaults(t, src, err)
			return
		}
		holds(t, plan)
	})
}
