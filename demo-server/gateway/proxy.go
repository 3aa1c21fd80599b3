package gateway

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httputil"

	"github.com/floodmark/floodmark/demo-server/correlation"
)

// errUnusable says that an upstream's answer cannot be changed as it must be.
var errUnusable = errors.New("the upstream's answer cannot be passed on")

// newProxy returns what forwards requests.
func (g *Gateway) newProxy(transport http.RoundTripper) *httputil.ReverseProxy {
	return &httputil.ReverseProxy{
		Transport:      transport,
		Rewrite:        g.outgoing,
		ModifyResponse: g.incoming,
		ErrorHandler:   g.failed,
		ErrorLog:       slog.NewLogLogger(g.config.Log.Handler(), slog.LevelWarn),
	}
}

// forward asks the upstream.
func (g *Gateway) forward(w http.ResponseWriter, r *http.Request, x *exchange) {
	ctx, cancel := context.WithTimeout(r.Context(), x.route.Timeout)
	defer cancel()
	r = r.WithContext(ctx)
	r.Body = http.MaxBytesReader(w, r.Body, g.config.MaxBody)
	x.outcome = aborted // until it is known better: copying the answer may panic
	x.outcome = g.ask(w, r, x)
}

// ask returns what came of forwarding, of which the proxy itself tells nothing.
func (g *Gateway) ask(w http.ResponseWriter, r *http.Request, x *exchange) outcome {
	g.proxy.ServeHTTP(w, r)
	if x.outcome == aborted {
		return answered
	}
	return x.outcome
}

// outgoing makes the upstream's request of the client's. The proxy has removed the
// headers of the client's connection before, and those about forwarding: so whatever the
// client lists in Connection, what is set here arrives.
func (g *Gateway) outgoing(p *httputil.ProxyRequest) {
	x := exchangeOf(p.In.Context())
	at, header := x.route, p.Out.Header
	at.rewrite(p.Out.URL)
	p.SetURL(at.upstream.url.Load())
	if g.config.TrustForwarded {
		header["X-Forwarded-For"] = p.In.Header["X-Forwarded-For"]
	}
	p.SetXForwarded()
	switch {
	case at.Public && at.Cache > 0:
		header.Del("Authorization")
		header.Del(KeyHeader)
		header.Del("Cookie")
	case !at.Public && !at.PassCredentials:
		header.Del("Authorization")
		header.Del(KeyHeader)
	}
	if len(at.RemoveFields) > 0 {
		header.Set("Accept-Encoding", "identity") // what is packed cannot be changed
	}
	change(header, at.RemoveRequest, at.SetRequest)
	if x.identity.User != "" {
		header.Set(UserHeader, x.identity.User)
	}
	x.ids.Write(header)
}

// incoming makes the client's answer of the upstream's.
func (g *Gateway) incoming(response *http.Response) error {
	x := exchangeOf(response.Request.Context())
	response.Header.Del(correlation.RequestIDHeader) // ours is set when the answer begins
	if len(x.route.RemoveFields) > 0 {
		if err := prune(response, x.route.RemoveFields, g.config.MaxTransform); err != nil {
			return err
		}
	}
	change(response.Header, x.route.RemoveResponse, x.route.SetResponse)
	if x.key != "" {
		if err := g.keep(response, x); err != nil {
			return err
		}
	}
	if x.cache != "" {
		response.Header.Set("X-Cache", x.cache)
	}
	return nil
}

// change removes headers and sets others.
func change(header http.Header, remove []string, set map[string]string) {
	for _, name := range remove {
		header.Del(name)
	}
	for name, value := range set {
		header.Set(name, value)
	}
}

// failed answers in place of an upstream.
func (g *Gateway) failed(w http.ResponseWriter, r *http.Request, err error) {
	x := exchangeOf(r.Context())
	refused := &refusal{outcome: badGateway, status: http.StatusBadGateway, text: "the upstream cannot be reached"}
	switch {
	case errors.As(err, new(*http.MaxBytesError)):
		refused = &refusal{outcome: tooLarge, status: http.StatusRequestEntityTooLarge, text: "the request's body is too large"}
	case errors.Is(r.Context().Err(), context.DeadlineExceeded):
		refused = &refusal{outcome: gatewayTimeout, status: http.StatusGatewayTimeout, text: "the upstream took too long"}
	case r.Context().Err() != nil:
		// The client is gone, or this server ends; an answer of 200 would be a lie.
		refused = &refusal{outcome: gone, status: http.StatusServiceUnavailable, text: "the request was given up"}
	case errors.Is(err, errUnusable):
		refused.text = errUnusable.Error()
	}
	x.outcome = refused.outcome
	if refused.outcome != gone {
		g.config.Log.WarnContext(r.Context(), "upstream", "request_id", x.ids.Request, "upstream", x.route.upstream.name, "error", err)
	}
	refused.answer(w)
}
