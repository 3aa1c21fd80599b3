package health_test

import (
	"fmt"

	"github.com/floodmark/floodmark/health"
)

func ExampleMonitor() {
	monitor := health.New()
	fmt.Println("the heap is empty:", monitor.Beat().Heap == 0)
	// Output: the heap is empty: false
}
