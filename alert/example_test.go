package alert_test

import (
	"fmt"
	"time"

	"github.com/floodmark/floodmark/alert"
	"github.com/floodmark/floodmark/slo"
)

// A service that promised 99 % and fails one request in five is given up after a few
// seconds, with a stated risk of being wrong.
func ExampleAbort() {
	promise, _ := slo.Parse("success >= 99%")
	trouble, _ := slo.ParseCondition("errors > 10%")
	test, err := alert.SequentialOf(slo.Objective{Expression: promise}, trouble)
	if err != nil {
		fmt.Println(err)
		return
	}
	a := alert.Abort{Test: test}
	for second := 1; second <= 10; second++ {
		if lost, why := a.Add(slo.Count{Good: 8, Total: 10}, time.Second); lost {
			fmt.Printf("after %d s: %s\n", second, why)
			return
		}
	}
	// Output: after 2 s: 20.0% of 20 requests were bad where 1.00% may be, and chance does not explain it
}
