package dashboard

import "github.com/floodmark/floodmark/report"

// A Feed hands snapshots from the beat to a dashboard, and never makes the beat wait:
// it holds the latest one only. Make it with [NewFeed]. One goroutine may show at a
// time.
type Feed struct{ latest chan *report.Snapshot }

// NewFeed returns an empty feed.
func NewFeed() *Feed { return &Feed{latest: make(chan *report.Snapshot, 1)} }

// Show puts a snapshot in the place of the one before, if nobody has taken that.
func (f *Feed) Show(s *report.Snapshot) {
	for {
		select {
		case f.latest <- s:
			return
		default:
		}
		select {
		case <-f.latest:
		default:
		}
	}
}

// Close ends the dashboard, once it has shown the last snapshot. Nothing may be shown
// afterwards.
func (f *Feed) Close() { close(f.latest) }
