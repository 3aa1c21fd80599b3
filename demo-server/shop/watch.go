package shop

import (
	"bufio"
	"context"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"time"
)

// CorrelationHeader carries the id that ties a request to its line in the log: the
// client's, or else one made here. The answer carries it too.
const CorrelationHeader = "X-Correlation-Id"

// maxCorrelation bounds the length of a client's id; a longer one is replaced.
const maxCorrelation = 64

// watched times, counts and logs what an endpoint answers.
func (s *Shop) watched(name string, next http.Handler) http.Handler {
	counts := s.metrics.endpoint(name)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		w.Header().Set(CorrelationHeader, correlation(r))
		seen := recorder{ResponseWriter: w}
		defer s.note(counts, r, &seen, start) // deferred, since http.ErrAbortHandler may pass by
		next.ServeHTTP(&seen, r)
	})
}

// correlation returns the request's id.
func correlation(r *http.Request) string {
	id := r.Header.Get(CorrelationHeader)
	if id == "" || len(id) > maxCorrelation {
		return strconv.FormatUint(rand.Uint64(), 36)
	}
	return id // net/http has refused control characters in it
}

// note counts a request and writes its line. The level is asked for first: a discarded
// line must not cost what building it does.
func (s *Shop) note(counts *counts, r *http.Request, seen *recorder, start time.Time) {
	took, status := time.Since(start), seen.outcome(r.Context())
	counts.observe(status, took)
	level := slog.LevelInfo
	if status >= http.StatusInternalServerError {
		level = slog.LevelWarn
	}
	if s.Log == nil || !s.Log.Enabled(r.Context(), level) {
		return
	}
	s.Log.LogAttrs(r.Context(), level, "request",
		slog.String("correlation_id", seen.Header().Get(CorrelationHeader)),
		slog.String("method", r.Method),
		slog.String("path", r.URL.Path),
		slog.Int("status", status),
		slog.Float64("seconds", took.Seconds()),
	)
}

// A recorder notes the status of an answer.
type recorder struct {
	http.ResponseWriter
	status int // 0: none yet
	cut    bool
}

// WriteHeader notes the first final status.
func (rec *recorder) WriteHeader(status int) {
	if rec.status == 0 && status >= http.StatusOK {
		rec.status = status
	}
	rec.ResponseWriter.WriteHeader(status)
}

// Write sends a part of the body.
func (rec *recorder) Write(p []byte) (int, error) {
	if rec.status == 0 {
		rec.status = http.StatusOK
	}
	return rec.ResponseWriter.Write(p)
}

// Hijack gives the connection away, after which there is no answer.
func (rec *recorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffer, err := http.NewResponseController(rec.ResponseWriter).Hijack()
	rec.cut = err == nil
	return conn, buffer, err
}

// Unwrap gives http.ResponseController what this does not offer.
func (rec *recorder) Unwrap() http.ResponseWriter { return rec.ResponseWriter }

// outcome returns the status the client got, or 0 when it got none.
func (rec *recorder) outcome(ctx context.Context) int {
	switch {
	case rec.status != 0:
		return rec.status
	case rec.cut || ctx.Err() != nil:
		return 0
	}
	return http.StatusOK // what net/http sends for a handler that wrote nothing
}
