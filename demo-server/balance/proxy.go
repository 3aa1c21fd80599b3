package balance

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"strconv"
	"strings"
	"sync"

	"github.com/floodmark/floodmark/demo-server/correlation"
	"github.com/floodmark/floodmark/demo-server/observe"
)

// passageKey is where a request's context has its passage.
type passageKey struct{}

// newProxy returns the part that knows HTTP: which headers are of one hop only, and how
// bodies, trailers and upgraded connections are handed on. Whom to, is forward's business.
func (b *Balancer) newProxy() *httputil.ReverseProxy {
	buffers := &buffers{sync.Pool{New: func() any { return new([32 << 10]byte) }}}
	return &httputil.ReverseProxy{
		Transport:      forwarder{b},
		Rewrite:        b.rewrite,
		ModifyResponse: b.answer,
		ErrorHandler:   refuse(b.pool.wait),
		BufferPool:     buffers,
		FlushInterval:  -1, // what a backend sends is handed on at once, also of an answer whose length is known
		ErrorLog:       slog.NewLogLogger(b.config.Log.Handler(), slog.LevelDebug),
	}
}

// ServeHTTP hands a request to a backend.
func (b *Balancer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	wish := ""
	if b.config.Sticky.Cookie != "" {
		if cookie, err := r.Cookie(b.config.Sticky.Cookie); err == nil {
			wish = cookie.Value
		}
	}
	p := b.pool.enter(b.client(r), wish)
	defer b.leave(r.Context(), p) // deferred, since http.ErrAbortHandler may pass by
	b.proxy.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), passageKey{}, p)))
}

// leave ends a passage, and notes whom the request went to.
func (b *Balancer) leave(ctx context.Context, p *passage) {
	if n := len(p.tried); n > 0 {
		observe.Note(ctx, "backend", p.tried[n-1].backend.Name)
		if n > 1 {
			observe.Note(ctx, "attempts", n)
		}
	}
	b.pool.leave(p)
}

// client returns the address of whoever asks.
func (b *Balancer) client(r *http.Request) string {
	if b.config.TrustForwarded {
		first, _, _ := strings.Cut(r.Header.Get("X-Forwarded-For"), ",")
		if first = strings.TrimSpace(first); first != "" {
			return first
		}
	}
	return host(r.RemoteAddr)
}

// host returns an address without its port.
func host(address string) string {
	if host, _, err := net.SplitHostPort(address); err == nil {
		return host
	}
	return address
}

// rewrite makes the request for the backend. The proxy has taken out what clients say
// about forwarding, and everything that is of one hop only. The Host stays the client's.
func (b *Balancer) rewrite(r *httputil.ProxyRequest) {
	r.Out.URL.Scheme = "http"
	r.Out.URL.Host = r.In.Host // forward puts in the backend
	if b.config.TrustForwarded {
		for _, name := range []string{"Forwarded", "X-Forwarded-For"} {
			if values := r.In.Header.Values(name); len(values) > 0 {
				r.Out.Header[name] = values
			}
		}
	}
	r.SetXForwarded()
	if b.config.TrustForwarded {
		for _, name := range []string{"X-Forwarded-Host", "X-Forwarded-Proto"} {
			if value := r.In.Header.Get(name); value != "" {
				r.Out.Header.Set(name, value)
			}
		}
	}
	correlation.Read(r.In.Header).Write(r.Out.Header) // also when the client calls them headers of its connection
}

// answer adds to a backend's answer what the client needs from here.
func (b *Balancer) answer(response *http.Response) error {
	out := response.Request
	response.Header.Set(correlation.RequestIDHeader, out.Header.Get(correlation.RequestIDHeader))
	p := out.Context().Value(passageKey{}).(*passage)
	m := p.tried[len(p.tried)-1]
	if header := b.config.Utilisation.Header; header != "" {
		if report := response.Header.Get(header); report != "" {
			b.pool.report(m, report)
			response.Header.Del(header)
		}
	}
	if sticky := b.config.Sticky; sticky.Cookie != "" && p.wish != m.backend.Name {
		cookie := http.Cookie{
			Name: sticky.Cookie, Value: m.backend.Name, Path: "/", MaxAge: int(sticky.TTL.Seconds()),
			HttpOnly: true, SameSite: http.SameSiteLaxMode,
		}
		response.Header.Add("Set-Cookie", cookie.String())
	}
	return nil
}

// refuse answers what no backend has answered.
func refuse(wait func() int) func(w http.ResponseWriter, out *http.Request, err error) {
	return func(w http.ResponseWriter, out *http.Request, err error) {
		if out.Context().Err() != nil {
			panic(http.ErrAbortHandler) // nobody is left to answer
		}
		status, message := http.StatusBadGateway, "the backend did not answer"
		var timeout net.Error
		switch {
		case errors.Is(err, errNoBackend):
			status, message = http.StatusServiceUnavailable, err.Error()
			w.Header().Set("Retry-After", strconv.Itoa(wait()))
		case errors.As(err, new(*bodyError)):
			status, message = http.StatusBadRequest, err.Error()
		case errors.As(err, &timeout) && timeout.Timeout():
			status, message = http.StatusGatewayTimeout, "the backend did not answer in time"
		}
		w.Header().Set(correlation.RequestIDHeader, out.Header.Get(correlation.RequestIDHeader))
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(struct {
			Error string `json:"error"`
		}{message}) // a client that is gone is told nothing
	}
}

// buffers lends out what bodies are copied through.
type buffers struct{ pool sync.Pool }

// Get lends a buffer.
func (b *buffers) Get() []byte { return b.pool.Get().(*[32 << 10]byte)[:] }

// Put takes it back.
func (b *buffers) Put(buffer []byte) { b.pool.Put((*[32 << 10]byte)(buffer)) }
