package dashboard

import (
	"testing"
	"testing/synctest"

	"github.com/floodmark/floodmark/report"
)

// Showing never waits, and whoever looks sees the latest.
func TestFeedKeepsTheLatest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		feed := NewFeed()
		for i := range 5 {
			feed.Show(&report.Snapshot{Sequence: i})
		}
		m := Model{feed: feed}
		if got := m.next()().(snapshotMsg); got.Sequence != 4 {
			t.Errorf("got %d, want the latest", got.Sequence)
		}
		taken := make(chan any)
		go func() { taken <- m.next()() }()
		synctest.Wait()
		feed.Show(&report.Snapshot{Sequence: 5})
		if got := (<-taken).(snapshotMsg); got.Sequence != 5 {
			t.Errorf("got %d", got.Sequence)
		}
		feed.Show(&report.Snapshot{Sequence: 6})
		feed.Close()
		if got, ok := m.next()().(snapshotMsg); !ok || got.Sequence != 6 {
			t.Error("the last snapshot is lost")
		}
		if _, ok := m.next()().(endMsg); !ok {
			t.Error("a closed feed does not end")
		}
	})
}
