package doctor_test

import (
	"fmt"

	"github.com/floodmark/floodmark/doctor"
)

func ExampleReport() {
	report := doctor.Report{Checks: []doctor.Check{
		{Name: "clock source", Value: "tsc", Verdict: doctor.OK},
		{Name: "timers", Value: "late by p99 7.0ms", Verdict: doctor.Bad, Why: "requests are late", Fix: "stop other programs"},
		{Name: "conntrack", Value: "not known on this system", Verdict: doctor.Unknown},
	}}
	fmt.Println(report.Verdict(), report.ExitCode())
	fmt.Println(report.Reason())
	// Output:
	// bad 5
	// 1 of 2 checks make measurements untrustworthy, 0 could be better
}
