package shop

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"

	"github.com/floodmark/floodmark/demo-server/capacity"
	"github.com/floodmark/floodmark/demo-server/thirdparty"
)

// An Endpoint is one that the shop does not have itself: it does work, makes its calls
// one after the other, and answers with their names.
type Endpoint struct {
	Pattern string           // as http.ServeMux has it, with a method
	Source  *capacity.Source // of work; nil: the shop's
	Calls   []Call
}

// A Call asks somebody for something.
type Call struct {
	Name string // cache, database.read
	// Do makes the call. It says whether the next one is needless, as reading a database
	// is after a hit in a cache. Its error is answered as those of the shop's own
	// endpoints are.
	Do func(ctx context.Context) (skipNext bool, err error)
}

// A made is the body of the answer of an endpoint of one's own.
type made struct {
	Endpoint string   `json:"endpoint"`
	Calls    []string `json:"calls"` // those that were made
}

// handle answers a request.
func (e Endpoint) handle(w http.ResponseWriter, r *http.Request) error {
	body := made{Endpoint: e.Pattern, Calls: []string{}}
	skip := false
	for _, call := range e.Calls {
		if skip {
			skip = false
			continue
		}
		var err error
		if skip, err = call.Do(r.Context()); err != nil {
			return fmt.Errorf("%s: %w", call.Name, err)
		}
		body.Calls = append(body.Calls, call.Name)
	}
	return answer(w, http.StatusOK, body)
}

// PaymentCall returns a call that has some cents charged, behind the shop's guard. There
// is no order that could wait for it.
func (s *Shop) PaymentCall(cents int) Call {
	return Call{Name: "payment", Do: func(ctx context.Context) (bool, error) {
		if s.Payment == nil {
			return false, nil
		}
		call := func(ctx context.Context) error {
			_, err := s.Payment.Charge(ctx, rand.Text(), thirdparty.Charge{AmountCents: cents})
			return err
		}
		if s.PaymentGuard == nil {
			return false, explain(call(ctx), nil)
		}
		return false, explain(s.PaymentGuard.DoOr(ctx, call, nil), s.PaymentGuard)
	}}
}

// WeatherCall returns a call that asks for the weather of a city.
func (s *Shop) WeatherCall(city string) Call {
	return Call{Name: "weather", Do: func(ctx context.Context) (bool, error) {
		if s.Weather == nil {
			return false, nil
		}
		_, err := s.Weather.Report(ctx, city)
		return false, explain(err, s.WeatherGuard)
	}}
}
