package main

import (
	"encoding/json"
	"fmt"
	"time"
)

// warmUp is how long the open model runs before floodmark measures: its CPU time and
// its requests count, its latencies do not. wrk2 takes five times as long.
const warmUp = 2 * time.Second

// floodmarkPeers returns floodmark with its two kinds of pacing. Objectives are
// judged and the run is saved, as users do.
func floodmarkPeers(path string) (precise, economical peer) {
	precise = peer{
		name: "floodmark", program: path, get: "it is built from this tree", version: []string{"version"},
		read: readFloodmark, verdicts: []int{1, 5},
		command: func(c cell, s *site, d time.Duration) []string {
			args := []string{"run", s.url(c), "-d", d.String(), "--slo", "success >= 99%", "--slo", "p99 < 1s", "--runs", s.runs, "--json", "--ui", "none"}
			if c.open() {
				return append(args, "-r", fmt.Sprintf("%d/s", c.rate), "--warmup", warmUp.String())
			}
			return append(args, "-u", fmt.Sprint(c.connections))
		},
	}
	economical = precise
	economical.name = "floodmark economical"
	economical.command = func(c cell, s *site, d time.Duration) []string {
		if !c.open() {
			return nil
		}
		return append(precise.command(c, s, d), "--pacing", "economical")
	}
	return precise, economical
}

// readFloodmark reads result.json.
func readFloodmark(out []byte) (reported, error) {
	type clock struct {
		P50 *float64 `json:"p50_seconds"`
		P99 *float64 `json:"p99_seconds"`
	}
	var in struct {
		Seconds float64 `json:"duration_seconds"`
		Counts  struct {
			Succeeded float64 `json:"succeeded"`
			Failed    float64 `json:"failed"`
		} `json:"counts"`
		WarmUp struct {
			Succeeded float64 `json:"succeeded"`
		} `json:"warmup"`
		Response  clock `json:"response"`
		Lag       clock `json:"lag"`
		Generator struct {
			Valid bool `json:"valid"`
		} `json:"generator"`
	}
	if err := json.Unmarshal(out, &in); err != nil {
		return reported{}, err
	}
	if in.Counts.Failed > 0 {
		return reported{}, fmt.Errorf("%.0f requests failed", in.Counts.Failed)
	}
	return reported{
		requests: in.Counts.Succeeded + in.WarmUp.Succeeded, seconds: in.Seconds, p50: known(in.Response.P50), p99: known(in.Response.P99),
		lag50: known(in.Lag.P50), lag99: known(in.Lag.P99), invalid: !in.Generator.Valid,
	}, nil
}
