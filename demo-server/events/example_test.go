package events_test

import (
	"context"
	"fmt"
	"net/http/httptest"

	"github.com/floodmark/floodmark/demo-server/events"
)

func Example() {
	var log events.Log
	admin := httptest.NewServer(log.Handler())
	defer admin.Close()
	log.Add(events.Killed, "web-2", "web-2 was killed")
	log.Add(events.Restarted, "web-2", "web-2 is back")

	ctx, enough := context.WithCancel(context.Background())
	err := events.Follow(ctx, admin.URL, "", 0, func(e events.Event) {
		fmt.Println(e.ID, e.Kind, e.Text)
		if e.ID == 2 {
			enough()
		}
	})
	fmt.Println(ctx.Err() != nil, err != nil)
	// Output:
	// 1 killed web-2 was killed
	// 2 restarted web-2 is back
	// true true
}
