package journey

import (
	"encoding/json"
	"maps"
	"slices"
)

// Stats is what a backend says about itself: GET /stats of its admin API.
type Stats struct {
	Name   string  `json:"name"`
	Uptime float64 `json:"uptime_seconds"`
	Hosts  []Host  `json:"hosts"`
	Past   []Past  `json:"past"`
}

// A Past is what a node had done in lives that are over.
type Past struct {
	Part     string   `json:"part"`
	Requests Requests `json:"requests"`
}

// Requests are those that a node has had.
type Requests struct {
	Total uint64 `json:"total"`
}

// A Host is what starts and dies as one.
type Host struct {
	Name     string   `json:"name"`
	State    string   `json:"state"`
	Restarts int      `json:"restarts"`
	Machine  *Machine `json:"machine"`
	Nodes    []Node   `json:"nodes"`
}

// A Machine is what a modelled machine says about itself.
type Machine struct {
	Admitted uint64  `json:"admitted"`
	Refused  uint64  `json:"refused"`
	Worked   float64 `json:"worked_seconds"`
	Lag      Lag     `json:"model_lag"`
}

// A Lag is how late a machine's answers were, all those of its life.
type Lag struct {
	Count uint64  `json:"count"`
	Mean  float64 `json:"mean_seconds"`
	P99   float64 `json:"p99_seconds"`
}

// Service returns the mean service time in seconds; 0 for a machine that did no work.
func (m Machine) Service() float64 {
	if m.Admitted == 0 {
		return 0
	}
	return m.Worked / float64(m.Admitted)
}

// A Node is one server.
type Node struct {
	Name     string          `json:"name"`
	Part     string          `json:"part"`
	Requests Requests        `json:"requests"`
	Detail   json.RawMessage `json:"detail"` // the Stats of its room
}

// Nodes returns all nodes of a part.
func (s Stats) Nodes(part string) []Node {
	var nodes []Node
	for _, h := range s.Hosts {
		for _, n := range h.Nodes {
			if n.Part == part {
				nodes = append(nodes, n)
			}
		}
	}
	return nodes
}

// Requests returns how many requests all nodes of a part have had, in all their lives.
func (s Stats) Requests(part string) float64 {
	var sum uint64
	for _, n := range s.Nodes(part) {
		sum += n.Requests.Total
	}
	for _, p := range s.Past {
		if p.Part == part {
			sum += p.Requests.Total
		}
	}
	return float64(sum)
}

// Sum adds up a number in the details of all nodes of a part. The path leads to it: the
// names of objects, each of them anywhere within the one before, and last its own.
func (s Stats) Sum(part string, path ...string) float64 {
	var sum float64
	for _, n := range s.Nodes(part) {
		v, _ := n.Number(path...)
		sum += v
	}
	return sum
}

// Number returns a number in the details of a node, by its path as for Sum.
func (n Node) Number(path ...string) (float64, bool) {
	var detail any
	if len(n.Detail) == 0 || json.Unmarshal(n.Detail, &detail) != nil {
		return 0, false
	}
	v, ok := find(detail, path)
	number, is := v.(float64)
	return number, ok && is
}

// Text returns a text in the details of a node, by its path.
func (n Node) Text(path ...string) string {
	var detail any
	if len(n.Detail) == 0 || json.Unmarshal(n.Detail, &detail) != nil {
		return ""
	}
	v, _ := find(detail, path)
	text, _ := v.(string)
	return text
}

// find follows a path into a value.
func find(v any, path []string) (any, bool) {
	if len(path) == 0 {
		return v, true
	}
	for _, inner := range named(v, path[0]) {
		return find(inner, path[1:])
	}
	for _, inner := range within(v) {
		if found, ok := find(inner, path); ok {
			return found, true
		}
	}
	return nil, false
}

// named returns what an object has under a key, or what an array has of that name; none if
// there is no such thing.
func named(v any, name string) []any {
	switch v := v.(type) {
	case map[string]any:
		if inner, ok := v[name]; ok {
			return []any{inner}
		}
	case []any:
		for _, inner := range v {
			if object, is := inner.(map[string]any); is && object["name"] == name {
				return []any{inner}
			}
		}
	}
	return nil
}

// within returns what is in an object or an array, in an order that is always the same.
func within(v any) []any {
	switch v := v.(type) {
	case map[string]any:
		var all []any
		for _, key := range slices.Sorted(maps.Keys(v)) {
			all = append(all, v[key])
		}
		return all
	case []any:
		return v
	}
	return nil
}
