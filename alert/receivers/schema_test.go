package receivers

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/floodmark/floodmark/alert"
)

// published compiles a schema of testdata/schemas, which are cut from what the services
// publish.
func published(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	path := filepath.Join("testdata", "schemas", name+".json")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource(name+".json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile(name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// schemas returns the schema that a service's bodies have, and what of the body it is about.
func schemas(t *testing.T) map[string]func(body string) error {
	t.Helper()
	all := map[string]func(string) error{}
	for kind, name := range map[string]string{
		"slack": "slack", "discord": "discord", "msteams": "adaptive-card", "pagerduty": "pagerduty", "alertmanager": "alertmanager",
	} {
		schema := published(t, name)
		all[kind] = func(body string) error {
			var value any
			if err := json.Unmarshal([]byte(body), &value); err != nil {
				return err
			}
			if kind == "msteams" {
				value = card(value)
			}
			return schema.Validate(value)
		}
	}
	return all
}

// card takes the card out of a message to Teams, and Teams' own extension out of the card.
func card(message any) any {
	attachments, _ := message.(map[string]any)["attachments"].([]any)
	content, _ := attachments[0].(map[string]any)["content"].(map[string]any)
	delete(content, "msteams")
	return content
}

func TestPublishedSchemas(t *testing.T) {
	for kind, validate := range schemas(t) {
		for _, scene := range scenes() {
			s := specOf(kind)
			for _, withText := range []bool{false, true} {
				if s.Title = ""; withText {
					s.Title = "{{.Title}} on {{.Run.Name}}"
					if kind != "pagerduty" && kind != "alertmanager" {
						s.Body = "{{range .Alerts}}{{.Headline}}\n\n{{end}}"
					}
				}
				for _, q := range unmasked(t, s, scene.message) {
					if err := validate(q); err != nil {
						t.Errorf("%s %s: %v\n%s", kind, scene.name, err, q)
					}
				}
			}
		}
	}
}

// unmasked returns the bodies as they are sent.
func unmasked(t interface {
	Helper()
	Fatal(...any)
}, s Spec, m alert.Message,
) []string {
	t.Helper()
	r, err := New(s, Policy{})
	if err != nil {
		t.Fatal(err)
	}
	calls, err := r.calls(r.draft(m, false))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, c := range calls {
		all = append(all, string(c.body))
	}
	return all
}

// The schemas must refuse something, or their approval is worth nothing.
func TestSchemasRefuse(t *testing.T) {
	all := schemas(t)
	for kind, bodies := range map[string][]string{
		"slack":        {`{"blocks":[]}`, `{"text":"x","blocks":[{"type":"header","text":{"type":"mrkdwn","text":"x"}}]}`},
		"discord":      {`{"embeds":[{"title":7}]}`, `{"embeds":[{"colour":1}]}`, `{"embeds":[{"fields":[{"name":"x"}]}]}`},
		"msteams":      {`{"attachments":[{"content":{"type":"AdaptiveCard","version":"1.4","body":[{"type":"TextBlock","txet":"x"}]}}]}`},
		"pagerduty":    {`{"routing_key":"short","event_action":"trigger","dedup_key":"x","payload":{"summary":"x","source":"x","severity":"page"}}`},
		"alertmanager": {`[{"labels":{"n":1}}]`, `[{"startsAt":"2026-11-22T12:01:05Z"}]`, `[{"labels":{},"endsAt":"noon"}]`},
	} {
		for _, body := range bodies {
			if all[kind](body) == nil {
				t.Errorf("%s: no complaint about %s", kind, body)
			}
		}
	}
}
