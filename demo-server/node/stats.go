package node

import (
	dto "github.com/prometheus/client_model/go"

	"github.com/floodmark/floodmark/demo-server/capacity"
	"github.com/floodmark/floodmark/demo-server/observe"
)

// Stats is what a host says about itself.
type Stats struct {
	Name    string          `json:"name"`
	Machine *capacity.Stats `json:"machine,omitempty"`
	Nodes   []Figures       `json:"nodes"`
}

// Figures is what a node says about itself, since it was started.
type Figures struct {
	Name     string         `json:"name"`
	Part     string         `json:"part"`
	Addr     string         `json:"addr"`
	Requests observe.Counts `json:"requests"`
	Hits     map[int]uint64 `json:"hits,omitempty"`   // of the faults that are on, by their owner's ID
	Detail   any            `json:"detail,omitempty"` // the Stats of its room
}

// Stats returns how the host is.
func (r *Running) Stats() Stats {
	stats := Stats{Name: r.spec.Host.Name}
	if r.machine != nil {
		machine := r.machine.Stats()
		stats.Machine = &machine
	}
	for _, s := range r.served {
		n := Figures{
			Name: s.node.Name, Part: s.node.Part, Addr: s.addr,
			Requests: s.observer.Requests(),
			Hits:     r.hits(s),
		}
		if s.room.detail != nil {
			n.Detail = s.room.detail()
		}
		stats.Nodes = append(stats.Nodes, n)
	}
	return stats
}

// families returns the host's metrics.
func (r *Running) families() []*dto.MetricFamily {
	var pages [][]*dto.MetricFamily
	for _, s := range r.served {
		pages = append(pages, s.observer.Families())
		if s.room.detail != nil {
			pages = append(pages, detailFamilies(s.node.Name, s.room.detail()))
		}
	}
	if r.machine != nil {
		pages = append(pages, machineFamilies(r.spec.Host.Name, r.machine.Stats()))
	}
	return observe.Merge(pages...)
}
