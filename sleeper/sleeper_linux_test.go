package sleeper_test

import (
	"os"
	"testing"

	"github.com/floodmark/floodmark/sleeper"
)

func TestNoDescriptorStaysOpen(t *testing.T) {
	openAndClose := func() {
		s, err := sleeper.New()
		if err != nil {
			t.Fatal(err)
		}
		closed(t, s)
	}
	openAndClose() // the first file of a program opens the runtime's poller, for good
	before := descriptors(t)
	for range 50 {
		openAndClose()
	}
	if after := descriptors(t); after > before {
		t.Errorf("got %d open descriptors, want %d", after, before)
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(open)
}
