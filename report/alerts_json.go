package report

import (
	"encoding/json"

	"github.com/floodmark/floodmark/alert"
)

// A toldJSON is a notice and who has been told of it.
type toldJSON struct {
	alert.Notice
	delivered map[string]bool
}

// MarshalJSON adds delivered to the notice's own fields.
func (t toldJSON) MarshalJSON() ([]byte, error) {
	object, err := json.Marshal(t.Notice)
	if err != nil {
		return nil, err
	}
	delivered, err := json.Marshal(t.delivered)
	if err != nil {
		return nil, err
	}
	object = append(object[:len(object)-1], `,"delivered":`...) // a notice has fields
	return append(append(object, delivered...), '}'), nil
}

// changes returns the changes of alerts, each with who has been told.
func (a *Alerts) changes() []Change {
	notices := map[string]*alert.Notice{}
	for i := range a.Notices {
		notices[a.Notices[i].ID] = &a.Notices[i]
	}
	out := make([]Change, 0, len(a.Changes))
	for _, c := range a.Changes {
		if n := notices[c.Notice]; n != nil && len(n.Receivers) > 0 {
			c.Outcome = a.Delivered(n)
		}
		out = append(out, c)
	}
	return out
}

// notices returns the notices, each with who has been told.
func (a *Alerts) notices() []toldJSON {
	out := make([]toldJSON, 0, len(a.Notices))
	for i := range a.Notices {
		out = append(out, toldJSON{a.Notices[i], a.Delivered(&a.Notices[i])})
	}
	return out
}

// deliveries returns the attempts, never nil.
func (a *Alerts) deliveries() []Delivery { return append([]Delivery{}, a.Deliveries...) }
