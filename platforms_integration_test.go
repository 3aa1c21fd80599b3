//go:build integration

package floodmark_test

import (
	"os"
	"testing"

	"golang.org/x/tools/go/packages"
)

// All of it, tests included, is correct Go on macOS and Windows as well. Types are checked
// from the sources: to compile the standard library for each system, as go vet does, takes
// minutes where nobody has done so yet.
func TestOtherSystems(t *testing.T) {
	for _, system := range []string{"darwin", "windows"} {
		t.Run(system, func(t *testing.T) {
			all, err := packages.Load(&packages.Config{
				Context: t.Context(),
				Mode: packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports |
					packages.NeedDeps | packages.NeedTypes | packages.NeedSyntax,
				Env:   append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0"),
				Tests: true,
			}, "./...")
			if err != nil {
				t.Fatal(err)
			}
			if len(all) < len(arrows) {
				t.Errorf("%d packages, and %d are drawn", len(all), len(arrows))
			}
			packages.Visit(all, nil, func(p *packages.Package) {
				for _, err := range p.Errors {
					t.Error(err)
				}
			})
		})
	}
}
