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

// A statusError is an answer that counts as a failure.
type statusError int

// Error returns the status.
func (s statusError) Error() string { return fmt.Sprintf("status %d", int(s)) }

// RoundTrip sends a request, unless the guard refuses it.
func (t guarded) RoundTrip(r *http.Request) (*http.Response, error) {
	var response *http.Response
	sent := false
	err := t.guard.DoOr(r.Context(), func(ctx context.Context) error {
		sent = true
		got, err := t.next.RoundTrip(r.WithContext(ctx))
		if err != nil {
			return err
		}
		body, err := io.ReadAll(io.LimitReader(got.Body, maxGuarded))
		if err = errors.Join(err, got.Body.Close()); err != nil {
			return err
		}
		got.Body = io.NopCloser(bytes.NewReader(body))
		response = got
		if got.StatusCode >= http.StatusInternalServerError {
			return statusError(got.StatusCode)
		}
		return nil
	}, nil)
	if !sent && r.Body != nil {
		_ = r.Body.Close() // a transport closes it always
	}
	if err != nil && !errors.As(err, new(statusError)) {
		return nil, err
	}
	return response, nil
}
