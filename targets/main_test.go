package targets

import (
	"net/http"
	"net/url"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// at returns a target for a server's URL that keeps its connections.
func at(tb testing.TB, raw string) Target {
	tb.Helper()
	base, err := url.Parse(raw)
	if err != nil {
		tb.Fatal(err)
	}
	return Target{BaseURL: base, Reuse: true}
}

// compile returns a request of the target, GET by default.
func compile(tb testing.TB, target Target, rawURL string) *Request {
	tb.Helper()
	req, err := target.Compile(http.MethodGet, rawURL, nil, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return req
}
