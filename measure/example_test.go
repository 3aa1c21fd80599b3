package measure_test

import (
	"fmt"
	"time"

	"github.com/floodmark/floodmark/measure"
)

// A request that was due at 1 s, was taken up 2 ms late and took 30 ms.
func ExampleRecorder() {
	series := []measure.Series{{Endpoint: "show product", Scenario: "browse", Method: "GET"}}
	recorder := measure.NewRecorder(series, nil, 1)

	lane := recorder.Lane(0)
	lane.Plan(0, time.Second)
	lane.Record(&measure.Sample{
		Intended: time.Second, Sent: 1002 * time.Millisecond, Done: 1032 * time.Millisecond,
		Outcome: measure.Status2xx, Status: 200, Succeeded: true,
	})
	lane.Plan(0, 1100*time.Millisecond) // still on its way when the interval is cut

	interval := recorder.Cut(2 * time.Second)
	got := interval.Series[0]
	fmt.Println("response", got.Response.Max(), "service", got.Service.Max(), "lag", got.Lag.Max())
	fmt.Println("planned", got.Planned, "succeeded", got.Succeeded, "in flight", got.InFlight)
	// Output:
	// response 32ms service 30ms lag 2ms
	// planned 2 succeeded 1 in flight 1
}
