package thirdparty_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/floodmark/floodmark/demo-server/faults"
	"github.com/floodmark/floodmark/demo-server/thirdparty"
	"github.com/floodmark/floodmark/sleeper"
)

func ExamplePayment() {
	payment := thirdparty.Payment{Declines: faults.All / 2}
	for range 4 {
		fmt.Println(payment.Charge(context.Background()))
	}
	// Output:
	// the payment was declined
	// <nil>
	// the payment was declined
	// <nil>
}

func outage(t *testing.T, line string) *faults.Set {
	t.Helper()
	set := &faults.Set{Parts: []string{thirdparty.PaymentPart}}
	if line == "" {
		return set
	}
	spec, err := faults.ParseLine(line)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := set.Add(spec); err != nil {
		t.Fatal(err)
	}
	return set
}

func TestShares(t *testing.T) {
	tests := []struct {
		name             string
		fault            string
		declined, failed int // of 1000
	}{
		{"a good day", "", 125, 0},
		{"an outage replaces declines", "part=payment errors=55%", 0, 550},
		{"a smaller outage is among them", "part=payment errors=5%", 75, 50},
		{"total outage", "part=payment errors", 0, 1000},
		{"of something else", "errors=55%", 125, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			payment := thirdparty.Payment{Declines: faults.All / 8, Faults: outage(t, test.fault)}
			var declined, failed int
			for range 1000 {
				switch err := payment.Charge(t.Context()); {
				case errors.Is(err, thirdparty.ErrDeclined):
					declined++
				case errors.Is(err, thirdparty.ErrOutage):
					failed++
				case err != nil:
					t.Fatal(err)
				}
			}
			if difference := declined - test.declined; difference < -1 || difference > 1 {
				t.Errorf("got %d declined, want %d", declined, test.declined)
			}
			if failed != test.failed {
				t.Errorf("got %d failed, want %d", failed, test.failed)
			}
		})
	}
}

func TestChargeWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		payment := thirdparty.Payment{
			Latency: 2 * time.Millisecond,
			Faults:  outage(t, "part=payment delay=200ms"),
			Sleeper: new(sleeper.Sleeper),
		}
		start := time.Now()
		if err := payment.Charge(t.Context()); err != nil {
			t.Error(err)
		}
		if got, want := time.Since(start), 202*time.Millisecond; got != want {
			t.Errorf("took %v, want %v", got, want)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if err := payment.Charge(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want %v", err, context.DeadlineExceeded)
		}
	})
}
