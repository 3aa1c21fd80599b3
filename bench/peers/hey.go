package main

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// heyPeer returns hey, whose rate is one of each worker, and no plan.
func heyPeer() peer {
	return peer{
		name: "hey", program: "hey", get: "go install github.com/rakyll/hey@latest", version: []string{"-h"}, read: readHey,
		command: func(c cell, s *site, d time.Duration) []string {
			if c.open() {
				return nil
			}
			return []string{"-z", seconds(d), "-c", fmt.Sprint(c.connections), s.url(c)}
		},
	}
}

// readHey reads its text.
func readHey(out []byte) (reported, error) {
	line := regexp.MustCompile(`(?m)^\s*\[200\]\s+(\d+) responses`).FindSubmatch(out)
	total := regexp.MustCompile(`(?m)^\s*Total:\s+([0-9.]+) secs`).FindSubmatch(out)
	if line == nil || total == nil {
		return reported{}, errors.New("no line of responses")
	}
	requests, _ := strconv.ParseFloat(string(line[1]), 64)
	r := unknown(requests)
	var err error
	r.seconds, err = strconv.ParseFloat(string(total[1]), 64)
	for percentile, into := range map[string]*float64{"50": &r.p50, "99": &r.p99} {
		if at := regexp.MustCompile(`(?m)^\s*` + percentile + `%+ in ([0-9.]+) secs`).FindSubmatch(out); at != nil {
			*into, _ = strconv.ParseFloat(string(at[1]), 64)
		}
	}
	return r, err
}
