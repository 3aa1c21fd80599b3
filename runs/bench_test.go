package runs

import (
	"testing"
	"time"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/report"
)

// busySecond is an interval of four series and 4000 requests.
func busySecond(run report.Run) *measure.Interval {
	recorder := measure.NewRecorder(run.Series, run.Under, 1)
	for i := range 4000 {
		lane, series := recorder.Lane(0), i%len(run.Series)
		lane.Plan(series, 0)
		lane.Pace(time.Duration(i%100) * time.Microsecond)
		lane.Record(&measure.Sample{
			Series: series, Sent: time.Duration(i%50) * time.Microsecond, Done: time.Duration(5+i%400) * 100 * time.Microsecond,
			Outcome: measure.Status2xx, Status: 200, Succeeded: true,
		})
	}
	in := recorder.Cut(time.Second)
	return &in
}

func BenchmarkAppend(b *testing.B) {
	run := testRun(b, "bench")
	in := busySecond(run)
	j := mustCreate(b, b.TempDir(), run)
	b.ReportAllocs()
	for b.Loop() {
		if err := j.Append(in); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(j.hlog.size+j.events.size)/float64(b.N), "disk-B/op")
}

// A minute of a busy run, read back.
func BenchmarkSummarise(b *testing.B) {
	run := testRun(b, "bench")
	j := mustCreate(b, b.TempDir(), run)
	for range 60 {
		if err := j.Append(busySecond(run)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		if got := reopened(b, j.Dir()).Totals.Intervals(); got != 60 {
			b.Fatalf("got %d intervals, want 60", got)
		}
	}
}
