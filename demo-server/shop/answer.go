package shop

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/floodmark/floodmark/demo-server/capacity"
	"github.com/floodmark/floodmark/demo-server/goods"
	"github.com/floodmark/floodmark/demo-server/guard"
	"github.com/floodmark/floodmark/demo-server/thirdparty"
	"github.com/floodmark/floodmark/sleeper"
)

// maxBody bounds the body of a request, in bytes.
const maxBody = 64 << 10

// A refusal is the body of every answer that is an error.
type refusal struct {
	Error string `json:"error"`
}

// invalid is a fault of the request.
type invalid string

// Error returns the fault.
func (i invalid) Error() string { return string(i) }

// A methodError is a request for a path that exists, by a method that does not.
type methodError struct{ allowed []string }

// Error names the methods there are.
func (e *methodError) Error() string {
	return "method not allowed; there are: " + strings.Join(e.allowed, ", ")
}

// A busyError says that no worker was free.
type busyError struct{ reason error }

// Error returns the reason.
func (e *busyError) Error() string { return e.reason.Error() }

// Unwrap returns the reason.
func (e *busyError) Unwrap() error { return e.reason }

// A laterError is an error that somebody knows the end of.
type laterError struct {
	error
	wait time.Duration
}

// Unwrap returns the error.
func (e *laterError) Unwrap() error { return e.error }

// errProvider stands for what a third party's client says, which is for the log.
var errProvider = errors.New("a service that the shop depends on does not answer")

// statusOf returns the status that tells a client what an error means for it, and the
// counter it belongs to.
func statusOf(err error) (int, outcome) {
	switch {
	case errors.As(err, new(*http.MaxBytesError)):
		return http.StatusRequestEntityTooLarge, refusedInvalid
	case errors.As(err, new(invalid)):
		return http.StatusBadRequest, refusedInvalid
	case errors.Is(err, goods.ErrDenied):
		return http.StatusUnauthorized, denied
	case errors.Is(err, thirdparty.ErrDeclined):
		return http.StatusPaymentRequired, declined
	case errors.Is(err, goods.ErrNotFound):
		return http.StatusNotFound, missing
	case errors.As(err, new(*methodError)):
		return http.StatusMethodNotAllowed, refusedInvalid
	case errors.Is(err, thirdparty.ErrKeyReused):
		return http.StatusUnprocessableEntity, refusedInvalid
	case errors.Is(err, capacity.ErrFull), errors.As(err, new(*busyError)):
		return http.StatusServiceUnavailable, refused
	case errors.Is(err, guard.ErrOpen), errors.Is(err, guard.ErrFull),
		errors.Is(err, goods.ErrUnavailable), errors.Is(err, thirdparty.ErrQuota),
		errors.Is(err, sleeper.ErrClosed): // which ends the server
		return http.StatusServiceUnavailable, unavailable
	case errors.Is(err, guard.ErrTimeout), errors.Is(err, context.DeadlineExceeded):
		return http.StatusGatewayTimeout, unavailable
	case errors.Is(err, thirdparty.ErrOutage), errors.Is(err, thirdparty.ErrNoForecast), errors.Is(err, errProvider):
		return http.StatusBadGateway, unavailable
	}
	return http.StatusInternalServerError, failed
}

// answer writes a JSON body. Its error is always nil, so that a handler can end with it:
// a client that is gone is told nothing.
func answer(w http.ResponseWriter, status int, body any) error {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
	return nil
}

// read decodes the request's body, which is one JSON object without unknown fields.
func read(w http.ResponseWriter, r *http.Request, body any) error {
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(body); err != nil {
		return bodyError(err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return bodyError(errors.New("something follows the first JSON value"))
	}
	return nil
}

// bodyError makes a fault of the request out of what the decoder says.
func bodyError(err error) error {
	if errors.As(err, new(*http.MaxBytesError)) {
		return fmt.Errorf("body: %w", err)
	}
	if errors.Is(err, io.EOF) {
		return invalid("body: want a JSON object, got nothing")
	}
	return invalid("body: " + strings.TrimPrefix(err.Error(), "json: "))
}

// health says that the server is there.
func health(w http.ResponseWriter, _ *http.Request) error {
	return answer(w, http.StatusOK, map[string]string{"status": "ok"})
}

// unrouted answers what no other route of the mux takes: it finds out by which methods,
// if any, the path would have been.
func unrouted(mux *http.ServeMux) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		var allowed []string
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
			other := &http.Request{Method: method, URL: r.URL, Host: r.Host}
			if _, pattern := mux.Handler(other); pattern != "/" && pattern != "" {
				allowed = append(allowed, method)
			}
		}
		if len(allowed) == 0 {
			return fmt.Errorf("%s: %w", r.URL.Path, goods.ErrNotFound)
		}
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		return &methodError{allowed}
	}
}
