package balance

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"sync"
	"time"

	"github.com/floodmark/floodmark/demo-server/balance/pick"
)

// A Balancer hands what comes in to its backends. Make it with [New] and end it with
// Shutdown. Its methods may be called by any number of goroutines at once.
type Balancer struct {
	config Config // with defaults
	pool   *pool
	proxy  *httputil.ReverseProxy
	server *http.Server // of requests
	pumps  pumps        // of connections

	background context.Context // of all checks
	end        context.CancelFunc
	checks     sync.WaitGroup
	prober     *http.Transport // makes a connection for each check
}

// New returns a balancer whose checks have begun. The error lists all that is wrong with
// the configuration.
func New(config Config) (*Balancer, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	config = config.WithDefaults()
	picker, err := pick.New(config.Algorithm, config.Seed)
	if err != nil {
		return nil, err
	}
	b := &Balancer{config: config, prober: &http.Transport{
		DialContext:       config.Dial,
		DisableKeepAlives: true, // a check is to find out whether a connection can be made
	}}
	b.pool = &pool{config: config, picker: picker, budget: budget{
		share: config.Budget.Share, perSecond: config.Budget.PerSecond, epoch: time.Now(),
	}}
	b.background, b.end = context.WithCancel(context.Background())
	b.proxy = b.newProxy()
	b.server = b.newServer()
	b.pumps.conns = map[net.Conn]bool{}
	for _, backend := range config.Backends {
		if err := b.join(backend, false); err != nil {
			return nil, errors.Join(err, b.Shutdown(context.Background()))
		}
	}
	return b, nil
}

// Add takes in another backend. With health checks it gets requests as soon as it has
// passed one, else at once; slowly at first if the configuration says so.
func (b *Balancer) Add(backend Backend) error {
	if err := backend.validate(); err != nil {
		return err
	}
	if err := b.join(backend, true); err != nil {
		return err
	}
	b.config.Log.Info("backend is added", slog.String("backend", backend.Name), slog.String("address", backend.Address))
	return nil
}

// join puts a backend into the pool and starts asking it how it is.
func (b *Balancer) join(backend Backend, late bool) error {
	orElse(&backend.Weight, 1)
	ctx, cancel := context.WithCancel(b.background)
	m := &member{
		backend:   backend,
		transport: b.newTransport(),
		end:       cancel,
		gone:      make(chan struct{}),
	}
	if late {
		m.came = time.Now()
		m.checking = b.config.Check.Interval > 0
	}
	if err := b.pool.add(m); err != nil {
		cancel()
		return err
	}
	if b.config.Check.Interval > 0 {
		b.checks.Go(func() { every(ctx, b.config.Check.Interval, func() { b.check(ctx, m) }) })
	}
	if b.config.Utilisation.Path != "" {
		b.checks.Go(func() { every(ctx, b.config.Utilisation.Interval, func() { b.ask(ctx, m) }) })
	}
	return nil
}

// Remove takes a backend away: it gets no more requests, and is gone when those that it
// has are ended. Remove does not wait for that, and its name may be used again at once.
func (b *Balancer) Remove(name string) error {
	_, err := b.takeAway(name)
	return err
}

// Drain is Remove and waits until the backend is gone. When the context ends before that,
// its error is returned, and the backend goes on ending what it has.
func (b *Balancer) Drain(ctx context.Context, name string) error {
	m, err := b.takeAway(name)
	if err != nil {
		return err
	}
	select {
	case <-m.gone:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (b *Balancer) takeAway(name string) (*member, error) {
	m, err := b.pool.remove(name)
	if err != nil {
		return nil, err
	}
	m.end()
	m.transport.CloseIdleConnections()
	b.config.Log.Info("backend is removed", slog.String("backend", name))
	return m, nil
}

// SetWeight changes how much a backend gets beside the others, from the next request on.
func (b *Balancer) SetWeight(name string, weight int) error {
	if err := (Backend{Name: name, Address: ":0", Weight: weight}).validate(); err != nil {
		return err
	}
	return b.pool.change(name, func(m *member) {
		m.backend.Weight = max(weight, 1)
		m.candidate.Weight = float64(m.backend.Weight)
	})
}

// SetAlgorithm changes how backends are picked, from the next request on.
func (b *Balancer) SetAlgorithm(a pick.Algorithm) error {
	picker, err := pick.New(a, b.config.Seed)
	if err != nil {
		return err
	}
	orElse(&a, pick.RoundRobin)
	b.pool.mu.Lock()
	defer b.pool.mu.Unlock()
	b.pool.picker, b.pool.config.Algorithm = picker, a
	return nil
}

// Stats returns what the balancer has done so far.
func (b *Balancer) Stats() Stats { return b.pool.snapshot() }

// Serve takes what comes in at a listener until Shutdown, and then returns nil. It may be
// called for several listeners at once.
func (b *Balancer) Serve(listener net.Listener) error {
	if b.config.Layer == Connections {
		return b.serveConnections(listener)
	}
	if err := b.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Shutdown closes the listeners and waits for what is under way. When the context ends
// before that, connections are cut, and its error is returned. After Shutdown no
// goroutine, timer or socket of the balancer is left, provided that a server of somebody
// else's that calls ServeHTTP has ended before. Calling it again does no harm.
func (b *Balancer) Shutdown(ctx context.Context) error {
	err := b.server.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, b.server.Close())
	}
	err = errors.Join(err, b.pumps.shutdown(ctx))
	b.end()
	b.checks.Wait()
	b.prober.CloseIdleConnections()
	for _, m := range b.pool.everybody() {
		m.end()
		m.transport.CloseIdleConnections()
	}
	return err
}
