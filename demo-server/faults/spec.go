package faults

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// maxTime bounds every time in a fault. A server's write timeout must exceed it.
const maxTime = 10 * time.Minute

// slowest is how long a slow body takes when nothing else is said.
const slowest = 2 * time.Second

// A Share is a part of all requests, in millionths: a whole number, so that spreading
// it over requests never rounds.
type Share uint32

// All is the share of every request.
const All Share = 1_000_000

// String returns the share in percent.
func (s Share) String() string {
	return strconv.FormatFloat(float64(s)/float64(All/100), 'f', -1, 64) + "%"
}

// A Spec says what goes wrong, where and for how long. Its zero value is no fault. It is
// for a handler, for a link or for a host: see ForHandler, ForLink and ForHost.
type Spec struct {
	Errors    Share         // answered 500 instead
	Reset     Share         // connection reset (TCP RST) instead
	Malformed Share         // answered with bytes that are not HTTP instead
	Delay     time.Duration // added before the request is handled; on a link, to each exchange
	Jitter    time.Duration // by how much Delay varies, either way, evenly
	Stall     time.Duration // nothing is answered until then; the fault ends with it
	SlowBody  time.Duration // the body trickles over this time

	Loss     Share // exchanges on a link that lose a packet, and wait until it is sent again
	Cut      bool  // connections are reset and new ones refused: out of reach, but alive
	Hang     bool  // nothing gets through, and nothing is refused: like a process in SIGSTOP
	Kill     bool  // dies at once
	Brownout Share // of its speed that a machine loses

	For      time.Duration // the fault ends by itself; 0: it stays
	Endpoint string        // only there, like "POST /api/orders"; empty: everywhere
	Part     string        // the part, as web, or the node, as web-2, that it is about
	Link     string        // the way from one to another, as web-database or web-2-database
}

// ForLink reports whether connections from one node to another suffer the fault.
func (s Spec) ForLink() bool { return s.Link != "" }

// ForHost reports whether a node's host carries the fault out: it kills, hangs, cuts off
// or slows the node, which needs no handler for that.
func (s Spec) ForHost() bool {
	return s.Link == "" && (s.Kill || s.Hang || s.Cut || s.Brownout > 0)
}

// ForHandler reports whether a node's handler carries the fault out, or, in what a server
// without nodes depends on, the part itself.
func (s Spec) ForHandler() bool { return s.Link == "" && !s.ForHost() }

// OnLink reports whether the fault is about the way from one node to another: its Link
// may name the node or the part at either end. A node that is not known is empty.
func (s Spec) OnLink(fromPart, fromNode, toPart, toNode string) bool {
	for _, from := range [...]string{fromPart, fromNode} {
		to, ok := strings.CutPrefix(s.Link, from)
		if ok && from != "" && (to == "-"+toPart || (toNode != "" && to == "-"+toNode)) {
			return true
		}
	}
	return false
}

// Parse reads a fault from words such as "errors=20%" and "for=20s", one setting each.
// A share without a value is 100%, slowbody without one takes two seconds, and latency is
// delay by another name.
func Parse(words []string) (Spec, error) {
	var spec Spec
	seen := make(map[string]bool)
	for _, word := range words {
		name, value, given := strings.Cut(word, "=")
		if name == "latency" {
			name = "delay"
		}
		if seen[name] {
			return Spec{}, fmt.Errorf("%s is given twice", name)
		}
		seen[name] = true
		if given && isFlag(name) {
			return Spec{}, fmt.Errorf("%s takes no value", name)
		}
		if err := spec.set(name, strings.Trim(value, `"`)); err != nil {
			return Spec{}, err
		}
	}
	if err := spec.Validate(); err != nil {
		return Spec{}, err
	}
	return spec, nil
}

// ParseLine reads a fault from one line, in which a value with spaces stands in double
// quotes: errors=20% endpoint="POST /api/orders".
func ParseLine(line string) (Spec, error) {
	quoted := false
	words := strings.FieldsFunc(line, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return !quoted && (r == ' ' || r == '\t')
	})
	if quoted {
		return Spec{}, fmt.Errorf("%s: a quote is not closed", line)
	}
	return Parse(words)
}

// Lifetime is how long the fault lasts; 0 means until it is removed.
func (s Spec) Lifetime() time.Duration { return max(s.For, s.Stall) }

// String returns the fault as ParseLine reads it.
func (s Spec) String() string {
	var words []string
	for _, word := range s.words() {
		if word.on {
			words = append(words, word.text())
		}
	}
	return strings.Join(words, " ")
}

// A word is one setting; without a value it is a flag.
type word struct {
	name, value string
	on          bool
}

func (w word) text() string {
	if w.value == "" {
		return w.name
	}
	return w.name + "=" + w.value
}

// words returns all settings, those that say what goes wrong first.
func (s Spec) words() []word {
	delay := "delay"
	if s.Link != "" {
		delay = "latency" // as of links one says
	}
	return []word{
		{"errors", s.Errors.String(), s.Errors > 0},
		{"reset", s.Reset.String(), s.Reset > 0},
		{"malformed", s.Malformed.String(), s.Malformed > 0},
		{delay, s.Delay.String(), s.Delay > 0},
		{"jitter", s.Jitter.String(), s.Jitter > 0},
		{"stall", s.Stall.String(), s.Stall > 0},
		{"slowbody", s.SlowBody.String(), s.SlowBody > 0},
		{"loss", s.Loss.String(), s.Loss > 0},
		{"cut", "", s.Cut},
		{"hang", "", s.Hang},
		{"kill", "", s.Kill},
		{"brownout", s.Brownout.String(), s.Brownout > 0},
		{"for", s.For.String(), s.For > 0},
		{"endpoint", `"` + s.Endpoint + `"`, s.Endpoint != ""},
		{"part", s.Part, s.Part != ""},
		{"link", s.Link, s.Link != ""},
	}
}
