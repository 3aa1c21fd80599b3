//go:build integration

package main

import (
	"encoding/json"
	"testing"
)

// measured is the part of result.json that these tests look at.
type measured struct {
	Verdict   string             `json:"verdict"`
	ExitCode  int                `json:"exit_code"`
	Seconds   float64            `json:"duration_seconds"`
	Counts    accounted          `json:"counts"`
	Response  quantiles          `json:"response"`
	Service   quantiles          `json:"service"`
	Lag       quantiles          `json:"lag"`
	Outcomes  map[string]int64   `json:"outcomes"`
	Statuses  map[string]int64   `json:"statuses"`
	Endpoints []measuredEndpoint `json:"endpoints"`
	Backends  []struct {
		Connections int64 `json:"connections"`
	} `json:"backends"`
	Lost      int      `json:"lost_intervals"`
	Warnings  []string `json:"warnings"`
	Generator struct {
		Valid bool `json:"valid"`
	} `json:"generator"`
}

type measuredEndpoint struct {
	Name     string           `json:"name"`
	Counts   accounted        `json:"counts"`
	Outcomes map[string]int64 `json:"outcomes"`
	Bytes    struct {
		In  int64 `json:"in"`
		Out int64 `json:"out"`
	} `json:"bytes"`
}

// quantiles are in seconds.
type quantiles struct {
	Count int64   `json:"count"`
	P50   float64 `json:"p50_seconds"`
	P90   float64 `json:"p90_seconds"`
	P99   float64 `json:"p99_seconds"`
	P999  float64 `json:"p999_seconds"`
	Max   float64 `json:"max_seconds"`
}

// result reads the result of a run, whose exit code it must be.
func (f finished) result(t *testing.T) measured {
	t.Helper()
	m := f.summary(t)
	if m.ExitCode != f.code {
		t.Errorf("exit code: got %d, want %d as the result says", f.code, m.ExitCode)
	}
	return m
}

// summary reads the JSON that a command wrote to stdout and checks what holds for
// every result.
func (f finished) summary(t *testing.T) measured {
	t.Helper()
	var m measured
	if err := json.Unmarshal([]byte(f.stdout), &m); err != nil {
		t.Fatalf("stdout is no result: %v\nexit code %d\nstdout: %s\nstderr: %s", err, f.code, f.stdout, f.stderr)
	}
	c := m.Counts
	if c.Planned != c.Succeeded+c.Failed+c.Unsent+c.InFlight {
		t.Errorf("not every planned request is accounted for: %+v", c)
	}
	return m
}
