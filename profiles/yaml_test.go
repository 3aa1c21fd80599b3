package profiles

import (
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// anyText draws what people and machines put into values: words, YAML's own signs, variables, and any rune at all.
func anyText(t *rapid.T, label string) string {
	parts := rapid.SliceOfN(rapid.OneOf(
		rapid.SampledFrom([]string{
			"a", "true", "null", "~", "1", "0x1f", "1e3", ".inf", " ", ": ", "#", " #", "- ", "-", "? ", "&a", "*a", "!t", "|", ">", "%",
			"@", "`", "{", "}", "[", "]", ",", `"`, "'", `\`, "$", "$$", "${A}", "${", "<<", "\u00a0", "\u2028", "\ufeff", "日本", "…", "\U0001F30A",
		}),
		rapid.String(),
	), 1, 4).Draw(t, label)
	text := strings.ToValidUTF8(strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return -1
		}
		return r
	}, strings.Join(parts, "")), "")
	for strings.Contains(text, "{{") { // what was taken out may have stood between two
		text = strings.ReplaceAll(text, "{{", "{")
	}
	return strings.TrimSpace(text) + "."
}

func drawProfile(t *rapid.T) *Profile {
	p := ForURL("http://user:pass@host:8080/")
	if rapid.Bool().Draw(t, "open") {
		p = ForURL("http://host/")
	}
	p.Name = strings.NewReplacer("/", "", `\`, "").Replace(anyText(t, "name"))[:1] + "x"
	p.Name = strings.ToValidUTF8(p.Name, "n")
	p.Target.Headers = []Header{{"X-A", anyText(t, "header")}, {rapid.SampledFrom([]string{"X-B", "X-Token"}).Draw(t, "second"), anyText(t, "value")}}
	step := &p.Scenarios[0].Steps[0]
	step.Name = anyText(t, "endpoint")
	step.Body = []byte(anyText(t, "line") + "\n\t" + anyText(t, "next line") + "\n")
	p.Scenarios[0].Name = anyText(t, "scenario")
	p.Load = Load{
		Executor: RampingVUs, Arrivals: Even, Pacing: Precise, MaxInFlight: 1, Start: 1,
		Stages: []Stage{{anyText(t, "stage"), 1, 5, false}, {"", 1, 5, false}},
	}
	p.SLOs = []SLO{{
		Name: anyText(t, "slo"), Objective: Expression{Text: anyText(t, "objective")}, Verdict: "point",
		Select: map[string]string{"scenario": p.Scenarios[0].Name, "endpoint": step.Name, "stage": p.Load.Stages[0].Name},
	}}
	p.Secrets = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string { return anyText(t, "secret") }), 0, 2).Draw(t, "secrets")
	return p
}

// TestYAMLOfAnyTexts asks that no text breaks out of its quotes: what is written parses, and is the same where nothing had
// to be masked.
func TestYAMLOfAnyTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawProfile(t)
		if err := want.Validate(); err != nil {
			t.Fatalf("the drawn profile is wrong: %v", err)
		}
		written := want.YAML()
		got, err := Parse("again.yaml", written, Options{})
		if err != nil {
			t.Fatalf("%s\n%v", written, err)
		}
		if len(want.secrets()) > 0 {
			return
		}
		clearPositions(got)
		got.Secrets, want.Secrets = nil, nil
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("got  %+v\nwant %+v\n%s", got, want, written)
		}
	})
}
