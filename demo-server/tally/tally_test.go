package tally_test

import (
	"maps"
	"sync"
	"testing"

	"github.com/floodmark/floodmark/demo-server/tally"
)

// Whoever reads while others count sees counts that add up, and in the end all of them.
func TestTally(t *testing.T) {
	t.Parallel()
	var counts tally.Tally[string]
	const workers, each = 4, 500
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for i := range each {
				counts.Begin()
				counts.End([]string{"well", "badly"}[i%2])
			}
		})
	}
	var last uint64
	for range 200 {
		seen := counts.Read()
		if seen.InFlight > workers || seen.Begun() < last {
			t.Fatalf("%+v after %d had begun", seen, last)
		}
		last = seen.Begun()
	}
	all.Wait()
	want := map[string]uint64{"well": workers * each / 2, "badly": workers * each / 2}
	if seen := counts.Read(); seen.InFlight != 0 || seen.Begun() != workers*each || !maps.Equal(seen.Ended, want) {
		t.Errorf("in the end %+v, want %v", seen, want)
	}
}

// What was read does not change when counting goes on.
func TestReadIsOfOneMoment(t *testing.T) {
	t.Parallel()
	var counts tally.Tally[string]
	counts.Begin()
	counts.End("well")
	before := counts.Read()
	counts.Begin()
	counts.End("well")
	if before.Begun() != 1 || before.Ended["well"] != 1 {
		t.Errorf("read one, now %+v", before)
	}
}
