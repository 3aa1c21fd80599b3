// Package trace reads the way of one request through the servers of a backend out of a
// file of spans, and draws it.
//
// It does not know how the spans came there: any file of OpenTelemetry's stdouttrace, a
// line of JSON for each span, will do.
//
// The main type is [Trace], which [ReadTrace] makes and whose Tree is for people.
package trace

import (
	"cmp"
	"slices"
	"time"
)

// The attributes of spans that are read here; all others are notes.
const (
	RequestKey = "request_id"
	NodeKey    = "node"
	PartKey    = "part"
	MethodKey  = "http.request.method"
	PathKey    = "url.path"
	StatusKey  = "http.response.status_code"
)

// A Trace is what the servers did for one request. It is plain data.
type Trace struct {
	Request string   `json:"request_id"` // of the earliest span
	IDs     []string `json:"trace_ids"`  // of the spans; more than one where a request was sent more than once
	Spans   []Span   `json:"spans"`      // by their start
	Left    int      `json:"left"`       // spans of the request beyond the first 10,000, which are not in Spans
}

// A Span is what one server did.
type Span struct {
	Trace   string        `json:"trace_id"`
	ID      string        `json:"span_id"`
	Parent  string        `json:"parent_span_id,omitempty"` // empty: nobody's
	Request string        `json:"request_id,omitempty"`
	Node    string        `json:"node"`
	Part    string        `json:"part,omitempty"`
	Name    string        `json:"name"` // method and pattern
	Path    string        `json:"path,omitempty"`
	Status  int           `json:"status"` // 0: the client got no whole answer
	Start   time.Time     `json:"start"`
	Took    time.Duration `json:"took_ns"`
	Notes   []Note        `json:"notes,omitempty"`
}

// A Note is an attribute that a server added. A value is a string, a float64 or a bool.
type Note struct {
	Key   string `json:"key"`
	Value any    `json:"value"`
}

// sort brings the spans in order and names the trace after them.
func (t *Trace) sort() {
	slices.SortStableFunc(t.Spans, func(a, b Span) int { return a.Start.Compare(b.Start) })
	for _, s := range t.Spans {
		t.Request = cmp.Or(t.Request, s.Request)
		if !slices.Contains(t.IDs, s.Trace) {
			t.IDs = append(t.IDs, s.Trace)
		}
	}
}

// period returns when the first span began and the last one ended.
func (t *Trace) period() (from, to time.Time) {
	for i, s := range t.Spans {
		if end := s.Start.Add(s.Took); i == 0 || end.After(to) {
			to = end
		}
		if i == 0 || s.Start.Before(from) {
			from = s.Start
		}
	}
	return from, to
}
