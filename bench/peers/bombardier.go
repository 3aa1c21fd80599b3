package main

import (
	"encoding/json"
	"fmt"
	"time"
)

// bombardierPeer returns bombardier, which uses fasthttp. Its rate limit is not a
// plan of arrivals, so that it is measured in the closed model only.
func bombardierPeer() peer {
	return peer{
		name: "bombardier", program: "bombardier", get: "go install github.com/codesenberg/bombardier@latest", version: []string{"--version"},
		read: readBombardier,
		command: func(c cell, s *site, d time.Duration) []string {
			if c.open() {
				return nil
			}
			return []string{"-c", fmt.Sprint(c.connections), "-d", seconds(d), "-k", "-l", "-p", "r", "-o", "json", s.url(c)}
		},
	}
}

// readBombardier reads its JSON, whose latencies are in microseconds.
func readBombardier(out []byte) (reported, error) {
	var in struct {
		Result struct {
			Seconds float64 `json:"timeTakenSeconds"`
			Good    float64 `json:"req2xx"`
			Latency struct {
				Percentiles map[string]float64 `json:"percentiles"`
			} `json:"latency"`
		} `json:"result"`
	}
	if err := json.Unmarshal(out, &in); err != nil {
		return reported{}, err
	}
	r := unknown(in.Result.Good)
	r.seconds = in.Result.Seconds
	r.p50, r.p99 = scaled(in.Result.Latency.Percentiles, "50", 1e-6), scaled(in.Result.Latency.Percentiles, "99", 1e-6)
	return r, nil
}
