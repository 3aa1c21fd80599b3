// Package correlation ties together what one request causes at every hop: the lines in
// each server's log, and the spans of a trace.
//
// It does not know what the hops do, and it writes neither logs nor traces.
//
// The main type is [IDs]. They are read from a request's headers, made where they are
// missing, kept in its context, and written to the headers of every request made
// because of it.
package correlation

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"net/http"
	"strings"
)

// The headers that carry the ids, in the form that http.Header has them.
const (
	RequestIDHeader   = "X-Request-Id"
	TraceparentHeader = "Traceparent"
)

// maxID bounds a request id, and maxTraceparent what a later version of the standard
// may add to a traceparent, in bytes.
const (
	maxID          = 64
	maxTraceparent = 128
)

// IDs are what one request is known by.
type IDs struct {
	Request string // 1 to 64 letters, digits, dots, dashes or underscores

	// Traceparent is the W3C Trace Context of whoever asked, or empty. Nobody makes one
	// here: a trace begins where somebody records it.
	Traceparent string
}

// Read returns the ids in a request's headers. What does not belong into a request id is
// dropped, and an id of which nothing is left is made anew; a traceparent that is not
// one counts as absent.
func Read(h http.Header) IDs {
	ids := IDs{Request: clean(h.Get(RequestIDHeader)), Traceparent: h.Get(TraceparentHeader)}
	if ids.Request == "" {
		ids.Request = random()
	}
	if !valid(ids.Traceparent) {
		ids.Traceparent = ""
	}
	return ids
}

// random returns 32 hexadecimal digits.
func random() string {
	var raw [16]byte
	binary.BigEndian.PutUint64(raw[:8], rand.Uint64())
	binary.BigEndian.PutUint64(raw[8:], rand.Uint64())
	return hex.EncodeToString(raw[:])
}

// Write puts the ids into headers, in place of whatever is there.
func (ids IDs) Write(h http.Header) {
	set(h, RequestIDHeader, ids.Request)
	set(h, TraceparentHeader, ids.Traceparent)
}

// set changes a header only if it must: most have the ids already, from the hop before.
func set(h http.Header, name, value string) {
	switch values := h[name]; {
	case len(values) == 1 && values[0] == value && value != "":
	case value == "":
		delete(h, name)
	default:
		h[name] = []string{value}
	}
}

type key struct{}

// A carrier is a context with ids: context.WithValue would allocate twice, at each hop.
type carrier struct {
	context.Context
	ids IDs
}

// Value returns the ids, or what the context has that this one is made of.
func (c *carrier) Value(k any) any {
	if k == (key{}) {
		return c
	}
	return c.Context.Value(k)
}

// With returns a context that carries the ids.
func With(ctx context.Context, ids IDs) context.Context { return &carrier{ctx, ids} }

// From returns the ids that a context carries, none if it carries none.
func From(ctx context.Context) IDs {
	if c, ok := ctx.Value(key{}).(*carrier); ok {
		return c.ids
	}
	return IDs{}
}

// clean drops what does not belong into a request id, and what is too much.
func clean(id string) string {
	if len(id) > maxID {
		id = id[:maxID]
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', strings.ContainsRune("._-", r):
			return r
		}
		return -1
	}, id)
}

// valid reports whether text is a traceparent: version, trace id, parent id and flags in
// lower-case hexadecimal, the ids not zero. Version ff is forbidden, and a version above
// 00 may have more to it.
func valid(text string) bool {
	const whole = len("00-0123456789abcdef0123456789abcdef-0123456789abcdef-01")
	if len(text) < whole || len(text) > maxTraceparent {
		return false
	}
	version, rest := text[:2], text[whole:]
	trace, parent, flags := text[3:35], text[36:52], text[53:whole]
	switch {
	case text[2] != '-' || text[35] != '-' || text[52] != '-':
		return false
	case strings.Trim(version+trace+parent+flags, "0123456789abcdef") != "":
		return false
	case version == "ff", strings.Trim(trace, "0") == "", strings.Trim(parent, "0") == "":
		return false
	case version == "00":
		return rest == ""
	}
	return rest == "" || rest[0] == '-' && strings.Trim(rest, "-0123456789abcdefghijklmnopqrstuvwxyz") == ""
}
