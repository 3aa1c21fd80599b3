package journey

import (
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// Schema names the form of a document's JSON.
const Schema = "floodmark.journey/v1"

// A Document is what came of a journey. Durations are in seconds.
type Document struct {
	Schema   string    `json:"schema"`
	Started  time.Time `json:"started_at,omitzero"`
	Machine  string    `json:"machine,omitempty"` // what it was measured on, in words
	Quick    bool      `json:"quick"`
	Complete bool      `json:"complete"` // it was walked to its end
	Seconds  float64   `json:"took_seconds"`
	Stages   []Report  `json:"stages"`
}

// A Report is what came of a stage.
type Report struct {
	Name         string        `json:"name"`
	Title        string        `json:"title"`
	Changes      string        `json:"changes"`
	Lesson       string        `json:"lesson"`
	Sentence     string        `json:"sentence"`
	Complete     bool          `json:"complete"`
	Attempts     int           `json:"attempts"`        // more than 1: the numbers of the others did not count
	Error        string        `json:"error,omitempty"` // why there is no more
	Budget       float64       `json:"budget_seconds"`
	Seconds      float64       `json:"took_seconds"`
	Rows         []Row         `json:"rows"`
	Expectations []Expectation `json:"expectations"`
}

// A Row is what was measured of a case.
type Row struct {
	Case    string   `json:"case"`
	Changes string   `json:"changes"`
	Figures []Figure `json:"figures"` // the stage's own, the most telling one first
	// Rate, P50, P99 and Errors are of the load at a fixed rate; without one they are 0.
	Rate   float64  `json:"rate_per_second"`
	P50    float64  `json:"p50_seconds"`
	P99    float64  `json:"p99_seconds"`
	Errors float64  `json:"errors_ratio"`
	Counts bool     `json:"counts"`
	Why    []string `json:"why_not"` // it does not count
	Series *Series  `json:"series,omitempty"`
}

// A Figure is a number with its unit, and what it should be.
type Figure struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  Unit    `json:"unit"`
	// Theory is what was expected, and From where it comes from: a formula, a simulation,
	// arithmetic or an earlier measurement. nil: nothing was.
	Theory *float64 `json:"theory"`
	From   string   `json:"theory_from,omitempty"`
}

// A Unit is that of a figure.
type Unit string

// The units.
const (
	PerSecond Unit = "/s"
	Seconds   Unit = "s"
	Ratio     Unit = "ratio" // of a whole, written in percent
	Times     Unit = "x"     // of another figure
	Count     Unit = "count"
)

// A Series is a value for each second of a load.
type Series struct {
	Name   string    `json:"name"`
	Unit   Unit      `json:"unit"`
	Values []float64 `json:"values"`
}

// An Expectation is something that must hold.
type Expectation struct {
	Text  string `json:"text"`
	Found string `json:"found"` // what was measured, in words
	Holds bool   `json:"holds"`
	// Counts is false where one of the numbers that decide it does not count.
	Counts bool `json:"counts"`
}

// An Outcome is how a journey ended.
type Outcome string

// The outcomes.
const (
	Holds      Outcome = "holds"      // all that was expected
	Fails      Outcome = "fails"      // something that counts does not hold, or could not be measured
	Undecided  Outcome = "undecided"  // numbers that decide do not count
	Incomplete Outcome = "incomplete" // it was ended before
)

// Outcome returns how a stage ended.
func (r Report) Outcome() Outcome {
	outcome := Holds
	switch {
	case !r.Complete:
		return Incomplete
	case r.Error != "":
		return Fails
	}
	for _, e := range r.Expectations {
		switch {
		case !e.Counts:
			outcome = Undecided
		case !e.Holds:
			return Fails
		}
	}
	return outcome
}

// state says how a stage ended, and at which attempt if it was not the first.
func (r Report) state() string {
	if r.Attempts > 1 {
		return fmt.Sprintf("%s, attempt %d", r.Outcome(), r.Attempts)
	}
	return string(r.Outcome())
}

// Outcome returns how the journey ended: the worst of its stages.
func (d Document) Outcome() Outcome {
	worst := Holds
	for _, stage := range d.Stages {
		switch o := stage.Outcome(); {
		case o == Fails:
			return Fails
		case o == Undecided || worst == Holds:
			worst = o
		}
	}
	if !d.Complete && worst == Holds {
		return Incomplete
	}
	return worst
}

// JSON writes the document as JSON.
func (d Document) JSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(d)
}
