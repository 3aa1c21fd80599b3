package observe

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
)

// Bounds on the notes of one request. Texts are counted in bytes.
const (
	maxNotes = 32
	maxText  = 256
)

// Note adds an attribute to the span and to the line of the log that the request has
// whose context this is: work_seconds, or cache with hit or miss. A duration becomes its
// seconds. A second note of one key takes the place of the first. Contexts of no request
// that an Observer watches, or of one that has ended, are ignored, as are notes beyond
// 32. A nil context is one of them. Secrets are not for notes.
func Note(ctx context.Context, key string, value any) {
	if ctx == nil {
		return
	}
	h, ok := ctx.Value(hopKey{}).(*hop)
	if !ok {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.noted {
		return
	}
	note := attribute.KeyValue{Key: attribute.Key(key), Value: plain(value)}
	i := slices.IndexFunc(h.notes, func(other attribute.KeyValue) bool { return other.Key == note.Key })
	switch {
	case i >= 0:
		h.notes[i] = note
	case len(h.notes) < maxNotes:
		h.notes = append(h.notes, note)
	}
}

// plain returns a value as spans and lines have it.
func plain(value any) attribute.Value {
	switch v := value.(type) {
	case string:
		return attribute.StringValue(cut(v))
	case bool:
		return attribute.BoolValue(v)
	case int:
		return attribute.IntValue(v)
	case int64:
		return attribute.Int64Value(v)
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			break // JSON has no word for it
		}
		return attribute.Float64Value(v)
	case time.Duration:
		return attribute.Float64Value(v.Seconds())
	}
	return attribute.StringValue(cut(fmt.Sprint(value)))
}

// cut shortens a text.
func cut(text string) string {
	if len(text) > maxText {
		text = text[:maxText]
	}
	return strings.ToValidUTF8(text, "?")
}
