package openslo

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/floodmark/floodmark/profiles"
	"github.com/floodmark/floodmark/slo"
)

// host is the rest of a profile that takes any SLO.
const host = `version: 1
target: { base_url: "http://127.0.0.1:8080" }
scenarios: { shop: { steps: [ { post: /pay, name: pay } ] } }
load: { executor: constant-arrival-rate, rate: 10/s, duration: 10s }
`

// apart separates a fragment from its alerts, which it returns in lines.
func apart(fragment string) (rest string, alerts []string) {
	within := false
	for line := range strings.Lines(fragment) {
		if within = line == "    alerts:\n" || within && strings.HasPrefix(line, "      "); within {
			alerts = append(alerts, strings.TrimSpace(line))
		} else {
			rest += line
		}
	}
	return rest, alerts
}

// checkFragment wants a fragment that a profile takes, and conditions that can be read.
func checkFragment(t *testing.T, fragment string) {
	t.Helper()
	rest, alerts := apart(fragment)
	_, err := profiles.Parse("profile.yaml", []byte(host+rest), profiles.Options{CheckExpression: func(text string) error {
		e, err := slo.Parse(text)
		if err != nil {
			return err
		}
		return e.Validate()
	}})
	if err != nil {
		t.Errorf("the profile does not take it: %v\n%s", err, fragment)
	}
	for _, line := range alerts {
		text, ok := strings.CutPrefix(line, "when: ")
		if !ok {
			continue
		}
		value := profiles.ReadForeign("when", []byte(text))
		if err := value.Err(); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		text, _ = value.Documents[0].Text()
		c, err := slo.ParseCondition(text)
		if err != nil || c.Validate() == nil {
			t.Errorf("%s: got %v, want trouble that can be read", text, err)
		}
	}
}

func TestFragmentsAreTaken(t *testing.T) {
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
		checkFragment(t, string(result.YAML))
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
			checkFragment(t, string(result.YAML))
		}
	})
}
