package demoserver

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"time"

	dto "github.com/prometheus/client_model/go"

	"github.com/floodmark/floodmark/demo-server/admin"
	"github.com/floodmark/floodmark/demo-server/faults"
	"github.com/floodmark/floodmark/demo-server/node"
	"github.com/floodmark/floodmark/demo-server/observe"
)

const (
	headerTimeout = 10 * time.Second
	idleTimeout   = 2 * time.Minute
	// adminTimeout is more than draining takes; a stream of events has none.
	adminTimeout = 30 * time.Second
	maxOrder     = 4096 // bytes of a request to the admin API
)

// keySetPath is where gateways find the keys of tokens. It needs no token: keys are public.
const keySetPath = "/.well-known/jwks.json"

// An adminServer is a port of the backend's own, beside the door.
type adminServer struct {
	addr    string
	server  *http.Server
	serving sync.WaitGroup
}

// newAdminServer serves a handler at an address.
func newAdminServer(addr string, handler http.Handler) (*adminServer, error) {
	listener, err := node.Listen(addr)
	if err != nil {
		return nil, err
	}
	a := &adminServer{addr: listener.Addr().String()}
	a.server = &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       adminTimeout,
		WriteTimeout:      adminTimeout,
		IdleTimeout:       idleTimeout,
	}
	a.serving.Go(func() { _ = a.server.Serve(listener) }) // which ends by shutdown
	return a, nil
}

// shutdown ends it, at once when the context ends.
func (a *adminServer) shutdown(ctx context.Context) error {
	err := a.server.Shutdown(ctx)
	if err != nil {
		_ = a.server.Close()
	}
	a.serving.Wait()
	return err
}

// openAdmin serves the admin API, and the page of metrics where the plan wants one of its
// own:
//
//	GET    /faults, POST /faults, DELETE /faults, DELETE /faults/{id}   see faults.Admin
//	GET    /stats                all that the backend says about itself
//	GET    /metrics              of all nodes and machines, as Prometheus reads them
//	GET    /events               what happened, see events.Log
//	POST   /scale                {"part": "web", "replicas": 4}
//	POST   /weights              {"web-2": 3}
//	POST   /purge                {"path": "/static/*"}
//	POST   /tokens               {"user": "demo", "scopes": ["orders"]}, a token for the gateway
//	GET    /traces/{id}          one request's way, as text
//	GET    /topology             the plan's name, parts and links
//	GET    /healthz
func (s *Server) openAdmin() error {
	mux := http.NewServeMux()
	board := faults.Admin(&s.troubles, func() any { return s.Stats() })
	for _, path := range []string{"GET /faults", "POST /faults", "DELETE /faults", "DELETE /faults/{id}", "GET /stats"} {
		mux.Handle(path, board)
	}
	mux.Handle("GET /events", s.events.Handler())
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, map[string]string{"status": "ok"})
	})
	mux.HandleFunc("GET /metrics", s.showMetrics)
	mux.HandleFunc("GET /topology", func(w http.ResponseWriter, _ *http.Request) { reply(w, http.StatusOK, s.shape()) })
	mux.HandleFunc("GET /traces/{id}", s.showTrace)
	mux.HandleFunc("POST /scale", obey(func(ctx context.Context, o scaleOrder) (any, error) {
		return s.Scale(ctx, o.Part, o.Replicas)
	}))
	mux.HandleFunc("POST /weights", obey(func(ctx context.Context, weights map[string]int) (any, error) {
		return weights, s.SetWeights(ctx, weights)
	}))
	mux.HandleFunc("POST /purge", obey(func(ctx context.Context, o purgeOrder) (any, error) {
		n, err := s.Purge(ctx, o.Path)
		return map[string]int{"purged": n}, err
	}))
	mux.HandleFunc("POST /tokens", obey(func(_ context.Context, o tokenOrder) (any, error) { return s.makeToken(o) }))
	guarded := admin.Guard(mux, s.config.AdminToken)
	open := http.NewServeMux()
	open.Handle("/", guarded)
	if s.issuer != nil {
		open.Handle("GET "+keySetPath, s.issuer.Handler())
	}
	var err error
	if s.admin, err = newAdminServer(s.config.AdminAddr, open); err != nil {
		return err
	}
	if o := s.plan.Observability; o != nil && o.Metrics != "" {
		s.metrics, err = newAdminServer(o.Metrics, http.HandlerFunc(s.showMetrics))
	}
	return err
}

// The bodies of requests.
type (
	scaleOrder struct {
		Part     string `json:"part"`
		Replicas int    `json:"replicas"`
	}
	purgeOrder struct {
		Path string `json:"path"`
	}
	tokenOrder struct {
		User    string   `json:"user"`
		Scopes  []string `json:"scopes"`
		Seconds int      `json:"seconds"`
	}
)

// showMetrics answers with the metrics of all hosts that are up.
func (s *Server) showMetrics(w http.ResponseWriter, r *http.Request) {
	var mu sync.Mutex
	var pages [][]*dto.MetricFamily
	_ = s.each(tellTime, func(ctx context.Context, _ string, host node.Client) error { //nolint:contextcheck // it bounds its own time; whoever does not answer is missing
		families, err := host.Metrics(ctx)
		mu.Lock()
		defer mu.Unlock()
		pages = append(pages, families)
		return err
	})
	pages = append(pages, s.families())
	observe.WritePage(w, r, observe.Merge(pages...))
}

// obey returns a handler that reads a JSON value and carries it out.
func obey[T any](carryOut func(ctx context.Context, value T) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var value T
		decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxOrder))
		decoder.DisallowUnknownFields()
		err := decoder.Decode(&value)
		if err != nil {
			reply(w, http.StatusBadRequest, refusal{"body: " + err.Error()})
			return
		}
		result, err := carryOut(r.Context(), value)
		switch {
		case errors.As(err, new(orderError)):
			reply(w, http.StatusBadRequest, refusal{err.Error()})
		case err != nil:
			reply(w, http.StatusInternalServerError, refusal{err.Error()})
		default:
			reply(w, http.StatusOK, result)
		}
	}
}

// An orderError is the client's fault.
type orderError string

// Error returns the fault.
func (b orderError) Error() string { return string(b) }

// A refusal is the body of every answer that is an error.
type refusal struct {
	Error string `json:"error"`
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a client that is gone is told nothing
}
