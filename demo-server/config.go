package demoserver

import (
	"log/slog"
	"time"

	"github.com/floodmark/floodmark/demo-server/capacity"
	"github.com/floodmark/floodmark/demo-server/faults"
	"github.com/floodmark/floodmark/demo-server/goods"
	"github.com/floodmark/floodmark/demo-server/observe"
	"github.com/floodmark/floodmark/demo-server/shop"
	"github.com/floodmark/floodmark/demo-server/thirdparty"
	"github.com/floodmark/floodmark/sleeper"
)

// A Config says what to start. Its zero value works: four slots with ten milliseconds
// of exponential service time serve 400 requests a second.
type Config struct {
	Addr      string // of the shop; empty: 127.0.0.1:8080. Port 0 takes a free one
	AdminAddr string // of the admin API; empty: 127.0.0.1:8081

	Slots int    // requests worked on at once; 0: 4
	Queue int    // requests that may wait, beyond which the answer is 503; 0: 200, negative: none
	Law   string // of service times, as capacity.ParseLaw reads it; empty: exponential:10ms
	Seed  uint64 // the same seed draws the same service times in the same order

	// Log gets a line for each request, see observe.Observer; nil discards.
	Log *slog.Logger
	// AcceptServiceTime lets a request's X-Service-Time header set its service time.
	AcceptServiceTime bool
}

// The payment provider on a good day. With checkout at 40% of all requests, an eighth
// of it declined makes 95% of the requests succeed, and an outage of 55% makes it 78%.
const (
	paymentLatency  = 2 * time.Millisecond
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
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

// parts are what a server is made of.
type parts struct {
	machine *capacity.Machine
	faults  *faults.Set
	shop    *shop.Shop
	watch   *observe.Observer
}

// assemble makes the parts and joins them.
func assemble(config Config, s *sleeper.Sleeper) (parts, error) {
	law, err := capacity.ParseLaw(config.Law)
	if err != nil {
		return parts{}, err
	}
	machine, err := capacity.NewMachine(config.Slots, config.Queue, s)
	if err != nil {
		return parts{}, err
	}
	set := &faults.Set{Parts: []string{thirdparty.PaymentPart}, Freeze: machine.Freeze}
	provider := &thirdparty.Payment{Latency: paymentLatency, Declines: paymentDeclines, Faults: set, Sleeper: s}
	watch := &observe.Observer{Node: "web", Part: "web", Log: config.Log}
	watch.Expect(append(shop.Patterns(), "GET /healthz", "GET /metrics")...)
	return parts{machine: machine, faults: set, watch: watch, shop: &shop.Shop{
		Machine:           machine,
		Source:            capacity.NewSource(law, config.Seed),
		Payment:           shop.DirectPayment{Provider: provider},
		Store:             goods.NewMemory(),
		Log:               config.Log,
		AcceptServiceTime: config.AcceptServiceTime,
		Middleware:        set.Handler,
	}}, nil
}
