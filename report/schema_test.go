package report_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/floodmark/floodmark/report"
)

// compileSchema returns the published schema made strict: a field that it does
// not name is an error, so that none can go undescribed.
func compileSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	var doc any
	if err := json.Unmarshal(report.Schema(), &doc); err != nil {
		t.Fatal(err)
	}
	forbidOthers(doc)
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("result.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("result.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// forbidOthers adds additionalProperties: false wherever properties are named.
func forbidOthers(node any) {
	switch node := node.(type) {
	case map[string]any:
		if _, ok := node["properties"].(map[string]any); ok && node["type"] == "object" {
			node["additionalProperties"] = false
		}
		for _, child := range node {
			forbidOthers(child)
		}
	case []any:
		for _, child := range node {
			forbidOthers(child)
		}
	}
}

func TestSchemaIsDraft7(t *testing.T) {
	if !strings.Contains(string(report.Schema()), `"$schema": "http://json-schema.org/draft-07/schema#"`) {
		t.Error("the schema does not say draft-07")
	}
}

// The schema must refuse something, or its approval is worth nothing.
func TestSchemaRefuses(t *testing.T) {
	schema := compileSchema(t)
	for _, change := range []func(map[string]any){
		func(m map[string]any) { delete(m, "verdict") },
		func(m map[string]any) { m["verdict"] = "good" },
		func(m map[string]any) { m["schema"] = "floodmark.result/v2" },
		func(m map[string]any) { m["surprise"] = 1 },
		func(m map[string]any) { m["response"].(map[string]any)["p99_seconds"] = "1s" },
		func(m map[string]any) { m["counts"].(map[string]any)["planned"] = -1 },
	} {
		var value map[string]any
		if err := json.Unmarshal([]byte(render(t, report.JSON, passing(t).summary())), &value); err != nil {
			t.Fatal(err)
		}
		change(value)
		if err := schema.Validate(value); err == nil {
			t.Errorf("no complaint about %v", value)
		}
	}
}
