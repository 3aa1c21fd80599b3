package receivers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"text/template"
	"time"

	"github.com/go-resty/resty/v2"

	"github.com/floodmark/floodmark/alert"
	"github.com/floodmark/floodmark/quantity"
)

// A Receiver sends messages to one place. Make it with [New]. Any number of goroutines
// may use it at once. Printed or logged, it shows what its [Spec] does.
type Receiver struct {
	spec        Spec
	service     service
	title, body *template.Template // nil: as built in
	secrets     *mask
	client      *resty.Client // nil for exec and file
	agent       string
	appending   sync.Mutex // a file has one writer at a time
}

// New makes a receiver, if its spec is valid and the policy allows it. It reads the
// environment's proxy settings, and connects to nothing.
func New(s Spec, p Policy) (*Receiver, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	kind, _ := serviceOf(s.Type)
	if s.URL == "" {
		s.URL = kind.url
	}
	r := &Receiver{spec: s, service: kind, secrets: secretsOf(&s), agent: p.UserAgent}
	if r.agent == "" {
		r.agent = "floodmark"
	}
	if s.Title != "" {
		r.title, _ = parseTemplate("title", s.Title) // Validate has read it
	}
	if s.Body != "" {
		r.body, _ = parseTemplate("body", s.Body)
	}
	if kind.build == nil {
		return r, nil
	}
	client, err := p.client(s.URL, http.ProxyFromEnvironment)
	if err != nil {
		return nil, err
	}
	r.client = client
	return r, nil
}

// Single reports whether messages are to have one alert each.
func (r *Receiver) Single() bool { return r.service.single }

// Refresh returns how often the receiver must be told again what is still firing, or it
// takes it for resolved; 0: never.
func (r *Receiver) Refresh() time.Duration { return r.service.resend }

// Pace returns how many messages a second the receiver is fit for, and how many at once.
func (r *Receiver) Pace() (perSecond float64, burst int) { return r.service.pace, r.service.burst }

// Send makes one attempt to deliver the message; a message that is too large is tried
// once more in few words. A message of several requests, such as an alert that opens and
// closes at once, is sent up to the first that fails.
func (r *Receiver) Send(ctx context.Context, m alert.Message) alert.Answer {
	answer := r.attempt(ctx, m, false)
	if answer.Status == tooLarge {
		answer = r.attempt(ctx, m, true)
	}
	return answer
}

// attempt sends the message, in few words if it is to be short.
func (r *Receiver) attempt(ctx context.Context, m alert.Message, short bool) alert.Answer {
	if len(m.Alerts) == 0 {
		return alert.Answer{Outcome: alert.Refused, Detail: errEmpty.Error()}
	}
	d := r.draft(m, short)
	var answer alert.Answer
	switch r.service.name {
	case "exec":
		answer = r.run(ctx, d)
	case "file":
		answer = r.append(d)
	default:
		answer = r.post(ctx, d)
	}
	answer.Detail = cut(r.secrets.hide(quantity.Line(answer.Detail)), maxDetail) // half a secret could not be found any more
	if d.fault != "" {
		answer.Detail = strings.TrimPrefix(answer.Detail+"; "+r.secrets.hide(d.fault), "; ")
	}
	return answer
}

// errEmpty is a message that says nothing.
var errEmpty = errors.New("the message has no alerts")

// maxDetail is how long what a service says of a message may be, in characters.
const maxDetail = 200

// A Request is what a receiver would send, with its secrets masked.
type Request struct {
	Method string // of HTTP; RUN for exec, APPEND for file
	URL    string // scheme and host; for exec the program's name
	Header [][2]string
	Body   string // for exec its standard input
}

// Render returns what Send would send now, and sends nothing. An error says that a
// template of the receiver failed; the requests then have the built-in text.
func (r *Receiver) Render(m alert.Message) ([]Request, error) {
	if len(m.Alerts) == 0 {
		return nil, errEmpty
	}
	d := r.draft(m, false)
	calls, err := r.calls(d)
	var all []Request
	for _, c := range calls {
		q := Request{Method: c.method, URL: c.shown, Body: r.secrets.hide(string(c.body))}
		for _, h := range c.header {
			q.Header = append(q.Header, [2]string{h[0], r.secrets.hide(h[1])})
		}
		all = append(all, q)
	}
	if err == nil && d.fault != "" {
		err = errors.New(r.secrets.hide(d.fault))
	}
	return all, err
}

// String returns name, type and host.
func (r *Receiver) String() string { return r.spec.String() }

// GoString returns what String does.
func (r *Receiver) GoString() string { return r.spec.String() }

// Format writes what String returns, whatever the verb.
func (r *Receiver) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, r.spec.String()) }

// LogValue returns what String does, for package slog.
func (r *Receiver) LogValue() slog.Value { return r.spec.LogValue() }

// MarshalJSON writes what String returns, as a JSON string.
func (r *Receiver) MarshalJSON() ([]byte, error) { return r.spec.MarshalJSON() }
