package main

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// wrkPeer returns wrk, which knows the closed model only.
func wrkPeer() peer {
	return peer{
		name: "wrk", program: "wrk", get: "apt-get install wrk", version: []string{"-v"}, read: readWrk,
		command: func(c cell, s *site, d time.Duration) []string {
			if c.open() {
				return nil
			}
			return []string{"-t1", fmt.Sprintf("-c%d", c.connections), "-d" + seconds(d), "--latency", s.url(c)}
		},
	}
}

// wrk2Peer returns wrk2, which plans arrivals. It spends its first ten seconds on
// finding out how fast it can look at its clock, and records nothing then.
func wrk2Peer(path string) peer {
	if path == "" {
		path = "wrk2"
	}
	const calibration = 10 * time.Second
	return peer{
		name: "wrk2", program: path, get: "build github.com/giltene/wrk2 and name it by --wrk2", version: []string{"-v"},
		read: readWrk, extra: calibration,
		command: func(c cell, s *site, d time.Duration) []string {
			if !c.open() {
				return nil
			}
			return []string{
				"-t1", fmt.Sprintf("-c%d", c.connections), "-d" + seconds(d+calibration), fmt.Sprintf("-R%d", c.rate), "--latency", s.url(c),
			}
		},
	}
}

// readWrk reads the text of wrk and of wrk2.
func readWrk(out []byte) (reported, error) {
	total := regexp.MustCompile(`(?m)^\s*(\d+) requests in ([0-9.]+)(m?s|m)`).FindSubmatch(out)
	if total == nil {
		return reported{}, errors.New("no line of requests")
	}
	if line := regexp.MustCompile(`(?m)^\s*(?:Non-2xx or 3xx responses|Socket errors):.*$`).Find(out); line != nil {
		return reported{}, errors.New(strings.TrimSpace(string(line)))
	}
	requests, _ := strconv.ParseFloat(string(total[1]), 64)
	r := unknown(requests)
	took, err := time.ParseDuration(string(total[2]) + string(total[3]))
	if err != nil {
		return r, err
	}
	r.seconds = took.Seconds()
	for percentile, into := range map[string]*float64{"50": &r.p50, "99": &r.p99} {
		line := regexp.MustCompile(`(?m)^\s*` + percentile + `(?:\.000)?%\s+([0-9.]+)(us|ms|s|m)\b`).FindSubmatch(out)
		if line == nil {
			continue
		}
		value, err := time.ParseDuration(string(line[1]) + string(line[2]))
		if err != nil {
			return r, err
		}
		*into = value.Seconds()
	}
	return r, nil
}
