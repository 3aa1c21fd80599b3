package guard

import (
	"context"
	"testing"
	"time"
)

// What a guard costs a call: an open breaker must answer in well under a millisecond.
func BenchmarkDo(b *testing.B) {
	good := func(context.Context) error { return nil }
	bad := func(context.Context) error { return errDown }
	for _, bench := range []struct {
		name   string
		config Config
		first  func(context.Context) error
	}{
		{"open", Config{FailureThreshold: 1, Timeout: time.Hour, CallTimeout: time.Second, Bulkhead: 10}, bad},
		{"closed", Config{}, good},
		{"closed with everything", Config{CallTimeout: time.Second, Bulkhead: 10}, good},
	} {
		b.Run(bench.name, func(b *testing.B) {
			g := build(b, bench.config)
			ctx := context.Background()
			_ = g.Do(ctx, bench.first)
			b.ReportAllocs()
			for b.Loop() {
				_ = g.Do(ctx, good)
			}
		})
	}
}
