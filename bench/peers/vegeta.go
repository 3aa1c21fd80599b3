package main

import (
	"encoding/json"
	"fmt"
	"time"
)

// vegetaPeer returns vegeta: its attack and the report of it, which read each other
// through a pipe, or the attack with the cheapest report there is, whose CPU is not
// counted.
func vegetaPeer(whole bool) peer {
	p := peer{
		name: "vegeta", program: "vegeta", get: "go install github.com/tsenart/vegeta/v12@latest", version: []string{"-version"},
		read:   readVegeta,
		report: func() []string { return []string{"report", "-type=json"} },
		command: func(c cell, s *site, d time.Duration) []string {
			args := []string{"attack", "-duration", d.String(), "-targets", s.targets(c), "-max-body", "0", "-insecure", "-http2=false"}
			if c.open() {
				return append(args, "-rate", fmt.Sprintf("%d/1s", c.rate))
			}
			return append(args, "-rate", "0", "-max-workers", fmt.Sprint(c.connections), "-workers", fmt.Sprint(c.connections))
		},
	}
	if !whole {
		p.name, p.apart = "vegeta attack", true
	}
	return p
}

// readVegeta reads the JSON of its report, whose latencies are in nanoseconds.
func readVegeta(out []byte) (reported, error) {
	var in struct {
		Requests  float64            `json:"requests"`
		Success   float64            `json:"success"`
		Duration  float64            `json:"duration"`
		Latencies map[string]float64 `json:"latencies"`
	}
	if err := json.Unmarshal(out, &in); err != nil {
		return reported{}, err
	}
	if in.Success < 1 {
		return reported{}, fmt.Errorf("%.1f%% of the requests failed", 100*(1-in.Success))
	}
	r := unknown(in.Requests)
	r.seconds = in.Duration / 1e9
	r.p50, r.p99 = scaled(in.Latencies, "50th", 1e-9), scaled(in.Latencies, "99th", 1e-9)
	return r, nil
}
