package report_test

import (
	"os"
	"time"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/report"
	"github.com/floodmark/floodmark/slo"
)

func ExampleSummarise() {
	run := report.Run{
		Version: "0.1.0", Source: "smoke.yaml", Target: "http://127.0.0.1:8080", Planned: time.Second, Load: "100/s for 1s",
		Series: []measure.Series{{Endpoint: "GET /"}}, AskedRate: 100, Open: true,
	}
	recorder := measure.NewRecorder(run.Series, run.Under, 1)
	for i := range 100 {
		start := time.Duration(i) * 10 * time.Millisecond
		recorder.Lane(0).Plan(0, start)
		recorder.Lane(0).Record(&measure.Sample{
			Intended: start, Sent: start, Done: start + 20*time.Millisecond,
			Outcome: measure.Status2xx, Status: 200, Succeeded: true,
		})
	}
	totals := measure.NewTotals(run.Series, run.Under)
	second := recorder.Cut(time.Second)
	second.Health = &measure.Health{CPU: &measure.CPU{Used: 60 * time.Millisecond, Allowed: 2 * time.Second}}
	totals.Add(&second)

	expression, err := slo.Parse("p99 < 250ms")
	if err != nil {
		panic(err)
	}
	status := slo.Status{
		Objective: slo.Objective{Expression: expression}, Verdict: slo.Met, HasData: true,
		Observed: 0.02, Limit: 0.25, Unit: "seconds",
	}
	summary := report.Summarise(run, report.Ending{}, totals, []slo.Status{status})
	if err := report.Text(os.Stdout, summary); err != nil {
		panic(err)
	}
	// Output:
	// floodmark 0.1.0   smoke.yaml → http://127.0.0.1:8080                100/s for 1s
	//
	//   PASS   1 of 1 objective met                                        exit code 0
	//
	//   ✓ met  p99 < 250ms  20.0ms  -92%
	//
	//   latency   p50 20.0ms p90 20.0ms p95 20.0ms p99 20.0ms p99.9 20.0ms max 20.0ms
	//             measured from the planned start; service time alone: p99 20.0ms;
	//             lag p99 0s
	//   requests  100 planned = 100 ok + 0 failed + 0 unsent + 0 in flight
	//             100.0/s completed, 100.0 arrivals/s asked, 0 late (more than 5ms)
	//
	//   endpoint    req/s  share     p50     p95     p99   err%
	//   GET /       100.0   100%  20.0ms  20.0ms  20.0ms    0.0
	//
	//   generator cpu 3%, lag p99 0s → trustworthy
	//   next      floodmark run --help
}
