package runs

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/report"
)

// A Saved is a run on disk.
type Saved struct {
	Dir      string
	Name     string     // of the directory, unique under its root
	Run      report.Run // what was asked; only the name when the head cannot be read
	Finished bool       // the result was written
	Result   Result     // the zero value unless Finished
	Problem  string     // why the run's head cannot be read, "" if it can
}

// A Result is what a list of runs shows of a finished one.
type Result struct {
	Verdict  report.Verdict
	ExitCode int
	Reason   string // the verdict in words
	Counts   measure.Counts
	P99      time.Duration // response, 0 when no request finished
	Elapsed  time.Duration
}

// load reads what there is in a directory, as far as it goes.
func load(dir string) Saved {
	s := Saved{Dir: dir, Name: filepath.Base(dir)}
	run, err := readHead(dir)
	if err != nil {
		s.Problem = err.Error()
		s.Run.Name = s.Name
		return s
	}
	s.Run = run
	s.Result, err = readResult(filepath.Join(dir, resultFile))
	s.Finished = err == nil
	return s
}

// readHead reads the first line of the events.
func readHead(dir string) (report.Run, error) {
	file, err := os.Open(filepath.Join(dir, eventsFile))
	if err != nil {
		return report.Run{}, err
	}
	defer file.Close() //nolint:errcheck // only read
	return parseHead(bufio.NewReader(file))
}

// parseHead reads the run from the first line.
func parseHead(in *bufio.Reader) (report.Run, error) {
	line, err := in.ReadBytes('\n')
	if errors.Is(err, io.EOF) {
		return report.Run{}, fmt.Errorf("%s:1: the file ends within its first line", eventsFile)
	}
	if err != nil {
		return report.Run{}, err
	}
	var run report.Run
	if kind, err := lineType(line); err != nil || kind != runLine {
		return run, fmt.Errorf("%s:1: not the head of a run", eventsFile)
	}
	if err := json.Unmarshal(line, &run); err != nil {
		return run, fmt.Errorf("%s:1: %w", eventsFile, err)
	}
	return run, nil
}

// lineType returns what a line of events.ndjson is about.
func lineType(line []byte) (string, error) {
	var head struct {
		Type string `json:"type"`
	}
	err := json.Unmarshal(line, &head)
	return head.Type, err
}

// readResult reads from a result what a list shows.
func readResult(path string) (Result, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return Result{}, err
	}
	var in struct {
		Verdict  report.Verdict `json:"verdict"`
		ExitCode int            `json:"exit_code"`
		Reason   string         `json:"reason"`
		Seconds  float64        `json:"duration_seconds"`
		Counts   struct {
			Planned   int64 `json:"planned"`
			Succeeded int64 `json:"succeeded"`
			Failed    int64 `json:"failed"`
			Unsent    int64 `json:"unsent"`
			InFlight  int64 `json:"in_flight"`
		} `json:"counts"`
		Response struct {
			P99 float64 `json:"p99_seconds"`
		} `json:"response"`
	}
	if err := json.Unmarshal(data, &in); err != nil {
		return Result{}, err
	}
	return Result{
		in.Verdict, in.ExitCode, in.Reason, measure.Counts(in.Counts),
		measure.FromSeconds(in.Response.P99), measure.FromSeconds(in.Seconds),
	}, nil
}
