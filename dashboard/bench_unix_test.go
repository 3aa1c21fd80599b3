//go:build unix

package dashboard_test

import (
	"context"
	"io"
	"syscall"
	"testing"
	"time"

	"github.com/floodmark/floodmark/dashboard"
)

// What a dashboard takes of a core while a run goes on: everything changes each second, as
// in a run of four endpoints after five minutes, and the camera that makes the snapshots is
// not in it. An iteration is a second: run it with -benchtime 20x.
func benchmarkLive(b *testing.B, width, height int) {
	b.Helper()
	snapshots := []int{298, 299, 300}
	feed := dashboard.NewFeed()
	ctx, cancel := context.WithCancel(b.Context())
	in, _ := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- dashboard.Run(ctx, dashboard.Options{
			Feed: feed, Theme: dashboard.Theme{Colour: dashboard.TrueColour}, In: in, Out: io.Discard, Width: width, Height: height,
		})
	}()
	feed.Show(after(b, 297))
	all := make(map[int]func(), len(snapshots))
	for _, second := range snapshots {
		s := after(b, second)
		all[second] = func() { feed.Show(s) }
	}
	before, began := used(b), time.Now()
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for i := range b.N {
		all[snapshots[i%len(snapshots)]]()
		<-ticker.C
	}
	b.ReportMetric(100*(used(b)-before).Seconds()/time.Since(began).Seconds(), "%core")
	cancel()
	if err := <-ended; err != nil {
		b.Error(err)
	}
}

// used is the CPU time of this process.
func used(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func BenchmarkLive80x24(b *testing.B)  { benchmarkLive(b, 80, 24) }
func BenchmarkLive200x50(b *testing.B) { benchmarkLive(b, 200, 50) }
