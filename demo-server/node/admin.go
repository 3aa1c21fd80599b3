package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/floodmark/floodmark/demo-server/admin"
	"github.com/floodmark/floodmark/demo-server/observe"
)

const (
	adminTimeout = 30 * time.Second // draining included
	maxOrder     = 1 << 20          // bytes of a request to the admin API
)

// hostAdmin is a host's admin API as it is served. It is for the host's owner alone, who
// knows its token:
//
//	GET  /stats    Stats
//	GET  /metrics  of all nodes and the machine, as Prometheus reads them
//	PUT  /faults   []Fault: those that are on from now on, instead of those before
//	PUT  /peers    {"web": [{"Node": "web-1", "Addr": "127.0.0.1:1234"}]}
//	PUT  /weights  {"web-1": 3}
//	POST /purge    {"path": "/static/*"}
type hostAdmin struct {
	addr   string
	server *http.Server
	done   chan struct{}
}

// openAdmin serves the host's admin API on a port of its own, so that it answers while
// nodes misbehave.
func (r *Running) openAdmin() (*hostAdmin, error) {
	listener, err := Listen("127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /stats", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, r.Stats()) })
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, q *http.Request) { observe.WritePage(w, q, r.families()) })
	mux.HandleFunc("PUT /faults", order(func(_ context.Context, on []Fault) (any, error) { return nil, r.SetFaults(on) }))
	mux.HandleFunc("PUT /peers", order(func(ctx context.Context, peers map[string][]Peer) (any, error) {
		return nil, r.setPeers(ctx, peers)
	}))
	mux.HandleFunc("PUT /weights", order(func(_ context.Context, weights map[string]int) (any, error) {
		return nil, r.setWeights(weights)
	}))
	mux.HandleFunc("POST /purge", order(func(_ context.Context, what struct{ Path string }) (any, error) {
		return map[string]int{"purged": r.purge(what.Path)}, nil
	}))
	a := &hostAdmin{addr: listener.Addr().String(), done: make(chan struct{})}
	a.server = &http.Server{
		Handler:           admin.Guard(mux, r.spec.Token),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       adminTimeout,
		WriteTimeout:      adminTimeout,
		IdleTimeout:       idleTimeout,
	}
	go func() {
		defer close(a.done)
		_ = a.server.Serve(listener) // which ends with the host
	}()
	return a, nil
}

// close ends the admin API.
func (a *hostAdmin) close() {
	_ = a.server.Close() // of connections that nobody needs any more
	<-a.done
}

// order returns a handler that reads a JSON value and carries it out.
func order[T any](carryOut func(ctx context.Context, value T) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var value T
		decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxOrder))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&value); err != nil {
			answer(w, http.StatusBadRequest, refusal{err.Error()})
			return
		}
		result, err := carryOut(r.Context(), value)
		switch {
		case err != nil:
			answer(w, http.StatusConflict, refusal{err.Error()})
		case result == nil:
			w.WriteHeader(http.StatusNoContent)
		default:
			answer(w, http.StatusOK, result)
		}
	}
}

// A refusal is the body of an answer that is an error.
type refusal struct {
	Error string `json:"error"`
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a client that is gone is told nothing
}

// setPeers tells every room where others are now.
func (r *Running) setPeers(ctx context.Context, peers map[string][]Peer) error {
	var errs []error
	for _, s := range r.served {
		if s.room.peers == nil {
			continue
		}
		for part, list := range peers {
			errs = append(errs, s.room.peers(ctx, part, list))
		}
	}
	return errors.Join(errs...)
}

// setWeights changes how much backends get.
func (r *Running) setWeights(weights map[string]int) error {
	for _, s := range r.served {
		if s.room.weights != nil {
			return s.room.weights(weights)
		}
	}
	return fmt.Errorf("%s has no weights", r.spec.Host.Name)
}

// purge forgets a path, and returns how many resources that were.
func (r *Running) purge(path string) int {
	purged := 0
	for _, s := range r.served {
		if s.room.purge != nil {
			purged += s.room.purge(path)
		}
	}
	return purged
}
