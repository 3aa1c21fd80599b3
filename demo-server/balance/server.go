package balance

import (
	"context"
	"log/slog"
	"net/http"
	"time"
)

const (
	dialTimeout   = 2 * time.Second
	headerTimeout = 10 * time.Second
	idleTimeout   = 2 * time.Minute
	maxHeader     = 32 << 10 // bytes

	// idleAtBackend is how long a connection to a backend is kept for the next request. It
	// is less than the two minutes after which demo servers close theirs, so that hardly
	// ever a request meets a connection that is being closed.
	idleAtBackend = 90 * time.Second
	// maxIdle is how many connections to one backend are kept: more than any load of a
	// demonstration has in flight, or each surplus one would be made and closed again.
	maxIdle = 1024
)

// newServer returns the server of requests. It sets no limit to how long an answer may
// take: that is between backend and client.
func (b *Balancer) newServer() *http.Server {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	return &http.Server{
		Handler:           b,
		Protocols:         protocols,
		ReadHeaderTimeout: headerTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(b.config.Log.Handler(), slog.LevelWarn),
	}
}

// newTransport returns the connections to one backend. Each backend has its own, so that
// all of them can be closed when it goes.
func (b *Balancer) newTransport() *http.Transport {
	return &http.Transport{
		DialContext:           b.dialBackend,
		DisableCompression:    true, // or answers would be unpacked on the way
		MaxIdleConnsPerHost:   maxIdle,
		IdleConnTimeout:       idleAtBackend,
		ResponseHeaderTimeout: b.config.AnswerTimeout,
		ExpectContinueTimeout: time.Second,
	}
}

// everybody returns all members, those that are leaving too.
func (p *pool) everybody() []*member {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append(append([]*member(nil), p.members...), p.leaving...)
}

// every calls f at once, and then again and again until the context ends. A call that
// takes longer than the interval is not made up for.
func every(ctx context.Context, interval time.Duration, f func()) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		f()
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}
