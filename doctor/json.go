package doctor

import (
	"encoding/json"
	"io"
	"strings"
)

// schemaName marks a document; it changes when a field changes its meaning.
const schemaName = "floodmark.doctor/v1"

// A document is the JSON form of a report.
type document struct {
	Schema   string      `json:"schema"`
	Version  string      `json:"floodmark_version"`
	System   string      `json:"system"`
	Verdict  Verdict     `json:"verdict"`
	ExitCode int         `json:"exit_code"`
	Reason   string      `json:"reason"`
	Checks   []checkJSON `json:"checks"`
}

type checkJSON struct {
	Name    string             `json:"name"` // in small letters, with underscores
	Verdict Verdict            `json:"verdict"`
	Value   string             `json:"value"`
	Why     string             `json:"why"`
	Fix     string             `json:"fix"`
	Command string             `json:"command"`
	Numbers map[string]float64 `json:"numbers"`
}

// JSON writes the report for programs. version is Floodmark's own.
func (r *Report) JSON(w io.Writer, version string) error {
	out := document{
		Schema: schemaName, Version: version, System: r.System,
		Verdict: r.Verdict(), ExitCode: r.ExitCode(), Reason: r.Reason(), Checks: []checkJSON{},
	}
	for _, c := range r.Checks {
		numbers := c.Numbers
		if numbers == nil {
			numbers = map[string]float64{}
		}
		out.Checks = append(out.Checks, checkJSON{
			strings.ReplaceAll(c.Name, " ", "_"), c.Verdict, c.Value, c.Why, c.Fix, c.Command, numbers,
		})
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false) // commands have a > in them
	encoder.SetIndent("", "  ")
	return encoder.Encode(out)
}
