package topology

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write golden files anew")

// golden compares with a file below testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (write it anew with -update):\n%s", path, got)
	}
}

func mustParse(t *testing.T, name, text string, set ...string) *Plan {
	t.Helper()
	plan, err := Parse(name, []byte(text), Options{Set: set})
	if err != nil {
		t.Fatalf("%s:\n%v", name, err)
	}
	return plan
}

func preset(t *testing.T, name string, set ...string) *Plan {
	t.Helper()
	text, ok := Preset(name)
	if !ok {
		t.Fatalf("there is no preset %s", name)
	}
	return mustParse(t, name+".yaml", string(text), set...)
}

func TestPresets(t *testing.T) {
	names := Names()
	if len(names) != 19 {
		t.Errorf("got %d presets, want 19", len(names))
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			plan := preset(t, name)
			number, words, _ := strings.Cut(name, "-")
			if plan.Name != words {
				t.Errorf("the name is %q, want %q", plan.Name, words)
			}
			text, _ := Preset(name)
			for _, short := range []string{number, words} {
				if got, _ := Preset(short); !bytes.Equal(got, text) {
					t.Errorf("%s is another preset", short)
				}
			}
			if comment := strings.Count(string(text), "# "); comment < 2 {
				t.Errorf("%d lines of comment, want at least 2", comment)
			}
			roundTrip(t, plan)
		})
	}
}

// roundTrip asks that a plan is the same after encoding/json.
func roundTrip(t *testing.T, plan *Plan) {
	t.Helper()
	if same, written := again(t, plan); !same {
		t.Errorf("got another plan from %s", written)
	}
}

// again reports whether a plan is the same after encoding/json, and what it was meanwhile.
func again(t failer, plan *Plan) (same bool, written []byte) {
	t.Helper()
	written, err := json.Marshal(plan)
	if err != nil {
		t.Fatal(err)
	}
	var got Plan
	if err := json.Unmarshal(written, &got); err != nil {
		t.Fatal(err)
	}
	return reflect.DeepEqual(&got, plan), written
}
