package demoserver

import (
	"io"
	"time"

	"github.com/floodmark/floodmark/demo-server/capacity"
	"github.com/floodmark/floodmark/demo-server/faults"
	"github.com/floodmark/floodmark/demo-server/supervise"
	"github.com/floodmark/floodmark/demo-server/topology"
)

// A Config says what to start. Its zero value works: one server of four slots with ten
// milliseconds of exponential service time, which serves 400 requests a second, and a
// payment provider.
type Config struct {
	Addr      string // of the door; empty: 127.0.0.1:8080. Port 0 takes a free one
	AdminAddr string // of the admin API; empty: 127.0.0.1:8081
	// AdminToken is what the admin API asks for; empty: nothing, which is for loopback alone.
	AdminToken string

	// Plan says what the backend is made of; nil: one server, of the fields below.
	Plan *topology.Plan

	Slots int    // requests worked on at once; 0: 4
	Queue int    // requests that may wait, beyond which the answer is 503; 0: 200, negative: none
	Law   string // of service times, as capacity.ParseLaw reads it; empty: exponential:10ms
	Seed  uint64 // the same seed draws the same service times in the same order

	// Logs gets JSON lines: one for each request at each node where the plan has logs on,
	// and what happens to hosts. It must bear several writes at once; nil: nobody does.
	Logs io.Writer
	// Child starts a process of a plan whose runtime is process; see Child. Its Spec and
	// Stderr are the server's.
	Child supervise.Command
	// AcceptServiceTime lets a request's X-Service-Time header set its service time.
	AcceptServiceTime bool
}

// The payment provider on a good day. With checkout at 40% of all requests, an eighth
// of it declined makes 95% of the requests succeed, and an outage of 55% makes it 78%.
const (
	paymentLatency  = "fixed:2ms"
	paymentDeclines = faults.All / 8
)

// withDefaults fills in what is not set.
func (c Config) withDefaults() Config {
	if c.Addr == "" {
		c.Addr = "127.0.0.1:8080"
	}
	if c.AdminAddr == "" {
		c.AdminAddr = "127.0.0.1:8081"
	}
	if c.Slots == 0 {
		c.Slots = 4
	}
	if c.Queue == 0 {
		c.Queue = 200
	}
	c.Queue = max(c.Queue, 0)
	if c.Law == "" {
		c.Law = "exponential:10ms"
	}
	return c
}

// single returns the plan of one server.
func (c Config) single() (*topology.Plan, error) {
	law, err := capacity.ParseLaw(c.Law)
	if err != nil {
		return nil, err
	}
	latency, err := capacity.ParseLaw(paymentLatency)
	if err != nil {
		return nil, err
	}
	machine := topology.Machine{Name: topology.WebPart, Cores: c.Slots, Queue: c.Queue, Speed: 1}
	return &topology.Plan{
		Name:          "shop",
		Runtime:       topology.InProcess,
		Seed:          c.Seed,
		Machines:      []topology.Machine{machine},
		Web:           topology.Web{Machine: machine.Name, Replicas: 1, State: topology.Stateless, CPU: law},
		Payment:       &topology.Payment{Latency: latency, Declines: paymentDeclines},
		RestartAfter:  500 * time.Millisecond,
		Observability: &topology.Observability{Logs: c.Logs != nil},
	}, nil
}
