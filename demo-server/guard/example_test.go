package guard_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/floodmark/floodmark/demo-server/guard"
)

func ExampleGuard() {
	g, err := guard.New(guard.Config{
		Name:             "payment",
		FailureThreshold: 2,
		Timeout:          time.Minute,
		OnChange:         func(c guard.Change) { fmt.Println(c.Name, "was", c.From, "and is", c.To) },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 3 {
		err := g.Do(context.Background(), func(context.Context) error { return errors.New("no answer") })
		fmt.Println(err)
	}
	// Output:
	// no answer
	// payment was closed and is open
	// no answer
	// payment: the circuit breaker is open
}
