package topology

import (
	"math"
	"slices"
	"strings"
	"time"
)

// page is the request that ceilings are reckoned for.
const page = "GET /api/products/{id}"

// A Ceiling is what the machines of one name can do at most, as far as the plan says: cores,
// speed, contention, and the mean work of a product page. Caches that hit, and failures,
// are left out.
type Ceiling struct {
	Machine  string
	Machines int
	Work     []Work
	Rate     float64 // product pages a second of the whole backend, with these machines all busy
}

// Work is what one product page costs in a part.
type Work struct {
	Part string
	Mean time.Duration
}

// Ceilings returns those of all machines on which there is work, in the file's order.
func (p *Plan) Ceilings() []Ceiling {
	var ceilings []Ceiling
	hosts := p.Hosts()
	for _, m := range p.Machines {
		var own []Host
		for _, host := range hosts {
			if host.Machine != nil && host.Machine.Name == m.Name {
				own = append(own, host)
			}
		}
		if c := p.ceiling(m.Name, own); len(c.Work) > 0 {
			ceilings = append(ceilings, c)
		}
	}
	return ceilings
}

func (p *Plan) ceiling(name string, hosts []Host) Ceiling {
	c := Ceiling{Machine: name, Machines: len(hosts), Rate: math.Inf(1)}
	sum := 0.0 // what they do together when one part alone is on them, which shares as it can
	for _, host := range hosts {
		demand := 0.0 // seconds of this host for a page of the whole backend
		for _, node := range host.Nodes {
			mean := p.pageWork(node.Part)
			if mean <= 0 {
				continue
			}
			demand += mean.Seconds() / float64(len(p.Nodes(node.Part)))
			if work := (Work{node.Part, mean}); !slices.Contains(c.Work, work) {
				c.Work = append(c.Work, work)
			}
			sum += host.Machine.power() / mean.Seconds()
		}
		if demand > 0 {
			c.Rate = min(c.Rate, host.Machine.power()/demand)
		}
	}
	if len(c.Work) == 1 {
		c.Rate = sum
	}
	slices.SortStableFunc(c.Work, func(a, b Work) int { return strings.Compare(b.Part, a.Part) }) // web first
	return c
}

// power is how much a machine does in a second, in seconds of one core: by the Universal
// Scalability Law of its cores.
func (m *Machine) power() float64 {
	n := float64(m.Cores)
	return m.Speed * n / (1 + m.Sigma*(n-1) + m.Kappa*n*(n-1))
}

// pageWork returns what a product page costs in a part on average, with nothing cached.
func (p *Plan) pageWork(part string) time.Duration {
	switch part {
	case WebPart:
		for _, e := range p.Web.Endpoints {
			if e.Pattern == page {
				return e.CPU.Mean()
			}
		}
		return p.Web.CPU.Mean()
	case DatabasePart:
		return p.Database.Read.Mean()
	case CachePart:
		return p.Cache.Work.Mean()
	}
	return 0
}
