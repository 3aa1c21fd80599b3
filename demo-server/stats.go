package demoserver

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"

	dto "github.com/prometheus/client_model/go"

	"github.com/floodmark/floodmark/demo-server/capacity"
	"github.com/floodmark/floodmark/demo-server/node"
	"github.com/floodmark/floodmark/demo-server/observe"
	"github.com/floodmark/floodmark/demo-server/supervise"
)

// Stats is what a backend says about itself.
type Stats struct {
	Name     string
	Uptime   time.Duration
	Requests uint64         // answered or given up, at the door
	Faults   int            // that are on
	Machine  capacity.Stats // where there is one alone, as in a backend of one server
	Hosts    []HostStats    // callees before callers
	Past     []PastStats    // counts of lives that are over
}

// HostStats is how a host is; its Stats are nil while it is down or frozen.
type HostStats struct {
	supervise.Host
	*node.Stats
}

// PastStats is what a node had done when lives of it were over. Of a child process that
// was killed nobody knows.
type PastStats struct {
	Node     string         `json:"node"`
	Part     string         `json:"part"`
	Lives    int            `json:"lives"`
	Requests observe.Counts `json:"requests"`
}

// MarshalJSON writes the time in seconds, and each host as one object.
func (s Stats) MarshalJSON() ([]byte, error) {
	type machine struct {
		Machine *capacity.Stats `json:"machine,omitempty"`
	}
	hosts := make([]any, len(s.Hosts))
	for i, h := range s.Hosts {
		host := struct {
			supervise.Host
			machine
			Nodes []node.Figures `json:"nodes,omitempty"`
		}{Host: h.Host}
		if h.Stats != nil {
			host.Machine, host.Nodes = h.Machine, h.Nodes
		}
		hosts[i] = host
	}
	body := struct {
		Name     string  `json:"name"`
		Uptime   float64 `json:"uptime_seconds"`
		Requests uint64  `json:"requests"`
		Faults   int     `json:"faults"`
		machine
		Hosts []any       `json:"hosts"`
		Past  []PastStats `json:"past,omitempty"`
	}{Name: s.Name, Uptime: s.Uptime.Seconds(), Requests: s.Requests, Faults: s.Faults, Hosts: hosts, Past: s.Past}
	if s.Machine.Slots > 0 {
		body.Machine = &s.Machine
	}
	return json.Marshal(body)
}

// Stats returns what the backend has done so far.
func (s *Server) Stats() Stats {
	plan := s.Plan()
	stats := Stats{Name: plan.Name, Uptime: time.Since(s.began), Faults: s.troubles.count(), Past: s.past.list()}
	answers := s.ask()
	machines := 0
	for _, h := range s.hosts.List() {
		h.Admin = "" // which nobody else can use
		host := HostStats{Host: h}
		if answer, ok := answers[h.Name]; ok {
			host.Stats = &answer
			for _, n := range answer.Nodes {
				if n.Part == plan.Door() {
					stats.Requests += n.Requests.Total - n.Requests.InFlight
				}
			}
			if answer.Machine != nil {
				machines++
				stats.Machine = *answer.Machine
			}
		}
		stats.Hosts = append(stats.Hosts, host)
	}
	for _, p := range stats.Past {
		if p.Part == plan.Door() {
			stats.Requests += p.Requests.Total
		}
	}
	if machines != 1 {
		stats.Machine = capacity.Stats{}
	}
	return stats
}

// ask returns what each host says of itself, by name.
func (s *Server) ask() map[string]node.Stats {
	var mu sync.Mutex
	answers := map[string]node.Stats{}
	_ = s.each(tellTime, func(ctx context.Context, name string, host node.Client) error { // whoever does not answer is missing
		answer, err := host.Stats(ctx)
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		answers[name] = answer
		return nil
	})
	return answers
}

// hits returns how many requests each fault fell on.
func (s *Server) hits() map[int]uint64 {
	hits := map[int]uint64{}
	for _, host := range s.ask() {
		for _, n := range host.Nodes {
			for id, more := range n.Hits {
				hits[id] += more
			}
		}
	}
	return hits
}

// count returns how many faults are on.
func (t *troubles) count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.list)
}

// families returns the metrics of the backend as a whole.
func (s *Server) families() []*dto.MetricFamily {
	var families []*dto.MetricFamily
	for _, h := range s.hosts.List() {
		up := 0.0
		if h.State == supervise.Up {
			up = 1
		}
		host := observe.Label("host", h.Name)
		families = append(families,
			observe.Gauge("host_up", "1 while the host is up, 0 while it is down, frozen, or on its way.", up, host),
			observe.Counter("host_restarts_total", "Lives of the host after its first.", float64(h.Restarts), host))
	}
	return append(families, observe.Gauge("faults", "Faults that are on.", float64(s.troubles.count())))
}

// past keeps what nodes of this process had done when their lives were over.
type past struct {
	mu    sync.Mutex
	open  []*node.Running // lives that are not in nodes yet
	nodes []PastStats
	lives sync.WaitGroup
}

// keep waits for a life's end and keeps its counts.
func (p *past) keep(life *node.Running) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open = append(p.open, life)
	p.lives.Go(func() {
		<-life.Done()
		p.mu.Lock()
		defer p.mu.Unlock()
		p.gather()
	})
}

// gather keeps the counts of all lives that are over. mu is held.
func (p *past) gather() {
	p.open = slices.DeleteFunc(p.open, func(life *node.Running) bool {
		select {
		case <-life.Done():
		default:
			return false
		}
		for _, n := range life.Stats().Nodes {
			p.add(n)
		}
		return true
	})
}

// add adds the counts of a life. mu is held.
func (p *past) add(n node.Figures) {
	i := slices.IndexFunc(p.nodes, func(o PastStats) bool { return o.Node == n.Name })
	if i < 0 {
		i = len(p.nodes)
		p.nodes = append(p.nodes, PastStats{Node: n.Name, Part: n.Part})
	}
	p.nodes[i].Lives++
	p.nodes[i].Requests = p.nodes[i].Requests.Plus(n.Requests)
}

// list returns the counts of all lives that are over, be it since a moment.
func (p *past) list() []PastStats {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gather()
	return slices.Clone(p.nodes)
}

// wait returns when all lives are over.
func (p *past) wait() { p.lives.Wait() }
