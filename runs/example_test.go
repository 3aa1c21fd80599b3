package runs_test

import (
	"fmt"
	"os"
	"time"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/report"
	"github.com/floodmark/floodmark/runs"
)

func ExampleCreate() {
	root, err := os.MkdirTemp("", "runs-*")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(root)

	run := report.Run{
		Name: "smoke", Started: time.Date(2026, 11, 22, 5, 10, 44, 0, time.UTC), Planned: 10 * time.Second,
		Series: []measure.Series{{Endpoint: "GET /"}},
	}
	journal, err := runs.Create(root, run, []byte("version: 1\n"))
	if err != nil {
		panic(err)
	}
	recorder := measure.NewRecorder(run.Series, run.Under, 1)
	recorder.Lane(0).Plan(0, 0)
	recorder.Lane(0).Record(&measure.Sample{Done: 20 * time.Millisecond, Outcome: measure.Status2xx, Status: 200, Succeeded: true})
	second := recorder.Cut(time.Second)
	if err := journal.Append(&second); err != nil {
		panic(err)
	}
	if err := journal.Close(); err != nil { // the process dies here: Finish is never called
		panic(err)
	}

	saved, err := runs.Open(root, "@latest")
	if err != nil {
		panic(err)
	}
	summary, err := runs.Summarise(saved)
	if err != nil {
		panic(err)
	}
	fmt.Println(saved.Name)
	fmt.Println(summary.Verdict, summary.ExitCode, summary.Reason)
	fmt.Println(summary.Measured.Succeeded, summary.Measured.Response.Max())
	// Output:
	// 20261122-051044-smoke
	// incomplete 3 the run never ended; recorded until 00:01 of 00:10; no objectives
	// 1 20ms
}
