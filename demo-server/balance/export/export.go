// Package export writes a balancer's configuration as that of nginx and of HAProxy, so that
// it can be compared with what people run.
//
// It does not run them. What they have no equivalent for is said in comments of the file,
// and what they do instead: nothing is left out in silence. The main functions are [Nginx]
// and [HAProxy]; each file is complete, for the free version of its program.
package export

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/floodmark/floodmark/demo-server/balance"
)

// forever stands for no timeout, which neither program has.
const forever = 24 * time.Hour

// A file is a configuration as it is written.
type file struct {
	text  strings.Builder
	depth int
}

// line writes a line. One that ends in an opening brace indents what follows it.
func (f *file) line(format string, values ...any) {
	text := fmt.Sprintf(format, values...)
	if text == "}" {
		f.depth--
	}
	if text != "" {
		f.text.WriteString(strings.Repeat("    ", f.depth))
	}
	f.text.WriteString(text + "\n")
	if strings.HasSuffix(text, "{") {
		f.depth++
	}
}

// note writes a comment.
func (f *file) note(when bool, format string, values ...any) {
	if when {
		f.line("# "+format, values...)
	}
}

// prepare checks a configuration and fills in what is not set.
func prepare(c balance.Config, listen string) (balance.Config, error) {
	var err error
	if _, port, bad := net.SplitHostPort(listen); bad != nil || port == "" || strings.ContainsAny(listen, " ;\n#") {
		err = fmt.Errorf("listen is %q, want host:port", listen)
	}
	if len(c.Backends) == 0 {
		err = errors.Join(err, errors.New("there are no backends to write down"))
	}
	return c.WithDefaults(), errors.Join(err, c.Validate())
}

// milliseconds writes a time, at least one millisecond.
func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%dms", max(1, d.Milliseconds()))
}

// seconds writes a time in whole seconds, rounded up.
func seconds(d time.Duration) string {
	return fmt.Sprintf("%ds", (d+time.Second-1)/time.Second)
}

// within returns a timeout.
func within(d time.Duration) string {
	if d == 0 {
		d = forever
	}
	return milliseconds(d)
}
