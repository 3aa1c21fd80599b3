package node

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/floodmark/floodmark/demo-server/balance"
	"github.com/floodmark/floodmark/demo-server/faults"
	"github.com/floodmark/floodmark/demo-server/observe"
	"github.com/floodmark/floodmark/demo-server/topology"
)

const (
	headerTimeout = 10 * time.Second
	idleTimeout   = 2 * time.Minute
	// writeTimeout must not cut an answer that faults hold on purpose, ten minutes each.
	writeTimeout = time.Hour
	maxHeader    = 32 << 10 // bytes
)

// A room is what one node is, without what all nodes have in common. Only one of handler,
// serve and addr is there.
type room struct {
	handler http.Handler
	serve   func(net.Listener) error // takes connections, not requests
	addr    string                   // it listens itself

	detail  func() any                                                 // its own Stats
	peers   func(ctx context.Context, part string, peers []Peer) error // takes changes; nil: takes none
	weights func(weights map[string]int) error                         // nil: has none
	purge   func(path string) int                                      // nil: keeps nothing
	drained func(ctx context.Context) error                            // ends its own goroutines; nil: has none
	crash   func()                                                     // what dies with the process; nil: drained does
	outside bool                                                       // faults stand around the handler, not in it
}

// served is a node that listens.
type served struct {
	node     topology.Node
	addr     string
	observer *observe.Observer
	faults   *faults.Set
	links    *faults.Links
	gate     *faults.Gate // nil: the room listens by itself
	cuts     int          // that are on; belongs to the host's faulty.mu
	room     room
	server   *http.Server // nil: the room serves by itself
}

// serve builds a node and opens its port.
func (r *Running) serve(n topology.Node) (*served, error) {
	s := r.newServed(n)
	var err error
	if s.room, err = r.build(s); err != nil {
		return nil, err
	}
	r.served = append(r.served, s)
	if s.room.addr != "" {
		s.addr = s.room.addr
		return s, nil
	}
	listener, err := r.listen(n.Name)
	if err != nil {
		return nil, err
	}
	s.addr = listener.Addr().String()
	s.gate = faults.NewGate(listener)
	if handler := s.room.handler; handler != nil {
		if s.room.outside {
			handler = s.faults.Handler(handler)
		}
		s.server = r.newServer(unlessChecked(s.observer.Handler(handler), handler))
	}
	r.serving.Go(func() {
		if err := r.run(s); err != nil && !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
			r.log.Error("serving ended", slog.String("node", n.Name), slog.Any("error", err))
		}
	})
	return s, nil
}

// unlessChecked returns watched, but for the health checks of our own balancers, which
// bare answers: nobody else has asked for them, and they would be most of what a backend
// at rest has to tell.
func unlessChecked(watched, bare http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.UserAgent() == balance.CheckAgent {
			bare.ServeHTTP(w, r)
			return
		}
		watched.ServeHTTP(w, r)
	})
}

// newServed returns what all nodes have.
func (r *Running) newServed(n topology.Node) *served {
	s := &served{
		node:     n,
		observer: &observe.Observer{Node: n.Name, Part: n.Part, Spans: r.spans},
		faults:   &faults.Set{Parts: []string{n.Part}},
		links:    &faults.Links{From: faults.End{Part: n.Part, Node: n.Name}},
	}
	if r.machine != nil {
		s.faults.Freeze = r.machine.Freeze
	}
	if o := r.spec.Plan.Observability; o != nil && o.Logs {
		s.observer.Log = r.log
	}
	return s
}

// run serves until the node ends.
func (r *Running) run(s *served) error {
	if s.room.serve != nil {
		return s.room.serve(s.gate)
	}
	return s.server.Serve(s.gate)
}

// newServer returns the server of a node's requests. There is no ReadTimeout: when it
// passes, net/http cancels the request's context even while the handler works, and so
// would end a long stall.
func (r *Running) newServer(handler http.Handler) *http.Server {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true) // to those who begin with it
	return &http.Server{
		Handler:           handler,
		Protocols:         protocols,
		ReadHeaderTimeout: headerTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		BaseContext:       func(net.Listener) context.Context { return r.base },
		ErrorLog:          slog.NewLogLogger(r.log.Handler(), slog.LevelWarn),
	}
}

// stop takes no new requests and waits for those under way.
func (s *served) stop(ctx context.Context) error {
	s.faults.Clear() // so that nothing is held any more
	s.links.Clear()
	s.hang(false)
	if s.server == nil {
		return nil
	}
	return s.server.Shutdown(ctx)
}

// cut ends all connections.
func (s *served) cut() {
	if s.gate != nil {
		s.gate.Cut(true)
	}
	if s.server != nil {
		_ = s.server.Close() // the listener's error would be told to nobody
	}
	if s.room.crash != nil {
		s.room.crash()
	}
}

// free ends what the room has started.
func (s *served) free(ctx context.Context) {
	if s.server != nil {
		_ = s.server.Close() // of those that the stop's time did not suffice for
	}
	if s.room.drained != nil {
		_ = s.room.drained(ctx) // its error is the end of the context, which is no news
	}
	_ = s.links.Close()
	if s.gate != nil {
		_ = s.gate.Close()
	}
}

// hang lets nothing through, or lets things go on.
func (s *served) hang(on bool) {
	if s.gate != nil {
		s.gate.Hang(on)
	}
}
