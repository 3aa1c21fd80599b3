package report_test

import (
	"fmt"
	"os"

	"github.com/floodmark/floodmark/report"
)

func ExampleSheet() {
	s := &report.Sheet{}
	s.Verdict("warn", "two of the things that were looked at could be better than they are here", "exit code 0")
	s.Blank()
	s.Hang("  ports", 12, "28 232 (32768 to 60999), so many connections can one address have at a time")
	s.Command(12, `sysctl -w net.ipv4.ip_local_port_range="1024 65535" # which is never cut or broken`)
	s.Cells("  late by", 10, []string{"52µs", "1.1ms"})
	if _, err := s.WriteTo(os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	//   WARN   two of the things that were looked at could be better than  exit code 0
	//          they are here
	//
	//   ports     28 232 (32768 to 60999), so many connections can one address have at
	//             a time
	//             sysctl -w net.ipv4.ip_local_port_range="1024 65535" # which is never cut or broken
	//   late by                                                         52µs     1.1ms
}
