package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// k6Peer returns k6 with a script of one request, bodies discarded, and the same
// objectives as floodmark has.
func k6Peer() peer {
	return peer{
		name: "k6", program: "k6", get: "go install go.k6.io/k6@latest", version: []string{"version"}, read: readK6,
		env: []string{"K6_NO_USAGE_REPORT=true"}, verdicts: []int{99},
		command: func(c cell, s *site, d time.Duration) []string {
			return []string{
				"run", "--quiet", "--no-color", "--summary-trend-stats", "med,p(99)", "--summary-export", "/dev/stdout",
				"--insecure-skip-tls-verify", "--log-output", "none", s.script(c, d),
			}
		},
	}
}

// k6Script returns the script for a cell.
func k6Script(c cell, url string, d time.Duration) string {
	load := fmt.Sprintf(`executor: "constant-vus", vus: %d, duration: "%v"`, c.connections, d)
	if c.open() {
		load = fmt.Sprintf(`executor: "constant-arrival-rate", rate: %d, timeUnit: "1s", duration: "%v", preAllocatedVUs: %d, maxVUs: 2000`,
			c.rate, d, openConnections)
	}
	return fmt.Sprintf(`import http from "k6/http";
export const options = { discardResponseBodies: true, thresholds: { http_req_failed: ["rate<0.01"], http_req_duration: ["p(99)<1000"] }, scenarios: { load: { %s, gracefulStop: "1s" } } };
export default function () { http.get(%q); }
`, load, url)
}

// readK6 reads the summary, which stands after whatever else it prints. Times are
// in milliseconds.
func readK6(out []byte) (reported, error) {
	begin := -1
	for i := range out {
		if out[i] == '{' && (i == 0 || out[i-1] == '\n') {
			begin = i
			break
		}
	}
	if begin < 0 {
		return reported{}, errors.New("no summary")
	}
	var in struct {
		Metrics struct {
			Requests struct {
				Count float64 `json:"count"`
				Rate  float64 `json:"rate"`
			} `json:"http_reqs"`
			Duration struct {
				P50 *float64 `json:"med"`
				P99 *float64 `json:"p(99)"`
			} `json:"http_req_duration"`
			Failed struct {
				Share float64 `json:"value"`
			} `json:"http_req_failed"`
		} `json:"metrics"`
	}
	decoder := json.NewDecoder(bytes.NewReader(out[begin:]))
	if err := decoder.Decode(&in); err != nil {
		return reported{}, err
	}
	if in.Metrics.Failed.Share > 0 {
		return reported{}, fmt.Errorf("%.1f%% of the requests failed", 100*in.Metrics.Failed.Share)
	}
	r := unknown(in.Metrics.Requests.Count)
	if in.Metrics.Requests.Rate > 0 {
		r.seconds = r.requests / in.Metrics.Requests.Rate
	}
	r.p50, r.p99 = 1e-3*known(in.Metrics.Duration.P50), 1e-3*known(in.Metrics.Duration.P99)
	return r, nil
}
