package slo_test

import (
	"fmt"
	"time"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/slo"
)

// Ten seconds at 100 requests a second; in the fourth and fifth half of them fail.
func ExampleTracker() {
	expression, err := slo.Parse("success >= 95%")
	if err != nil {
		fmt.Println(err)
		return
	}
	objective := slo.Objective{Name: "availability", Expression: expression}
	series := []measure.Series{{Endpoint: "pay", Scenario: "checkout"}}
	if err := objective.Validate(series); err != nil {
		fmt.Println(err)
		return
	}
	recorder := measure.NewRecorder(series, nil, 1)
	totals := measure.NewTotals(series, nil)
	tracker := slo.NewTracker(objective, totals)

	for second := range 10 {
		for i := range 100 {
			recorder.Lane(i).Plan(0, 0)
			outage := second == 3 || second == 4
			recorder.Lane(i).Record(&measure.Sample{Done: 20 * time.Millisecond, Succeeded: !outage || i%2 == 0})
		}
		interval := recorder.Cut(time.Duration(second+1) * time.Second)
		totals.Add(&interval)
		tracker.Add(&interval)
	}

	status := tracker.Status()
	fmt.Printf("%s: %s, observed %.1f%%", expression, status.Verdict, 100*status.Observed)
	fmt.Printf(", at most %.1f%%\n", 100*status.High)
	fmt.Println("bad", status.Spans, "and the budget spent at", status.BudgetSpentAt)
	// Output:
	// success >= 95%: missed, observed 90.0%, at most 91.5%
	// bad [{3s 5s}] and the budget spent at 5s
}

func ExampleParse() {
	for _, text := range []string{"p(95)<300ms", "p95 < 300"} {
		expression, err := slo.Parse(text)
		if fault, ok := err.(interface{ Hint() string }); ok {
			fmt.Println(err, "–", fault.Hint())
			continue
		}
		under, ok := expression.Under()
		fmt.Println(expression, under, ok)
	}
	// Output:
	// p95 < 300ms 0s false
	// column 7: a duration needs a unit, got 300 – did you mean 300ms?
}
