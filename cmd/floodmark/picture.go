package main

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/quantity"
	"github.com/floodmark/floodmark/slo"
)

// A picture is what this command shows of a second of a run in another process: the part
// of its snapshot that fits a line.
type picture struct {
	At        float64   `json:"at_seconds"`
	Planned   float64   `json:"planned_seconds"` // 0 when not known
	Clock     time.Time `json:"time"`
	Stage     string    `json:"stage"`
	Asked     float64   `json:"asked_per_second"`
	Completed float64   `json:"completed_per_second"`
	Counts    tallied   `json:"counts"`
	Run       tallied   `json:"run_counts"`
	Response  struct {
		P50 *float64 `json:"p50_seconds"`
		P99 *float64 `json:"p99_seconds"`
	} `json:"response"`
	Objectives []struct {
		Status slo.Verdict `json:"status"`
	} `json:"slos"`
	Generator struct {
		Valid bool `json:"valid"`
	} `json:"generator"`
}

// tallied is where requests went.
type tallied struct {
	Succeeded int64 `json:"succeeded"`
	Failed    int64 `json:"failed"`
	InFlight  int64 `json:"in_flight"`
}

// errors writes the share that failed, a dash without any request.
func (t tallied) errors() string {
	finished := t.Succeeded + t.Failed
	if finished == 0 {
		return "-"
	}
	return quantity.Percent(float64(t.Failed)/float64(finished), 0)
}

func parsePicture(snapshot []byte) (p picture, err error) {
	second, err := secondOf(snapshot)
	if err == nil {
		err = json.Unmarshal(second, &p)
	}
	if err != nil {
		return p, fmt.Errorf("snapshot: %w", err)
	}
	return p, nil
}

// secondOf returns the part of a snapshot that --ui json writes.
func secondOf(snapshot []byte) (json.RawMessage, error) {
	var s struct {
		Second json.RawMessage `json:"second"`
	}
	err := json.Unmarshal(snapshot, &s)
	return s.Second, err
}

// line is the picture in one line, much like a progress line of the run itself.
func (p *picture) line() string {
	return fmt.Sprintf("%s %s %-11s %s/%s/s flight %d p50 %s p99 %s err %s slo %s gen %s",
		p.Clock.Local().Format(time.TimeOnly), instant(p.At), quantity.Line(p.Stage), quantity.Rate(p.Asked), quantity.Rate(p.Completed),
		p.Counts.InFlight, orDash(p.Response.P50), orDash(p.Response.P99), p.Counts.errors(), p.standing(), p.generator("ok", "in doubt"))
}

// write writes the picture for somebody who has just asked.
func (p *picture) write(w io.Writer, run *reached) error {
	of := ""
	if p.Planned > 0 {
		of = " of " + instant(p.Planned)
	}
	_, err := fmt.Fprintf(w, `run        %s, process %d
at         %s%s, stage %s
load       %s/s asked, %s/s completed, %d in flight
response   p50 %s, p99 %s
failed     %s of the latest second, %s of the run
objectives %s
generator  %s
`, run.name, run.PID(), instant(p.At), of, quantity.Line(p.Stage), quantity.Rate(p.Asked), quantity.Rate(p.Completed), p.Counts.InFlight,
		orDash(p.Response.P50), orDash(p.Response.P99), p.Counts.errors(), p.Run.errors(), p.standing(), p.generator("trustworthy", "in doubt"))
	return err
}

// standing says how the objectives stand in two words, as progress lines do.
func (p *picture) standing() string {
	var met, missed int
	for _, o := range p.Objectives {
		switch o.Status {
		case slo.Met:
			met++
		case slo.Missed:
			missed++
		case slo.Inconclusive:
		}
	}
	switch n := len(p.Objectives); {
	case n == 0:
		return "none"
	case missed > 0:
		return fmt.Sprintf("%d/%d missed", missed, n)
	default:
		return fmt.Sprintf("%d/%d met", met, n)
	}
}

func (p *picture) generator(well, ill string) string {
	if p.Generator.Valid {
		return well
	}
	return ill
}

func instant(seconds float64) string { return quantity.Instant(measure.FromSeconds(seconds)) }

// orDash writes a duration in seconds, a dash if there is none.
func orDash(seconds *float64) string {
	if seconds == nil {
		return "-"
	}
	return quantity.Duration(measure.FromSeconds(*seconds))
}
