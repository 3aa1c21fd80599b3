package shop

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/floodmark/floodmark/demo-server/capacity"
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

// statusOf returns the status that tells a client what an error means for it.
func statusOf(err error) int {
	switch {
	case errors.As(err, new(*http.MaxBytesError)):
		return http.StatusRequestEntityTooLarge
	case errors.As(err, new(invalid)):
		return http.StatusBadRequest
	case errors.Is(err, ErrDenied):
		return http.StatusUnauthorized
	case errors.Is(err, thirdparty.ErrDeclined):
		return http.StatusPaymentRequired
	case errors.Is(err, ErrNotFound):
		return http.StatusNotFound
	case errors.As(err, new(*methodError)):
		return http.StatusMethodNotAllowed
	case errors.Is(err, thirdparty.ErrOutage):
		return http.StatusBadGateway
	case errors.Is(err, capacity.ErrFull), errors.Is(err, sleeper.ErrClosed): // which ends the server
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
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
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			other := &http.Request{Method: method, URL: r.URL, Host: r.Host}
			if _, pattern := mux.Handler(other); pattern != "/" && pattern != "" {
				allowed = append(allowed, method)
			}
		}
		if len(allowed) == 0 {
			return fmt.Errorf("%s: %w", r.URL.Path, ErrNotFound)
		}
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		return &methodError{allowed}
	}
}
