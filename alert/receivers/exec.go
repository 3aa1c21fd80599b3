package receivers

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/floodmark/floodmark/alert"
	"github.com/floodmark/floodmark/quantity"
)

// grace is how long a program's children may hold its standard error open after it ended.
const grace = time.Second

// commandCall is what a program is given.
func (r *Receiver) commandCall(d *draft) ([]call, error) {
	body, err := d.envelope()
	if err != nil {
		return nil, err
	}
	c := call{method: "RUN", shown: filepath.Base(r.spec.Command[0]), body: body}
	for _, pair := range environment(d) {
		name, value, _ := strings.Cut(pair, "=")
		c.header = append(c.header, [2]string{name, value})
	}
	return []call{c}, nil
}

// environment is all that a program sees of a message beside its standard input. Texts
// in it are one line each.
func environment(d *draft) []string {
	s := d.sheet(1, 1)
	t := &s.calm.Alerts[0]
	test := ""
	if d.message.Test {
		test = "1"
	}
	return []string{
		"FLOODMARK_ALERT_STATUS=" + status(s.exact.Firing()), "FLOODMARK_ALERT_ID=" + s.exact.ID,
		"FLOODMARK_ALERT_TITLE=" + d.wholeTitle(), "FLOODMARK_ALERT_SLO=" + t.SLO, "FLOODMARK_ALERT_RULE=" + t.Rule,
		"FLOODMARK_ALERT_SEVERITY=" + t.Severity, "FLOODMARK_ALERT_RUN=" + s.exact.Run.ID, "FLOODMARK_ALERT_TEST=" + test,
	}
}

// wholeTitle is the title of the message with all its alerts.
func (d *draft) wholeTitle() string {
	if d.title != "" {
		return d.title
	}
	m := harmless(d.message)
	return cut(title(&m), 1000)
}

// run gives the message to a program. It gets PATH, HOME and what is about the message,
// no more of the environment, which in CI is full of secrets.
func (r *Receiver) run(ctx context.Context, d *draft) alert.Answer {
	calls, err := r.commandCall(d)
	if err != nil {
		return alert.Answer{Outcome: alert.Refused, Detail: "the message cannot be written"}
	}
	inner, cancel := context.WithTimeout(ctx, r.spec.timeout())
	defer cancel()
	said := &head{limit: 4 << 10}
	c := exec.CommandContext(inner, r.spec.Command[0], r.spec.Command[1:]...)
	c.Stdin, c.Stderr, c.WaitDelay = bytes.NewReader(calls[0].body), said, grace
	for _, name := range []string{"PATH", "HOME", "SYSTEMROOT"} {
		if value, ok := os.LookupEnv(name); ok {
			c.Env = append(c.Env, name+"="+value)
		}
	}
	c.Env = append(c.Env, environment(d)...)
	ownGroup(c)
	err = c.Run()
	switch {
	case err == nil, errors.Is(err, exec.ErrWaitDelay):
		return alert.Answer{Outcome: alert.Delivered}
	case c.Process == nil && (errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission)):
		return alert.Answer{Outcome: alert.Refused, Detail: "the program cannot be run: " + innermostText(err)}
	case c.Process == nil:
		return alert.Answer{Outcome: alert.Later, Detail: "the program cannot be started: " + innermostText(err)}
	case ctx.Err() != nil:
		return alert.Answer{Outcome: alert.Later, Detail: "killed while it ran", Unsure: true}
	case inner.Err() != nil:
		return alert.Answer{Outcome: alert.Later, Detail: "killed, as it took too long", Unsure: true}
	}
	return alert.Answer{Outcome: alert.Later, Detail: strings.TrimSuffix(err.Error()+": "+said.firstLine(), ": ")}
}

// innermostText is the last cause of an error, which does not name files.
func innermostText(err error) string {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return err.Error()
}

// A head keeps the beginning of what is written to it.
type head struct {
	text  bytes.Buffer
	limit int
}

// Write keeps what there is room for, and never fails.
func (h *head) Write(p []byte) (int, error) {
	h.text.Write(p[:min(len(p), max(h.limit-h.text.Len(), 0))])
	return len(p), nil
}

// firstLine returns the first line that is not empty.
func (h *head) firstLine() string {
	for line := range strings.Lines(h.text.String()) {
		if line = quantity.Line(line); line != "" {
			return line
		}
	}
	return ""
}
