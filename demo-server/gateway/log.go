package gateway

import (
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"
	"time"

	"github.com/floodmark/floodmark/demo-server/correlation"
	"github.com/floodmark/floodmark/demo-server/observe"
)

// A recorder notes what the client gets, and gives the answer its request id as late as
// possible: the proxy clears all headers after an informational answer.
type recorder struct {
	http.ResponseWriter
	id     string
	status int // 0: none yet
	bytes  int64
}

// WriteHeader notes the first final status.
func (rec *recorder) WriteHeader(status int) {
	if rec.status == 0 && (status >= http.StatusOK || status == http.StatusSwitchingProtocols) {
		rec.status = status
		rec.Header().Set(correlation.RequestIDHeader, rec.id)
	}
	rec.ResponseWriter.WriteHeader(status)
}

// Write sends a part of the body.
func (rec *recorder) Write(p []byte) (int, error) {
	if rec.status == 0 {
		rec.WriteHeader(http.StatusOK)
	}
	n, err := rec.ResponseWriter.Write(p)
	rec.bytes += int64(n)
	return n, err
}

// Unwrap gives http.ResponseController what this does not offer.
func (rec *recorder) Unwrap() http.ResponseWriter { return rec.ResponseWriter }

// answer sends a refusal, in the words of all servers here.
func (f *refusal) answer(w http.ResponseWriter) {
	maps.Copy(w.Header(), f.header)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(f.status)
	_ = json.NewEncoder(w).Encode(struct { // a client that is gone is told nothing
		Error string `json:"error"`
	}{f.text})
}

// finish counts a request and writes its line. Neither query nor headers are in it: both
// may hold secrets.
func (g *Gateway) finish(rec *recorder, r *http.Request, x *exchange) {
	g.tally.End(x.outcome)
	if x.cache != "" {
		observe.Note(r.Context(), "cache", x.cache)
	}
	if x.outcome != answered {
		observe.Note(r.Context(), "outcome", x.outcome.String())
	}
	level := slog.LevelInfo
	if rec.status >= http.StatusInternalServerError {
		level = slog.LevelWarn
	}
	if !g.config.Log.Enabled(r.Context(), level) {
		return
	}
	pattern, upstream := "", ""
	if x.route != nil {
		pattern = x.route.Pattern
		if x.outcome.forwarded() {
			upstream = x.route.upstream.name
		}
	}
	g.config.Log.LogAttrs(r.Context(), level, "request",
		slog.String("request_id", x.ids.Request),
		slog.String("method", r.Method),
		slog.String("path", r.URL.Path),
		slog.String("user", x.identity.User),
		slog.String("route", pattern),
		slog.String("upstream", upstream),
		slog.Int("status", rec.status),
		slog.Int64("bytes", rec.bytes),
		slog.Float64("seconds", time.Since(x.begun).Seconds()),
		slog.String("cache", x.cache),
		slog.String("outcome", x.outcome.String()),
	)
}
