package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"time"
)

// A measurement is one peer's run of one cell in one round. What is not known is NaN.
type measurement struct {
	Peer  string `json:"peer"`
	Cell  string `json:"cell"`
	Round int    `json:"round"`
	Error string `json:"error,omitempty"`

	Requests float64 `json:"requests"`
	Rate     float64 `json:"requests_per_second"`
	User     number  `json:"user_microseconds_per_request"`
	System   number  `json:"system_microseconds_per_request"`
	Memory   number  `json:"peak_memory_mib"`
	P50      number  `json:"p50_seconds"` // as the peer reports it
	P99      number  `json:"p99_seconds"`
	Lag50    number  `json:"lag_p50_seconds"`
	Lag99    number  `json:"lag_p99_seconds"`
	Server   number  `json:"nginx_cpu_ratio"`
	Invalid  bool    `json:"invalid,omitempty"` // by its own judgement
}

// cpu is the processor time of a request in microseconds.
func (m *measurement) cpu() float64 { return float64(m.User + m.System) }

// A number may be NaN, which JSON knows as null.
type number float64

// MarshalJSON writes null for NaN.
func (n number) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(n)) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(n))
}

// fill makes all measurements. In each round each cell is done by all peers, one
// after the other, in an order of its own.
func (b *book) fill(ctx context.Context, s *site, progress io.Writer) error {
	random := rand.New(rand.NewPCG(b.options.seed, 1)) //nolint:gosec // an order, not a secret
	for round := 1; round <= b.options.rounds; round++ {
		for _, c := range b.cells {
			for _, i := range random.Perm(len(b.peers)) {
				p := &b.peers[i]
				if !p.can(c) {
					continue
				}
				m := measure(ctx, p, c, s, b.options.duration)
				if ctx.Err() != nil {
					return ctx.Err()
				}
				m.Round = round
				b.all = append(b.all, m)
				if m.Error != "" {
					_, _ = fmt.Fprintf(progress, "round %d, %s: %s failed: %s\n", round, c.name, p.name, m.Error)
				}
			}
			_, _ = fmt.Fprintf(progress, "round %d of %d: %s\n", round, b.options.rounds, c.name)
		}
	}
	return nil
}

// measure runs a peer once. Its failure is part of the result.
func measure(ctx context.Context, p *peer, c cell, s *site, d time.Duration) measurement {
	nan := number(math.NaN())
	m := measurement{Peer: p.name, Cell: c.name, User: nan, System: nan, Memory: nan, P50: nan, P99: nan, Lag50: nan, Lag99: nan, Server: nan}
	out, used, err := p.run(ctx, s, p.command(c, s, d))
	m.Server = number(used.server)
	var said reported
	if err == nil {
		said, err = p.read(out)
	}
	if err == nil && said.requests == 0 {
		err = errors.New("it made no request")
	}
	if err != nil {
		m.Error = err.Error()
		return m
	}
	m.Requests, m.Rate, m.Invalid = said.requests, said.requests/p.length(d).Seconds(), said.invalid
	if said.seconds > 0 {
		m.Rate = said.requests / said.seconds
	}
	m.User, m.System = number(used.user.Seconds()*1e6/said.requests), number(used.system.Seconds()*1e6/said.requests)
	m.Memory = number(used.memory)
	m.P50, m.P99, m.Lag50, m.Lag99 = number(said.p50), number(said.p99), number(said.lag50), number(said.lag99)
	return m
}
