package balance

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxReport bounds the answer to a question about utilisation, in bytes.
const maxReport = 4096

// check asks a member how it is, and takes note of the answer.
func (b *Balancer) check(ctx context.Context, m *member) {
	asking, cancel := context.WithTimeout(ctx, b.config.Check.Timeout)
	err := b.probe(asking, m.backend.Address)
	cancel()
	if ctx.Err() != nil {
		return // it is over, which says nothing about the backend
	}
	if !b.pool.checked(m, err) {
		return
	}
	if err != nil {
		m.transport.CloseIdleConnections()
		b.config.Log.Warn("backend is unhealthy", slog.String("backend", m.backend.Name), slog.Any("error", err))
		return
	}
	b.config.Log.Info("backend is healthy", slog.String("backend", m.backend.Name))
}

// checked takes note of a check and returns whether the member's state changed with it.
func (p *pool) checked(m *member, err error) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !m.draining && m.checked(err, p.config.Check, time.Now())
}

// probe makes a connection, and asks for the path if there is one.
func (b *Balancer) probe(ctx context.Context, address string) error {
	if b.config.Check.Path == "" {
		conn, err := b.config.Dial(ctx, "tcp", address)
		if err != nil {
			return err
		}
		return conn.Close()
	}
	_, err := b.get(ctx, "http://"+address+b.config.Check.Path)
	return err
}

// get asks for a URL and returns the beginning of a good answer.
func (b *Balancer) get(ctx context.Context, url string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("User-Agent", CheckAgent)
	response, err := b.prober.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode/100 != 2 {
		return nil, fmt.Errorf("answered %d", response.StatusCode)
	}
	return io.ReadAll(io.LimitReader(response.Body, maxReport))
}

// CheckAgent is the User-Agent of what a balancer asks backends for itself.
const CheckAgent = "floodmark-balance"

// ask asks a member how busy it is. One that does not say so is unknown after a while.
func (b *Balancer) ask(ctx context.Context, m *member) {
	asking, cancel := context.WithTimeout(ctx, b.config.Utilisation.Interval)
	defer cancel()
	body, err := b.get(asking, "http://"+m.backend.Address+b.config.Utilisation.Path)
	if err != nil {
		return
	}
	b.pool.report(m, string(body))
}

// report takes note of what a member says about its utilisation.
func (p *pool) report(m *member, text string) {
	utilisation, ok := parseReport(text)
	if !ok {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	m.report, m.reported = utilisation, time.Now()
}

// parseReport reads a utilisation: a number, or a JSON object that has one.
func parseReport(text string) (float64, bool) {
	text = strings.TrimSpace(text)
	if strings.HasPrefix(text, "{") {
		var object struct {
			Utilisation *float64 `json:"utilisation"`
		}
		if json.Unmarshal([]byte(text), &object) != nil || object.Utilisation == nil {
			return 0, false
		}
		return *object.Utilisation, *object.Utilisation >= 0
	}
	number, err := strconv.ParseFloat(text, 64)
	return number, err == nil && number >= 0 && !math.IsInf(number, 0)
}
