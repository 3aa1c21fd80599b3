package delivery_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/floodmark/floodmark/alert"
	"github.com/floodmark/floodmark/alert/delivery"
	"github.com/floodmark/floodmark/alert/outbox"
)

// A paper prints messages.
type paper struct{}

// Send implements delivery.Receiver.
func (paper) Send(_ context.Context, m alert.Message) alert.Answer {
	for _, a := range m.Alerts {
		fmt.Println(a.Name(), a.Kind)
	}
	return alert.Answer{Outcome: alert.Delivered}
}

func Example() {
	dir, err := os.MkdirTemp("", "delivery")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	run := alert.Run{ID: "r-1"}
	box, err := outbox.Create(filepath.Join(dir, outbox.File), run)
	if err != nil {
		panic(err)
	}
	defer box.Close()

	lanes := []delivery.Lane{{Name: "printer", Receiver: paper{}}}
	d := delivery.New(box, run, lanes, func(one delivery.Delivery) {
		fmt.Println("attempt", one.Attempt, one.Outcome)
	})
	go d.Run(context.Background())
	err = d.Notify(alert.Notice{
		ID: "n1", Key: "dip", Kind: alert.Fired, SLO: "availability", Rule: "dip", Receivers: []string{"printer"}, StartsAt: time.Now(),
	})
	if err != nil {
		panic(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	fmt.Println(d.Drain(ctx), "undelivered")
	// Output:
	// availability / dip firing
	// attempt 1 delivered
	// 0 undelivered
}
