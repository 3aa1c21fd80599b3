package openslo

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/floodmark/floodmark/profiles"
	"github.com/floodmark/floodmark/slo"
)

// host is the rest of a profile that takes any SLO.
const host = `version: 1
target: { base_url: "http://127.0.0.1:8080" }
scenarios: { shop: { steps: [ { post: /pay, name: pay } ] } }
load: { executor: constant-arrival-rate, rate: 10/s, duration: 10s }
`

// compileSchema returns the schema of profiles.
func compileSchema(tb testing.TB) *jsonschema.Schema {
	tb.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(profiles.Schema()))
	if err != nil {
		tb.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("profile.schema.json", doc); err != nil {
		tb.Fatal(err)
	}
	schema, err := c.Compile("profile.schema.json")
	if err != nil {
		tb.Fatal(err)
	}
	return schema
}

// parse reads a fragment within a profile, in which all variables are set.
func parse(fragment string) (*profiles.Profile, error) {
	return profiles.Parse("profile.yaml", []byte(host+fragment), profiles.Options{
		Lookup: func(name string) (string, bool) { return "https://host.example/" + name, true },
		CheckExpression: func(text string) error {
			e, err := slo.Parse(text)
			if err != nil {
				return err
			}
			return e.Validate()
		},
		CheckCondition: func(text string) error {
			c, err := slo.ParseCondition(text)
			if err == nil && c.Validate() == nil {
				return errors.New("an aim, and no trouble")
			}
			return err
		},
	})
}

// checkFragment wants a fragment that a profile takes, and its schema.
func checkFragment(t *testing.T, schema *jsonschema.Schema, fragment string) {
	t.Helper()
	if _, err := parse(fragment); err != nil {
		t.Errorf("the profile does not take it: %v\n%s", err, fragment)
	}
	var value map[string]any
	if err := yaml.Unmarshal([]byte(host+fragment), &value); err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(value); err != nil {
		t.Errorf("the schema does not take it: %v\n%s", err, fragment)
	}
}

func TestFragmentsAreTaken(t *testing.T) {
	schema := compileSchema(t)
	files, _ := filepath.Glob("testdata/*.yaml")
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		result, err := Import(strings.NewReader(string(src)), file, nil)
		if err != nil {
			t.Fatal(err)
		}
		checkFragment(t, schema, string(result.YAML))
	}
}

// FuzzImport asks that no file ends the program, that all faults and notes lie within the file, and that what is written
// is taken by a profile.
func FuzzImport(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.yaml")
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(src), "success")
	}
	for _, tt := range broken() {
		if len(tt.src) > 1<<16 {
			continue // takes the fuzzer long, and teaches it nothing
		}
		f.Add(tt.src, "{endpoint=\"pay\"} under(300ms)")
	}
	schema := compileSchema(f)
	f.Fuzz(func(t *testing.T, src, mapped string) {
		lines := strings.Count(strings.ReplaceAll(strings.ReplaceAll(src, "\r\n", "\n"), "\r", "\n"), "\n") + 1
		result, err := Import(strings.NewReader(src), "fuzz.yaml", map[string]string{"sli": mapped})
		if err != nil {
			faults, _ := errors.AsType[profiles.Faults](err)
			for _, fault := range faults {
				if fault.Line < 1 || fault.Line > lines || fault.Message == "" {
					t.Errorf("fault outside the file: %v", fault)
				}
			}
			return
		}
		for _, n := range result.Notes {
			if n.line < 1 || n.line > lines || !utf8.ValidString(n.Text) {
				t.Errorf("%s: %q, in a file of %d lines", n.Where, n.Text, lines)
			}
		}
		if !strings.Contains(mapped, "{") { // the endpoint of a selector need not be in the profile
			checkFragment(t, schema, string(result.YAML))
		}
	})
}
