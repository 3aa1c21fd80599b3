package shop

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/floodmark/floodmark/demo-server/guard"
)

// maxGuarded bounds the answer of a guarded service, in bytes.
const maxGuarded = 256 << 10

// Guarded returns a transport with a guard before each request. It is for clients that
// make do with less when there is no answer, as thirdparty.WeatherClient does: a guard
// around such a client would never hear of a failure, and the client nothing of an open
// breaker. An answer of 500 and above is a failure, and is the answer all the same. An
// answer counts once it is read to its end, within the guard's time.
func Guarded(g *guard.Guard, next http.RoundTripper) http.RoundTripper {
	return guarded{g, next}
}

type guarded struct {
	guard *guard.Guard
	next  http.RoundTripper
}

// A badStatus is an answer that counts as a failure.
type badStatus int

// Error returns the status.
func (s badStatus) Error() string { return fmt.Sprintf("status %d", int(s)) }

// RoundTrip sends a request, unless the guard refuses it.
func (t guarded) RoundTrip(r *http.Request) (*http.Response, error) {
	var response *http.Response
	sent := false
	err := t.guard.DoOr(r.Context(), func(ctx context.Context) error {
		sent = true
		var err error
		response, err = t.whole(r.WithContext(ctx))
		if err == nil && response.StatusCode >= http.StatusInternalServerError {
			err = badStatus(response.StatusCode)
		}
		return err
	}, nil)
	if !sent && r.Body != nil {
		_ = r.Body.Close() // a transport closes it always
	}
	if err != nil && !errors.As(err, new(badStatus)) {
		return nil, err
	}
	return response, nil
}

// whole sends a request and reads the answer to its end.
func (t guarded) whole(r *http.Request) (*http.Response, error) {
	response, err := t.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxGuarded))
	if err = errors.Join(err, response.Body.Close()); err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}
