package receivers

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/floodmark/floodmark/alert"
)

// values are what the variables of the documentation hold.
func values(name string) string {
	switch {
	case name == "PD_KEY":
		return routingKey
	case strings.HasSuffix(name, "_URL"):
		return "https://host.example/path"
	case strings.Contains(name, "SIGNING"):
		return signingSecret
	}
	return "value"
}

// Every receiver in the documentation is one, and its templates work.
func TestDocumentedReceivers(t *testing.T) {
	page, err := os.ReadFile("../../docs/receivers.md")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(page), "```sh") {
		t.Error("commands in it would be run")
	}
	seen := map[string]bool{}
	for _, block := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(page), -1) {
		text := regexp.MustCompile(`\$\{(\w+)(:-[^}]*)?\}`).ReplaceAllStringFunc(block[1], func(v string) string {
			name, _, _ := strings.Cut(strings.Trim(v, "${}"), ":-")
			return values(name)
		})
		var doc struct {
			Notify map[string]struct {
				Type, URL, Key, Path, Title, Body, Channel, Username string

				SigningSecret string `yaml:"signing_secret"`
				Headers       map[string]string
				Command       []string
				URLFile       string `yaml:"url_file"`
				AllowHTTP     bool   `yaml:"allow_http"`
				Timeout       string
			}
		}
		if err := yaml.UnmarshalWithOptions([]byte(text), &doc, yaml.Strict()); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if len(doc.Notify) == 0 {
			t.Errorf("no receivers in %s", text)
		}
		for name, n := range doc.Notify {
			s := Spec{
				Name: name, Type: n.Type, URL: n.URL, Key: n.Key, Path: n.Path, Title: n.Title, Body: n.Body, Channel: n.Channel,
				Username: n.Username, SigningSecret: n.SigningSecret, Command: n.Command, AllowHTTP: n.AllowHTTP,
			}
			if n.URLFile != "" {
				s.URL = values("FILE_URL")
			}
			for name, value := range n.Headers {
				s.Headers = append(s.Headers, [2]string{name, value})
			}
			for _, m := range []alert.Message{message(firing()), message(resolved(), latency())} {
				render(t, s, m)
			}
			seen[n.Type] = true
		}
	}
	for _, kind := range Types() {
		if !seen[kind] {
			t.Errorf("no example of %s", kind)
		}
	}
}
