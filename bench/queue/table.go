package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// writeTable writes the trials as a Markdown table: three rows each, one for each
// statistic of the response time. Times are in milliseconds.
func writeTable(w io.Writer, trials []trial) error {
	var b strings.Builder
	b.WriteString("| queue | seed | requests | response | theory | replay | measured | difference | | model lag p99 | generator lag p99 |\n")
	b.WriteString("|---|--:|--:|---|--:|--:|--:|--:|--:|--:|--:|\n")
	for i := range trials {
		t := &trials[i]
		endless := theory(t.queue)
		t.row(&b, "mean", endless.mean, t.replay.mean, t.measured.mean)
		t.row(&b, "p95", endless.p95, t.replay.p95, t.measured.p95)
		t.row(&b, "p99", endless.p99, t.replay.p99, t.measured.p99)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// row writes one statistic of a trial.
func (t *trial) row(b *strings.Builder, name string, theory, replay, measured time.Duration) {
	difference := measured - replay
	fmt.Fprintf(b, "| %s | %d | %d | %s | %.2f ms | %.2f ms | %.2f ms | %+.2f ms | %+.1f %% | %.2f ms | %.2f ms |\n",
		t.queue.name(), t.seed, t.requests, name,
		milliseconds(theory), milliseconds(replay), milliseconds(measured), milliseconds(difference),
		100*difference.Seconds()/replay.Seconds(), milliseconds(t.modelLag), milliseconds(t.generatorLag))
}

func milliseconds(d time.Duration) float64 { return 1000 * d.Seconds() }
