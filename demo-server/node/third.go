package node

import (
	"context"

	"github.com/floodmark/floodmark/demo-server/capacity"
	"github.com/floodmark/floodmark/demo-server/thirdparty"
	"github.com/floodmark/floodmark/demo-server/topology"
)

// payment builds the payment provider.
func (r *Running) payment(s *served) (room, error) {
	plan := r.spec.Plan.Payment
	node, err := thirdparty.NewPaymentNode(thirdparty.PaymentConfig{
		Payment: &thirdparty.Payment{
			Source:   capacity.NewSource(plan.Latency, r.seed(s.node.Name)),
			Declines: plan.Declines,
			Faults:   s.faults,
			Sleeper:  r.sleeper,
		},
		Capture: plan.Capture,
		Log:     r.log,
	})
	if err != nil {
		return room{}, err
	}
	return room{
		handler: node.Handler(),
		outside: true,
		detail:  func() any { return node.Stats() },
		drained: func(context.Context) error { return node.Close() },
	}, nil
}

// weather builds the weather service.
func (r *Running) weather(s *served) (room, error) {
	plan := r.spec.Plan.Weather
	service, err := thirdparty.NewWeather(thirdparty.WeatherConfig{
		Source:  capacity.NewSource(plan.Latency, r.seed(s.node.Name)),
		Faults:  s.faults,
		Sleeper: r.sleeper,
		Quota:   plan.Quota,
		Per:     plan.Per,
		Seed:    r.spec.Plan.Seed,
	})
	if err != nil {
		return room{}, err
	}
	return room{handler: service.Handler(), outside: true, detail: func() any { return service.Stats() }}, nil
}

// keepsPart says whether a fault's errors and delay belong to what the node does rather
// than to its HTTP: an outage of the payment provider takes the place of its declines.
func keepsPart(part string) bool {
	switch part {
	case topology.PaymentPart, topology.WeatherPart, topology.CachePart:
		return true
	}
	return false
}
