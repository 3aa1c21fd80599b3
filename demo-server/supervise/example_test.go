//go:build unix

package supervise

import (
	"context"
	"fmt"
	"time"
)

// A host that is killed comes back at the address it had.
func ExampleSupervisor() {
	ups := make(chan Change, 10)
	s := New(Config{RestartAfter: time.Millisecond, OnChange: func(c Change) {
		if c.State == Up {
			ups <- c
		}
	}})
	ctx := context.Background()
	start := func(_ context.Context, addrs map[string]string) (Instance, error) {
		fmt.Printf("web had %d addresses\n", len(addrs))
		return listen([]byte(`{"addr": "` + addrs["web"] + `"}`))
	}
	if err := s.Add(ctx, "web", start); err != nil {
		fmt.Println(err)
	}
	<-ups
	before := s.List()[0]
	if err := s.Kill("web"); err != nil {
		fmt.Println(err)
	}
	<-ups
	after := s.List()[0]
	fmt.Println(after.Name, after.State, after.Restarts, after.Addrs["web"] == before.Addrs["web"])
	fmt.Println("left:", s.Shutdown(ctx), len(s.List()))
	// Output:
	// web had 0 addresses
	// web had 1 addresses
	// web up 1 true
	// left: <nil> 0
}
