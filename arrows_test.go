package floodmark_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/floodmark/floodmark"

// arrows lists what each package may import of this module. A new arrow is
// drawn here and in ARCHITECTURE.md, in the same change.
var arrows = map[string]string{
	"cmd/floodmark":              "alert alert/delivery alert/outbox alert/receivers control dashboard demo-server demo-server/admin demo-server/balance demo-server/balance/export demo-server/events demo-server/faults demo-server/journey demo-server/node demo-server/observe/trace demo-server/supervise demo-server/topology dial doctor health loadgen measure profiles profiles/openslo quantity report runs sleeper slo targets verify",
	"runs":                       "alert measure report slo",
	"dashboard":                  "dashboard/hush quantity report",
	"dashboard/hush":             "",
	"dashboard/svg":              "",
	"report":                     "alert measure quantity slo",
	"alert":                      "measure quantity slo",
	"alert/receivers":            "alert nearest quantity",
	"alert/delivery":             "alert alert/outbox",
	"alert/outbox":               "alert",
	"slo":                        "measure nearest",
	"loadgen":                    "measure targets",
	"targets":                    "dial http1 measure",
	"http1":                      "",
	"control":                    "",
	"health":                     "measure",
	"dial":                       "",
	"measure":                    "",
	"quantity":                   "measure",
	"profiles":                   "profiles/document",
	"profiles/document":          "nearest",
	"profiles/openslo":           "nearest profiles slo",
	"nearest":                    "",
	"sleeper":                    "",
	"demo-server":                "demo-server/admin demo-server/capacity demo-server/events demo-server/faults demo-server/gateway demo-server/goods demo-server/node demo-server/observe demo-server/observe/trace demo-server/supervise demo-server/topology nearest",
	"demo-server/admin":          "",
	"demo-server/balance":        "demo-server/balance/pick demo-server/correlation demo-server/latency demo-server/observe",
	"demo-server/balance/export": "demo-server/balance demo-server/balance/pick",
	"demo-server/balance/pick":   "nearest",
	"demo-server/cache":          "demo-server/standin",
	"demo-server/capacity":       "demo-server/latency sleeper",
	"demo-server/correlation":    "",
	"demo-server/database":       "demo-server/capacity demo-server/correlation demo-server/goods sleeper",
	"demo-server/edge":           "demo-server/correlation demo-server/observe demo-server/tally sleeper",
	"demo-server/events":         "",
	"demo-server/faults":         "demo-server/admin nearest",
	"demo-server/gateway":        "demo-server/correlation demo-server/observe demo-server/tally",
	"demo-server/goods":          "",
	"demo-server/guard":          "demo-server/tally",
	"demo-server/journey":        "demo-server/balance/pick demo-server/cache demo-server/capacity demo-server/journey/ideal demo-server/limit quantity",
	"demo-server/journey/ideal":  "demo-server/balance/pick demo-server/capacity",
	"demo-server/latency":        "",
	"demo-server/limit":          "demo-server/standin nearest sleeper",
	"demo-server/node":           "demo-server/admin demo-server/balance demo-server/balance/pick demo-server/cache demo-server/capacity demo-server/database demo-server/edge demo-server/faults demo-server/gateway demo-server/goods demo-server/guard demo-server/limit demo-server/observe demo-server/shop demo-server/thirdparty demo-server/topology sleeper",
	"demo-server/observe":        "demo-server/correlation demo-server/observe/trace",
	"demo-server/observe/trace":  "quantity",
	"demo-server/shop":           "demo-server/cache demo-server/capacity demo-server/correlation demo-server/goods demo-server/guard demo-server/observe demo-server/tally demo-server/thirdparty sleeper",
	"demo-server/standin":        "",
	"demo-server/supervise":      "",
	"demo-server/tally":          "",
	"demo-server/thirdparty":     "demo-server/capacity demo-server/correlation demo-server/faults sleeper",
	"demo-server/topologies":     "",
	"demo-server/topology":       "demo-server/balance/pick demo-server/cache demo-server/capacity demo-server/faults demo-server/limit demo-server/topologies nearest profiles/document",
	"doctor":                     "health quantity report sleeper",
	"verify":                     "loadgen measure profiles quantity report sleeper targets",
	"bench/alarms":               "alert measure quantity slo",
	"bench/peers":                "",
	"bench/queue":                "demo-server demo-server/capacity loadgen measure sleeper targets",
}

// homes lists the packages that may import each dependency.
var homes = map[string]string{
	"github.com/HdrHistogram/hdrhistogram-go": "measure",
	"github.com/Code-Hex/go-generics-cache":   "demo-server/cache",
	"github.com/NimbleMarkets/ntcharts":       "dashboard",
	"github.com/alicebob/miniredis/v2":        "demo-server/standin",
	"github.com/charmbracelet/bubbles":        "dashboard",
	"github.com/charmbracelet/bubbletea":      "dashboard",
	"github.com/charmbracelet/lipgloss":       "dashboard",
	"github.com/charmbracelet/x/ansi":         "dashboard dashboard/svg",
	"github.com/creack/pty":                   "", // for tests
	"github.com/maypok86/otter/v2":            "demo-server/cache demo-server/edge",
	"github.com/muesli/termenv":               "dashboard",
	"github.com/failsafe-go/failsafe-go":      "demo-server/guard",
	"github.com/go-resty/resty/v2":            "demo-server/admin alert/receivers",
	"github.com/golang-jwt/jwt/v5":            "demo-server/gateway",
	"github.com/goccy/go-yaml":                "profiles/document",
	"github.com/prometheus/common":            "demo-server/observe",
	"github.com/redis/go-redis/v9":            "demo-server/cache demo-server/limit",
	"github.com/spf13/cobra":                  "cmd/floodmark",
	"go.opentelemetry.io/otel":                "demo-server/observe",
	"github.com/thejerf/suture/v4":            "demo-server/supervise",
	"golang.org/x/sync":                       "demo-server/cache",
	"golang.org/x/time":                       "alert/delivery",
}

// Files are parsed here rather than listed by the go command: the test cache
// sees what a test opens, not what its children open.
func TestArrows(t *testing.T) {
	walkGo(t, func(path, pkg string, file *ast.File) {
		allowed, drawn := arrows[pkg]
		if !drawn {
			t.Errorf("%s: package %s is not in the picture", path, pkg)
		}
		for _, imp := range file.Imports {
			to := strings.Trim(imp.Path.Value, `"`)
			if ours, ok := strings.CutPrefix(to, module+"/"); ok && !slices.Contains(strings.Fields(allowed), ours) {
				t.Errorf("%s: no arrow from %s to %s", path, pkg, ours)
			}
			for dep, home := range homes {
				if (to == dep || strings.HasPrefix(to, dep+"/")) && !slices.Contains(strings.Fields(home), pkg) {
					t.Errorf("%s: %s belongs in %s", path, dep, home)
				}
			}
		}
	})
}

// Every package says what it is for.
func TestPackagesHaveComments(t *testing.T) {
	said := map[string]bool{}
	walkGo(t, func(_, pkg string, file *ast.File) {
		said[pkg] = said[pkg] || file.Doc != nil
	})
	for pkg := range arrows {
		if !said[pkg] {
			t.Errorf("package %s has no package comment", pkg)
		}
	}
}

// walkGo calls visit for every Go file that is not a test.
func walkGo(t *testing.T, visit func(path, pkg string, file *ast.File)) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && path != ".") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, src, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			return err
		}
		visit(path, filepath.ToSlash(filepath.Dir(path)), file)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
