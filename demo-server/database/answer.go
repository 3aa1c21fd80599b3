package database

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/floodmark/floodmark/demo-server/capacity"
	"github.com/floodmark/floodmark/demo-server/goods"
	"github.com/floodmark/floodmark/sleeper"
)

// maxBody bounds the body of a request or an answer, in bytes.
const maxBody = 256 << 10

// The headers of the protocol that are not HTTP's own.
const keyHeader = "Idempotency-Key"

// Bodies are objects, each as small as can be.
type (
	refusal struct {
		Error string `json:"error"`
	}
	credentials struct {
		User     string `json:"user"`
		Password string `json:"password"`
	}
	token struct {
		Token string `json:"token"`
	}
	name struct {
		User string `json:"user"`
	}
	price struct {
		Cents int `json:"price_cents"`
	}
	payment struct {
		Payment string `json:"payment"`
	}
	lines struct {
		Items []goods.Line `json:"items"`
	}
	orders struct {
		Items []goods.Order `json:"items"`
	}
	row struct {
		Key string `json:"key"`
	}
)

// invalid is a fault of the request.
type invalid string

// Error returns the fault.
func (i invalid) Error() string { return string(i) }

// send writes a JSON body; a client that is gone is told nothing.
func send(w http.ResponseWriter, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		status, text = http.StatusInternalServerError, []byte(`{"error":"an answer that cannot be written"}`)
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	_, _ = w.Write(text)
}

// refuse answers with an error, and returns the counter it belongs to.
func (n *Node) refuse(w http.ResponseWriter, r *http.Request, err error) *uint64 {
	status, counter := http.StatusInternalServerError, &n.stats.Failed
	switch {
	case r.Context().Err() != nil:
		return &n.stats.Cancelled
	case errors.As(err, new(invalid)):
		status, counter = http.StatusBadRequest, &n.stats.Invalid
	case errors.As(err, new(routeError)):
		status, counter = http.StatusNotFound, &n.stats.Invalid
	case errors.Is(err, goods.ErrNotFound):
		status, counter = http.StatusNotFound, &n.stats.Missing
	case errors.Is(err, goods.ErrDenied):
		status, counter = http.StatusUnauthorized, &n.stats.Denied
	case errors.Is(err, capacity.ErrFull):
		status, counter = http.StatusServiceUnavailable, &n.stats.Refused
	case errors.Is(err, goods.ErrUnavailable), errors.Is(err, sleeper.ErrClosed):
		status = http.StatusServiceUnavailable
	}
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", strconv.Itoa(int(retryAfter/time.Second)))
	}
	send(w, status, refusal{said(err)})
	return counter
}

// said returns an error without what the client's own sentinel will say again.
func said(err error) string {
	for _, sentinel := range []error{goods.ErrNotFound, goods.ErrDenied, goods.ErrUnavailable} {
		if errors.Is(err, sentinel) {
			text := strings.TrimSuffix(err.Error(), ": "+sentinel.Error())
			return strings.TrimPrefix(text, sentinel.Error()+": ")
		}
	}
	return err.Error()
}

// A routeError is a request for what there is not.
type routeError struct{ method, path string }

// Error names it.
func (e routeError) Error() string { return fmt.Sprintf("there is no %s %s", e.method, e.path) }

// decode reads the request's body.
func decode(r *http.Request, body any) error {
	if err := json.NewDecoder(http.MaxBytesReader(nil, r.Body, maxBody)).Decode(body); err != nil {
		return invalid("body: " + err.Error())
	}
	return nil
}

// number reads a number of the request.
func number(what, text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, invalid(fmt.Sprintf("%s: %q is not a number", what, text))
	}
	return n, nil
}
