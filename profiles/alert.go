package profiles

import (
	"time"

	"github.com/floodmark/floodmark/profiles/document"
)

// An Alert says when an SLO needs people while the load runs. Empty means that the run decides: by the SLO's objective,
// the rate and the length of the run.
type Alert struct {
	Name string
	// When is what trouble looks like, over windows: success < 80% over 30s. It is empty where BurnRate is not.
	When     Expression
	BurnRate string     // auto or google: a set of burn-rate conditions instead of When
	Resolve  Expression // when it is over
	For      time.Duration
	// KeepFiring is how long it must be clear before it resolves.
	KeepFiring time.Duration
	MinEvents  int64  // fewer requests in a window are not judged
	NoData     string // keep, breach or ok
	Severity   string
	During     []string // stages in which it counts; none: all
	By         []string // labels of which each set of values is an alert of its own
	Mute       []string // stages in which nobody is told
	Notify     []string // names of receivers
	Action     string   // none or abort
}

// Severities are what an alert's severity may be, worst first.
func Severities() []string { return []string{"page", "critical", "error", "warning", "ticket", "info"} }

// A Receiver is whom to tell. Whether its type exists and has all that it needs is not known here.
type Receiver struct {
	Name          string
	Type          string
	URL           Secret
	Key           Secret // of PagerDuty and Opsgenie
	SigningSecret Secret
	Headers       []SecretHeader
	Command       []string
	Path          string
	Title, Body   string // templates
	Channel       string
	Username      string
	Timeout       time.Duration
	AllowHTTP     bool
}

// A SecretHeader is a header of which the value is not for showing.
type SecretHeader struct {
	Name  string
	Value Secret
}

// A Secret is a value that is never shown. It comes from a variable or from a file, so that it is not in the profile,
// which people keep in a repository.
type Secret struct {
	Value string // empty until the file is read
	Raw   string // as it stands in the profile: ${NAME}
	File  string
}

// IsZero reports whether there is none.
func (s Secret) IsZero() bool { return s == Secret{} }

// String hides the value, as do all other ways to print it.
func (s Secret) String() string { return document.Masked }

// GoString hides the value.
func (s Secret) GoString() string { return document.Masked }

// MarshalText hides the value.
func (s Secret) MarshalText() ([]byte, error) { return []byte(document.Masked), nil }

// Secrets returns the addresses of a receiver's secrets, by the keys they have in a profile.
func (r *Receiver) Secrets() map[string]*Secret {
	all := map[string]*Secret{"url": &r.URL, "key": &r.Key, "signing_secret": &r.SigningSecret}
	for i := range r.Headers {
		all["headers."+r.Headers[i].Name] = &r.Headers[i].Value
	}
	return all
}
