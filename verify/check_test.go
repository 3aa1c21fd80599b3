package verify_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/floodmark/floodmark/verify"
)

func TestValidate(t *testing.T) {
	good := verify.Check{Rate: 1000, Duration: time.Second, Bound: time.Millisecond, Share: 0.02}
	if err := good.Validate(); err != nil {
		t.Errorf("got %v, want no error", err)
	}
	for _, test := range []struct {
		change func(*verify.Check)
		want   string
	}{
		{func(c *verify.Check) { c.Rate = 0 }, "rate 0/s is not within"},
		{func(c *verify.Check) { c.Rate = math.NaN() }, "rate NaN/s is not within"},
		{func(c *verify.Check) { c.Rate = 1e6 }, "rate 1e+06/s is not within"},
		{func(c *verify.Check) { c.Duration = ms }, "duration 1ms is not within"},
		{func(c *verify.Check) { c.Bound = 0 }, "a bound of 0s"},
		{func(c *verify.Check) { c.Share = math.NaN() }, "a bound of"},
	} {
		c := good
		test.change(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, want %q", err, test.want)
		}
		if _, err := c.Run(t.Context()); err == nil {
			t.Errorf("%q: it ran", test.want)
		}
	}
}

func TestFiles(t *testing.T) {
	for _, test := range []struct {
		check verify.Check
		want  int64
	}{
		{verify.Check{Rate: 1000, Duration: 5 * time.Second}, 200 + 2*1100}, // a stall of a second
		{verify.Check{Rate: 1000, Duration: time.Second}, 200 + 2*220},
		{verify.Check{Rate: 50_000, Duration: time.Minute}, 200 + 2*55_000},
	} {
		if got := test.check.Files(); got != test.want {
			t.Errorf("%v/s for %v: got %d, want %d", test.check.Rate, test.check.Duration, got, test.want)
		}
	}
}

const ms = time.Millisecond

func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := verify.Check{Rate: 100, Duration: time.Minute, Bound: time.Hour, Progress: func(int, int, string) { cancel() }}
	if _, err := c.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
}

// A bound of an hour accepts any machine: only that every request is accounted for
// is left to check.
func ExampleCheck_Run() {
	check := verify.Check{Rate: 200, Duration: time.Second, Bound: time.Hour}
	result, err := check.Run(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range result.Scenarios {
		fmt.Println(s.Name, s.Requests, s.Stall.Length())
	}
	fmt.Println(result.Verdict)
	// Output:
	// steady 200 0s
	// stall 200 200ms
	// few connections 200 200ms
	// pass
}
