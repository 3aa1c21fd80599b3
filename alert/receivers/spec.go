package receivers

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"time"
)

// A Spec is a receiver as a profile describes it. It is plain data, and holds secrets:
// printed, logged or marshalled, it shows its name, type and host alone. Package fmt
// cannot keep that promise for a Spec in an unexported field of another struct.
type Spec struct {
	Name string // in the profile
	Type string // one of Types

	URL           string      // of the service; pagerduty and opsgenie have one of their own
	Key           string      // pagerduty: the routing key; opsgenie: the API key
	SigningSecret string      // webhook: whsec_ and base64; several, separated by spaces, while one replaces another
	Headers       [][2]string // webhook and alertmanager: added to each request; the values are secrets
	Command       []string    // exec: the program and its arguments; there is no shell
	Path          string      // file: to which lines are appended

	Title string // template of the title, "": as built in
	Body  string // template of the text, or of the whole body for webhook and opsgenie; "": as built in

	Channel  string // slack, mattermost: instead of the webhook's own
	Username string // slack, mattermost, discord: likewise

	Timeout   time.Duration // of one attempt; 0: 15 s
	AllowHTTP bool          // http without TLS also to other machines
}

// defaultTimeout is within the 15 to 30 s that Standard Webhooks recommends.
const defaultTimeout = 15 * time.Second

// timeout returns how long one attempt may take.
func (s *Spec) timeout() time.Duration {
	if s.Timeout > 0 {
		return s.Timeout
	}
	return defaultTimeout
}

// String returns name, type and host.
func (s Spec) String() string {
	text := fmt.Sprintf("%s receiver %q", s.Type, s.Name)
	if u, err := url.Parse(s.URL); err == nil && u.Hostname() != "" {
		text += " at " + u.Hostname()
	}
	return text
}

// GoString returns what String does.
func (s Spec) GoString() string { return s.String() }

// Format writes what String returns, whatever the verb.
func (s Spec) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue returns what String does, for package slog.
func (s Spec) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText writes what String returns.
func (s Spec) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalJSON writes what String returns, as a JSON string.
func (s Spec) MarshalJSON() ([]byte, error) { return json.Marshal(s.String()) }
