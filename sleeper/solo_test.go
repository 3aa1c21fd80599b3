package sleeper_test

import (
	"context"
	"testing"
	"time"

	"github.com/floodmark/floodmark/sleeper"
)

// A context that ends between two waits does not end one of another context, however late
// the news of it comes.
func TestSoloChangesItsContext(t *testing.T) {
	s, err := sleeper.NewSolo()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for i := range 2000 {
		ctx, cancel := context.WithCancel(t.Context())
		if err := s.Until(ctx, time.Now().Add(20*time.Microsecond)); err != nil {
			t.Fatalf("round %d: %v", i, err)
		}
		cancel()
		due := time.Now().Add(20 * time.Microsecond)
		if err := s.Until(t.Context(), due); err != nil || time.Now().Before(due) {
			t.Fatalf("round %d, after another context has ended: %v", i, err)
		}
	}
}
