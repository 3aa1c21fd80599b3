package sleeper_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/floodmark/floodmark/sleeper"
)

// BenchmarkUntil reports how late one caller wakes from waits of half a millisecond.
func BenchmarkUntil(b *testing.B) {
	b.Run("precise", func(b *testing.B) {
		s, err := sleeper.New()
		if err != nil {
			b.Fatal(err)
		}
		defer s.Close()
		lateness(b, s)
	})
	b.Run("zero value", func(b *testing.B) {
		lateness(b, new(sleeper.Sleeper))
	})
}

func lateness(b *testing.B, s *sleeper.Sleeper) {
	b.Helper()
	b.ReportAllocs()
	late := make([]time.Duration, 0, 1<<16)
	ctx := context.Background()
	for b.Loop() {
		due := time.Now().Add(500 * time.Microsecond)
		if err := s.Until(ctx, due); err != nil {
			b.Fatal(err)
		}
		if len(late) < cap(late) {
			late = append(late, time.Since(due))
		}
	}
	slices.Sort(late)
	var sum time.Duration
	for _, l := range late {
		sum += l
	}
	b.ReportMetric(float64(sum.Microseconds())/float64(len(late)), "late-mean-µs")
	b.ReportMetric(float64(late[len(late)*99/100].Microseconds()), "late-p99-µs")
}
