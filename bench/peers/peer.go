package main

import (
	"fmt"
	"math"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// A peer is one way to make a load.
type peer struct {
	name    string
	program string // its path, or the name to look for
	get     string // how to get it
	version []string

	// command returns the arguments for a cell, nil if it cannot do that.
	command func(c cell, s *site, d time.Duration) []string
	// report, if not nil, returns the arguments of the same program again, which is
	// given the output of the first.
	report func() []string
	apart  bool // the report runs afterwards, uncounted
	// read takes the output apart.
	read     func(out []byte) (reported, error)
	env      []string
	extra    time.Duration // how much longer than others it must run
	verdicts []int         // exit codes of runs that were made, and judged
}

// reported is what a tool says of its own run. What it does not say is NaN.
type reported struct {
	requests float64
	seconds  float64 // 0 if it does not say
	p50, p99 float64 // in seconds
	lag50    float64
	lag99    float64
	invalid  bool // it does not trust its own numbers
}

// unknown returns a report in which nothing is known but the requests.
func unknown(requests float64) reported {
	nan := math.NaN()
	return reported{requests: requests, p50: nan, p99: nan, lag50: nan, lag99: nan}
}

// known returns a value that may be missing, then NaN.
func known(value *float64) float64 {
	if value == nil {
		return math.NaN()
	}
	return *value
}

// scaled returns a value of a table in another unit, NaN if the table has none.
func scaled(table map[string]float64, key string, unit float64) float64 {
	if value, ok := table[key]; ok {
		return value * unit
	}
	return math.NaN()
}

// can reports whether the peer can make a cell's load.
func (p *peer) can(c cell) bool { return p.command(c, &site{}, time.Second) != nil }

// length returns how long it runs.
func (p *peer) length(d time.Duration) time.Duration { return d + p.extra }

// allPeers lists floodmark and everybody else.
func allPeers(o *options) []peer {
	precise, economical := floodmarkPeers(o.floodmark)
	return []peer{
		precise, economical, wrkPeer(), wrk2Peer(o.wrk2), h2loadPeer(), abPeer(), bombardierPeer(), heyPeer(),
		vegetaPeer(true), vegetaPeer(false), k6Peer(),
	}
}

// chosenPeers returns the peers that are wanted and there, and a line for each that
// is missing.
func chosenPeers(o *options, s *site) (peers []peer, missing []string) {
	for _, p := range allPeers(o) {
		ours := strings.HasPrefix(p.name, "floodmark")
		if !ours && o.peers != "" && !listed(o.peers, p.name) {
			continue
		}
		path, err := exec.LookPath(p.program)
		if err != nil {
			missing = append(missing, fmt.Sprintf("%s is not here: %s", p.name, p.get))
			continue
		}
		p.program = path
		p.env = append(p.env, "SSL_CERT_FILE="+s.certificate)
		peers = append(peers, p)
	}
	return peers, missing
}

// knownPeers complains about names in a list that nobody has.
func knownPeers(list string) error {
	if list == "" {
		return nil
	}
	for one := range strings.SplitSeq(list, ",") {
		if !slices.ContainsFunc(allPeers(&options{}), func(p peer) bool { return listed(one, p.name) }) {
			return fmt.Errorf("--peers: there is no peer %q", one)
		}
	}
	return nil
}

// listed reports whether a name, or what it begins with, is in a list.
func listed(list, name string) bool {
	for one := range strings.SplitSeq(list, ",") {
		if one == name || strings.HasPrefix(name, one+" ") {
			return true
		}
	}
	return false
}

// seconds writes a duration for tools that take whole seconds with a unit.
func seconds(d time.Duration) string { return fmt.Sprintf("%.0fs", d.Seconds()) }
