// Package demoserver is a backend to load and to break: an HTTP shop on a modelled
// machine, with faults that are switched while it runs.
//
// It is the joint of the rooms below it and does nothing itself: capacity knows how
// much a machine can do, faults what goes wrong, thirdparty whom the shop depends on,
// shop what is sold. It does not know who loads it, or why.
//
// The main type is [Server]. [Start] makes the parts, joins them and listens on two
// ports, one for the shop and one for whoever administers it; Shutdown ends all of it.
package demoserver

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/floodmark/floodmark/demo-server/faults"
	"github.com/floodmark/floodmark/sleeper"
)

const (
	headerTimeout = 10 * time.Second
	idleTimeout   = 2 * time.Minute
	// shopTimeout must not cut an answer that faults hold on purpose, ten minutes each.
	shopTimeout  = time.Hour
	adminTimeout = 10 * time.Second
	maxHeader    = 32 << 10 // bytes

	// lastGrace is how long Shutdown waits for requests that it has told to end.
	lastGrace = time.Second
)

// A Server is a running demo server. Its methods may be called by any number of
// goroutines at once.
type Server struct {
	began   time.Time
	parts   parts
	sleeper *sleeper.Sleeper

	shop, admin           *http.Server
	shopAddr, adminAddr   net.Addr
	shopError, adminError error // why serving ended; to be read after serving
	serving               sync.WaitGroup
	abandon               context.CancelFunc // ends the context of all requests
}

// Start starts a demo server and returns when it listens. It must be ended by Shutdown.
// The error names what of the configuration is wrong, or the address that cannot be had.
func Start(config Config) (*Server, error) {
	config = config.withDefaults()
	s := &Server{began: time.Now()}
	var err error
	if s.sleeper, err = sleeper.New(); err != nil {
		return nil, err
	}
	if s.parts, err = assemble(config, s.sleeper); err != nil {
		return nil, errors.Join(err, s.sleeper.Close())
	}
	shopListener, err := listen(config.Addr)
	if err != nil {
		return nil, errors.Join(err, s.sleeper.Close())
	}
	adminListener, err := listen(config.AdminAddr)
	if err != nil {
		return nil, errors.Join(err, shopListener.Close(), s.sleeper.Close())
	}
	s.shopAddr, s.adminAddr = shopListener.Addr(), adminListener.Addr()
	s.serve(config.Log, shopListener, adminListener)
	return s, nil
}

// serve starts a server on each listener.
func (s *Server) serve(log *slog.Logger, shopListener, adminListener net.Listener) {
	base, abandon := context.WithCancel(context.Background())
	s.abandon = abandon
	stats := func() any { return s.Stats() }
	// There is no ReadTimeout: when it passes, net/http cancels the request's context
	// even while the handler works, and so would end a long stall.
	s.shop = &http.Server{Handler: s.parts.handler(), WriteTimeout: shopTimeout, Protocols: spoken()}
	s.admin = &http.Server{Handler: faults.Admin(s.parts.faults, stats), WriteTimeout: adminTimeout, ReadTimeout: adminTimeout}
	for _, server := range []*http.Server{s.shop, s.admin} {
		server.ReadHeaderTimeout = headerTimeout
		server.IdleTimeout = idleTimeout
		server.MaxHeaderBytes = maxHeader
		server.BaseContext = func(net.Listener) context.Context { return base }
		server.ErrorLog = slog.NewLogLogger(log.Handler(), slog.LevelWarn)
	}
	s.serving.Go(func() { s.shopError = s.shop.Serve(shopListener) })
	s.serving.Go(func() { s.adminError = s.admin.Serve(adminListener) })
}

// spoken returns what the shop speaks: HTTP/1.1, and HTTP/2 to those who begin with it.
func spoken() *http.Protocols {
	p := new(http.Protocols)
	p.SetHTTP1(true)
	p.SetUnencryptedHTTP2(true)
	return p
}

// Addr returns the shop's address, with the port that was really taken.
func (s *Server) Addr() string { return s.shopAddr.String() }

// AdminAddr returns the address of the admin API; see faults.Admin for what it offers.
func (s *Server) AdminAddr() string { return s.adminAddr.String() }

// Faults returns the faults of the running server, to be switched.
func (s *Server) Faults() *faults.Set { return s.parts.faults }

// Stats returns what the server has done so far.
func (s *Server) Stats() Stats {
	requests := s.parts.watch.Requests()
	return Stats{
		Uptime:   time.Since(s.began),
		Requests: requests.Total - requests.InFlight,
		Faults:   len(s.parts.faults.List()),
		Machine:  s.parts.machine.Stats(),
	}
}

// Shutdown takes no new requests, switches all faults off, so that nothing is held any
// more, and waits for the requests under way. When the context ends before that, they
// are told to end at once, and the context's error is returned. After Shutdown nothing
// that Start started is left. Calling it again does no harm.
func (s *Server) Shutdown(ctx context.Context) error {
	s.parts.faults.Clear()
	err := errors.Join(s.shop.Shutdown(ctx), s.admin.Shutdown(ctx))
	// What still waits in the machine is answered 503, then what faults hold is cut off.
	err = errors.Join(err, s.sleeper.Close())
	s.abandon()
	if ctx.Err() != nil {
		err = errors.Join(err, s.cut(context.WithoutCancel(ctx)))
	}
	s.serving.Wait()
	s.parts.shop.Close()
	for _, reason := range []error{s.shopError, s.adminError} {
		if !errors.Is(reason, http.ErrServerClosed) {
			err = errors.Join(err, reason)
		}
	}
	return err
}

// cut waits a moment for requests that were told to end, and closes the connections of
// those whose client does not even take the answer.
func (s *Server) cut(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, lastGrace)
	defer cancel()
	if errors.Join(s.shop.Shutdown(ctx), s.admin.Shutdown(ctx)) == nil {
		return nil
	}
	return errors.Join(s.shop.Close(), s.admin.Close())
}
