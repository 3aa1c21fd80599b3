package main

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// abPeer returns Apache's ab.
func abPeer() peer {
	return peer{
		name: "ab", program: "ab", get: "apt-get install apache2-utils", version: []string{"-V"}, read: readAb,
		command: func(c cell, s *site, d time.Duration) []string {
			if c.open() {
				return nil
			}
			return []string{
				"-k", "-q", "-c", fmt.Sprint(c.connections), "-t", fmt.Sprintf("%.0f", d.Seconds()), "-n", "50000000", s.url(c),
			}
		},
	}
}

// readAb reads its text. Its percentiles are whole milliseconds.
func readAb(out []byte) (reported, error) {
	line := regexp.MustCompile(`(?m)^Complete requests:\s+(\d+)`).FindSubmatch(out)
	took := regexp.MustCompile(`(?m)^Time taken for tests:\s+([0-9.]+) seconds`).FindSubmatch(out)
	if line == nil || took == nil {
		return reported{}, errors.New("no line of requests")
	}
	if line := regexp.MustCompile(`(?m)^(?:Failed requests|Non-2xx responses):\s+[1-9].*$`).Find(out); line != nil {
		return reported{}, errors.New(string(line))
	}
	requests, _ := strconv.ParseFloat(string(line[1]), 64)
	r := unknown(requests)
	var err error
	r.seconds, err = strconv.ParseFloat(string(took[1]), 64)
	for percentile, into := range map[string]*float64{"50": &r.p50, "99": &r.p99} {
		if at := regexp.MustCompile(`(?m)^\s+` + percentile + `%\s+(\d+)$`).FindSubmatch(out); at != nil {
			ms, _ := strconv.ParseFloat(string(at[1]), 64)
			*into = ms / 1000
		}
	}
	return r, err
}
