package dashboard_test

import (
	"fmt"
	"time"

	"github.com/floodmark/floodmark/dashboard"
	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/report"
)

// The smallest frame is one line.
func ExampleRender() {
	run := report.Run{Name: "checkout.yaml", Planned: time.Minute, Series: []measure.Series{{Endpoint: "GET /"}}}
	camera := report.NewCamera(run, nil)
	recorder := measure.NewRecorder(run.Series, nil, 1)
	lane := recorder.Lane(0)
	lane.Plan(0, 0)
	lane.Record(&measure.Sample{Done: 12 * time.Millisecond, Outcome: measure.Status2xx, Succeeded: true})
	interval := recorder.Cut(time.Second)
	camera.Add(&interval, nil)

	fmt.Println(dashboard.Render(camera.Snapshot(time.Time{}), 80, 1, dashboard.Theme{}))
	// Output:
	// ● RUNNING slo ✓0/0 p99 12.0ms 1.00/s err 0% 00:01
}
