package main

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// h2loadPeer returns nghttp2's h2load, speaking HTTP/1.1.
func h2loadPeer() peer {
	return peer{
		name: "h2load", program: "h2load", get: "apt-get install nghttp2-client", version: []string{"--version"}, read: readH2load,
		command: func(c cell, s *site, d time.Duration) []string {
			if c.open() {
				return nil
			}
			return []string{"--h1", "-t1", fmt.Sprintf("-c%d", c.connections), "-D" + fmt.Sprintf("%.0f", d.Seconds()), s.url(c)}
		},
	}
}

// readH2load reads its text, whose times are but a mean and a deviation.
func readH2load(out []byte) (reported, error) {
	line := regexp.MustCompile(`(?m)^requests: \d+ total, \d+ started, (\d+) done, (\d+) succeeded`).FindSubmatch(out)
	took := regexp.MustCompile(`(?m)^finished in ([0-9.]+(?:us|ms|s|m)),`).FindSubmatch(out)
	if line == nil || took == nil {
		return reported{}, errors.New("no line of requests")
	}
	requests, _ := strconv.ParseFloat(string(line[2]), 64)
	r := unknown(requests)
	length, err := time.ParseDuration(string(took[1]))
	r.seconds = length.Seconds()
	return r, err
}
