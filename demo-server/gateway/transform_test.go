package gateway

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestRemoveFields(t *testing.T) {
	e := &echo{}
	g := build(t, e, Config{
		MaxTransform: 1000,
		Routes:       []Route{{Pattern: "/", Public: true, RemoveFields: []string{"cost", "items.cost", "owner.address.street"}}},
	})
	const jsonType = "Content-Type: application/json"
	for _, tt := range []struct {
		name, body string
		headers    []string
		status     int
		want       string
	}{
		{"one field", `{"id":7,"cost":3}`, []string{jsonType}, 200, `{"id":7}` + "\n"},
		{"with a charset", `{"cost":3}`, []string{"Content-Type: application/json; charset=utf-8"}, 200, "{}\n"},
		{"based on JSON", `{"cost":3}`, []string{"Content-Type: application/problem+json"}, 200, "{}\n"},
		{"of each in a list", `[{"cost":1,"id":1},{"cost":2}]`, []string{jsonType}, 200, `[{"id":1},{}]` + "\n"},
		{"deeper", `{"items":[{"cost":1,"id":2}],"owner":{"address":{"street":"x","city":"y"}}}`, []string{jsonType}, 200, `{"items":[{"id":2}],"owner":{"address":{"city":"y"}}}` + "\n"},
		{"given twice", `{"cost":1,"cost":2}`, []string{jsonType}, 200, "{}\n"},
		{"escaped name", `{"\u0063ost":1}`, []string{jsonType}, 200, "{}\n"},
		{"not there", `{"a":null,"items":7,"owner":[]}`, []string{jsonType}, 200, `{"a":null,"items":7,"owner":[]}` + "\n"},
		{"exact numbers", `{"a":12345678901234567890.10,"b":1e400}`, []string{jsonType}, 200, `{"a":12345678901234567890.10,"b":1e400}` + "\n"},
		{"markup", `{"a":"<b>&"}`, []string{jsonType}, 200, `{"a":"<b>&"}` + "\n"},
		{"empty", ``, []string{jsonType}, 200, ``},
		{"no JSON by type", `{"cost":3}`, []string{"Content-Type: text/plain"}, 200, `{"cost":3}`},
		{"no JSON inside", `{"cost":`, []string{jsonType}, 502, "the upstream's answer cannot be passed on"},
		{"two values", `{} {"cost":3}`, []string{jsonType}, 502, "cannot be passed on"},
		{"too large", `{"cost":"` + strings.Repeat("x", 1000) + `"}`, []string{jsonType}, 502, "cannot be passed on"},
		{"packed", "\x1f\x8b", []string{jsonType, "Content-Encoding: gzip"}, 502, "cannot be passed on"},
	} {
		e.handle = func(w http.ResponseWriter, r *http.Request) {
			if got := r.Header.Get("Accept-Encoding"); got != "identity" {
				t.Errorf("the upstream may pack its answer: %q", got)
			}
			w.Header().Set("Etag", "x")
			for _, h := range tt.headers {
				name, value, _ := strings.Cut(h, ": ")
				w.Header().Set(name, value)
			}
			_, _ = w.Write([]byte(tt.body))
		}
		got := ask(g, "GET", "/", "", "Accept-Encoding: gzip")
		if got.Code != tt.status || !strings.Contains(got.Body.String(), tt.want) || tt.status == 200 && got.Body.String() != tt.want {
			t.Errorf("%s: got %d %s, want %d %s", tt.name, got.Code, got.Body, tt.status, tt.want)
		}
		if strings.Contains(tt.headers[0], "json") && got.Header().Get("Etag") != "" {
			t.Errorf("%s: the tag of another text is passed on", tt.name)
		}
	}
}

// Removing changes nothing else, and leaves nothing of the field.
func TestRemovingIsExact(t *testing.T) {
	var value func(t *rapid.T, depth int) any
	value = func(t *rapid.T, depth int) any {
		switch kind := rapid.IntRange(0, 5).Draw(t, "kind"); {
		case kind == 0 && depth > 0:
			object := map[string]any{}
			for range rapid.IntRange(0, 3).Draw(t, "fields") {
				object[rapid.SampledFrom([]string{"a", "b", "secret", "é<"}).Draw(t, "name")] = value(t, depth-1)
			}
			return object
		case kind == 1 && depth > 0:
			list := []any{}
			for range rapid.IntRange(0, 3).Draw(t, "elements") {
				list = append(list, value(t, depth-1))
			}
			return list
		case kind == 2:
			return rapid.String().Draw(t, "text")
		case kind == 3:
			return json.Number(rapid.StringMatching(`-?[1-9][0-9]{0,30}(\.[0-9]{1,20})?`).Draw(t, "number"))
		case kind == 4:
			return rapid.Bool().Draw(t, "bool")
		}
		return nil
	}
	// strip is removal by the textbook, at the top and below a.
	var strip func(v any, below bool) any
	strip = func(v any, below bool) any {
		switch v := v.(type) {
		case []any:
			list := []any{}
			for _, each := range v {
				list = append(list, strip(each, below))
			}
			return list
		case map[string]any:
			object := map[string]any{}
			for name, each := range v {
				switch {
				case name == "secret":
				case name == "a" && !below:
					object[name] = strip(each, true)
				default:
					object[name] = each
				}
			}
			return object
		}
		return v
	}
	rapid.Check(t, func(t *rapid.T) {
		v := value(t, 4)
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		got, err := without(text, []string{"secret", "a.secret"})
		if err != nil {
			t.Fatal(err)
		}
		var want bytes.Buffer
		encoder := json.NewEncoder(&want)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(strip(v, false)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want.Bytes()) {
			t.Fatalf("of %s\ngot  %s\nwant %s", text, got, want.Bytes())
		}
	})
}
