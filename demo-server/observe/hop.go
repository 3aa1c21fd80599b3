package observe

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/floodmark/floodmark/demo-server/correlation"
	traces "github.com/floodmark/floodmark/demo-server/observe/trace"
)

// A hop is one request at one server. It is the context of the request, with its ids.
type hop struct {
	context.Context
	observer *Observer
	begun    time.Time
	ids      correlation.IDs
	span     trace.Span // nil: none
	answer   answer

	mu    sync.Mutex
	noted bool // whether anybody will see notes; not any more when the hop has ended
	notes []attribute.KeyValue
}

type hopKey struct{}

// Value returns the hop itself to Note, and else what the request's context has.
func (h *hop) Value(key any) any {
	if key == (hopKey{}) {
		return h
	}
	return h.Context.Value(key)
}

// begin gives a request its ids, and says so in its headers.
func (o *Observer) begin(w http.ResponseWriter, r *http.Request) *hop {
	h := &hop{observer: o, begun: time.Now(), ids: correlation.Read(r.Header)}
	ctx := r.Context()
	if o.tracer != nil {
		h.span = o.span(ctx, r, h)
		h.noted = h.span.IsRecording()
		h.ids.Traceparent = traceparent(h.span.SpanContext())
	}
	h.noted = h.noted || o.Log != nil && o.Log.Enabled(ctx, slog.LevelWarn)
	h.ids.Write(r.Header)
	h.answer = answer{ResponseWriter: w, id: h.ids.Request}
	h.Context = correlation.With(ctx, h.ids)
	o.arrived()
	return h
}

// end counts the request, ends its span and writes its line.
func (h *hop) end(r *http.Request) {
	took, status := time.Since(h.begun), h.answer.outcome(r.Context())
	h.observer.left(r.Pattern, status, took)
	h.mu.Lock()
	notes := h.notes
	h.noted, h.notes = false, nil
	h.mu.Unlock()
	if h.span != nil {
		h.close(r, status, notes, h.begun.Add(took))
	}
	h.log(r, status, notes, took)
}

// close ends the span.
func (h *hop) close(r *http.Request, status int, notes []attribute.KeyValue, at time.Time) {
	if h.span.IsRecording() {
		h.span.SetName(spanName(r))
		h.span.SetAttributes(notes...)
		if status != 0 {
			h.span.SetAttributes(attribute.Int(traces.StatusKey, status))
		}
		if status == 0 && !h.answer.taken || status >= http.StatusInternalServerError {
			h.span.SetStatus(codes.Error, "")
		}
	}
	h.span.End(trace.WithTimestamp(at))
}

// spanName returns the request's method and the path of its pattern.
func spanName(r *http.Request) string {
	path := r.Pattern
	if _, after, found := strings.Cut(path, " "); found { // HEAD is answered by GET's
		path = after
	}
	return strings.TrimSpace(r.Method + " " + path)
}

// log writes the line. The level is asked for first: a discarded line must not cost what
// building it does. Neither query nor headers are in it: both may hold secrets.
func (h *hop) log(r *http.Request, status int, notes []attribute.KeyValue, took time.Duration) {
	level := slog.LevelInfo
	if status >= http.StatusInternalServerError {
		level = slog.LevelWarn
	}
	log := h.observer.Log
	if log == nil || !log.Enabled(r.Context(), level) {
		return
	}
	line := make([]slog.Attr, 0, 7+len(notes))
	line = append(line, slog.String("node", h.observer.Node), slog.String("request_id", h.ids.Request))
	if h.span != nil && h.span.SpanContext().IsSampled() {
		line = append(line, slog.String("trace_id", h.span.SpanContext().TraceID().String()))
	}
	line = append(
		line,
		slog.String("method", r.Method),
		slog.String("path", r.URL.Path),
		slog.Int("status", status),
		slog.Float64("seconds", took.Seconds()),
	)
	for _, note := range notes {
		line = append(line, slog.Any(string(note.Key), note.Value.AsInterface()))
	}
	log.LogAttrs(r.Context(), level, "request", line...)
}
