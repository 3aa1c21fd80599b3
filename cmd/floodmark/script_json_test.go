package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// cmdJSON compares the value at a path such as endpoints.0.counts.planned with a
// text, or by <, <=, > and >= with a number.
func cmdJSON(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 && len(args) != 4 {
		ts.Fatalf("usage: json FILE PATH [OP] WANT")
	}
	decoder := json.NewDecoder(strings.NewReader(ts.ReadFile(args[0])))
	decoder.UseNumber()
	var document any
	if err := decoder.Decode(&document); err != nil {
		ts.Fatalf("%s: %v", args[0], err)
	}
	got, ok := valueAt(document, args[1])
	if !ok {
		ts.Fatalf("%s has no %s", args[0], args[1])
	}
	op, want := "==", args[len(args)-1]
	if len(args) == 4 {
		op = args[2]
	}
	holds, err := compare(got, op, want)
	ts.Check(err)
	if holds == neg {
		ts.Fatalf("%s: %s is %s, which is %s %s: %v", args[0], args[1], got, op, want, holds)
	}
}

// valueAt walks a path of keys and indexes, and returns what stands there as
// text. Length gives how many items a list has.
func valueAt(at any, path string) (string, bool) {
	for key := range strings.SplitSeq(path, ".") {
		switch v := at.(type) {
		case map[string]any:
			next, ok := v[key]
			if !ok {
				return "", false
			}
			at = next
		case []any:
			i, err := strconv.Atoi(key)
			switch {
			case key == "length":
				at = len(v)
			case err != nil || i < 0 || i >= len(v):
				return "", false
			default:
				at = v[i]
			}
		default:
			return "", false
		}
	}
	if at == nil {
		return "null", true
	}
	return fmt.Sprint(at), true
}

func compare(got, op, want string) (bool, error) {
	if op == "==" {
		return got == want, nil
	}
	a, err := strconv.ParseFloat(got, 64)
	if err != nil {
		return false, err
	}
	b, err := strconv.ParseFloat(want, 64)
	if err != nil {
		return false, err
	}
	switch op {
	case "<":
		return a < b, nil
	case "<=":
		return a <= b, nil
	case ">":
		return a > b, nil
	case ">=":
		return a >= b, nil
	}
	return false, fmt.Errorf("no comparison %q", op)
}

// cmdJSONLines wants at least one line, and JSON in each.
func cmdJSONLines(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: jsonlines FILE")
	}
	text := ts.ReadFile(args[0])
	if text == "" {
		ts.Fatalf("%s is empty", args[0])
	}
	for line := range strings.Lines(text) {
		if !json.Valid([]byte(line)) {
			ts.Fatalf("%s: not JSON: %q", args[0], line)
		}
	}
}

// cmdConforms checks a JSON file by a schema, as an editor or a consumer would.
func cmdConforms(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: conforms FILE SCHEMA")
	}
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(ts.ReadFile(args[0])))
	ts.Check(err)
	source, err := jsonschema.UnmarshalJSON(strings.NewReader(ts.ReadFile(args[1])))
	ts.Check(err)
	compiler := jsonschema.NewCompiler()
	ts.Check(compiler.AddResource("schema.json", source))
	schema, err := compiler.Compile("schema.json")
	ts.Check(err)
	if err := schema.Validate(document); (err == nil) == neg {
		ts.Fatalf("%s by %s: %v", args[0], args[1], err)
	}
}

// cmdNowhere looks for a text in files, and in all that is below directories.
func cmdNowhere(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: nowhere TEXT FILE...")
	}
	for _, name := range args[1:] {
		if name == "stdout" || name == "stderr" {
			refuse(ts, name, []byte(ts.ReadFile(name)), args[0])
			continue
		}
		seen := 0
		ts.Check(filepath.WalkDir(ts.MkAbs(name), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			content, err := os.ReadFile(path)
			refuse(ts, path, content, args[0])
			seen++
			return err
		}))
		if seen == 0 {
			ts.Fatalf("there is no file in %s", name)
		}
	}
}

func refuse(ts *testscript.TestScript, name string, content []byte, text string) {
	if bytes.Contains(content, []byte(text)) {
		ts.Fatalf("%s holds %q", name, text)
	}
}
