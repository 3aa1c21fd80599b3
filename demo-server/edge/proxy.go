package edge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/floodmark/floodmark/demo-server/correlation"
)

// A roundTripper is a function that answers requests.
type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip calls the function.
func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// newTransport returns a transport that changes nothing of what it carries.
func newTransport(connect, header time.Duration) *http.Transport {
	return &http.Transport{
		DialContext:           (&net.Dialer{Timeout: connect}).DialContext,
		ResponseHeaderTimeout: header,
		DisableCompression:    true,
		MaxIdleConnsPerHost:   256,
		IdleConnTimeout:       90 * time.Second,
	}
}

// parseBase reads the URL of a server.
func parseBase(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil {
		return nil, err
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("want a URL such as http://127.0.0.1:8080, got %q", text)
	}
	return u, nil
}

// forward prepares a request for the next node. Of the client's forwarding headers only
// the addresses are kept: a host that is not part of an object's key must not have a say
// in what is kept under it.
func forward(p *httputil.ProxyRequest) {
	correlation.Read(p.In.Header).Write(p.Out.Header)
	addresses := p.In.Header.Values("X-Forwarded-For")
	if ip, _, err := net.SplitHostPort(p.In.RemoteAddr); err == nil {
		addresses = append(slices.Clip(addresses), ip)
	}
	if len(addresses) > 0 {
		p.Out.Header.Set("X-Forwarded-For", strings.Join(addresses, ", "))
	}
}

// refuse writes an answer of our own.
func refuse(w http.ResponseWriter, status int, reason string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": reason}) // a client that is gone is told nothing
}

// timedOut reports whether an error says that something took too long.
func timedOut(err error) bool {
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout() || errors.Is(err, context.DeadlineExceeded)
}

// A counter is a ResponseWriter that counts the bytes of the body.
type counter struct {
	http.ResponseWriter
	bytes uint64
}

// Write sends a part of the body.
func (c *counter) Write(p []byte) (int, error) {
	n, err := c.ResponseWriter.Write(p)
	c.bytes += uint64(n)
	return n, err
}

// Unwrap gives http.ResponseController what this does not offer.
func (c *counter) Unwrap() http.ResponseWriter { return c.ResponseWriter }
