// Package database keeps the data of all replicas of the shop behind one node, whose
// machine they share.
//
// It does not know what the shop does with the data. It speaks HTTP and JSON, small and
// over connections that stay open: two cores carry everything, callers too. The seam is
// [Client], a goods.Store: what speaks another protocol takes its place.
//
// The main types are [Node] and [Client]. A call goes through them in these steps: the
// client waits for one of the connections in its [Pool], or gives up; the node's
// machine does the work of a read or a write, or is full; the store behind it answers;
// and the client makes the error again that the store had.
package database

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/floodmark/floodmark/demo-server/capacity"
	"github.com/floodmark/floodmark/demo-server/goods"
)

// A Config says what a node is made of. Store must be set.
type Config struct {
	Store goods.Store // the data

	Machine     *capacity.Machine // does the work; nil: it costs nothing
	Read, Write *capacity.Source  // how much work a call is; nil: none

	// Middleware, if set, stands around each endpoint but /healthz.
	Middleware func(http.Handler) http.Handler
	// Note is told what the machine did for a call, with the context of its request, as
	// queued_seconds and work_seconds; nil: nobody is.
	Note func(ctx context.Context, key string, value any)
}

// A Node is a database server:
//
//	GET  /products?category=books&page=2   POST /login
//	GET  /products/{id}                    GET  /user             by the bearer token
//	PUT  /products/{id}/price              GET  /carts/{user}     POST /carts/{user}
//	GET  /rows/{key}   work alone          GET  /orders/{user}    POST /orders/{user}
//	PUT  /rows/{key}   work alone          PUT  /orders/{user}/{id}/payment
//	GET  /healthz
//
// GET and /login are reads, the others writes. What the machine has no place for is
// answered 503 at once. It is made by NewNode and needs no end.
type Node struct {
	config Config
	mu     sync.Mutex
	stats  Stats
}

// NewNode returns a node.
func NewNode(config Config) *Node {
	if config.Note == nil {
		config.Note = func(context.Context, string, any) {}
	}
	return &Node{config: config}
}

// A kind of call.
type kind int

const (
	read kind = iota
	write
	unrouted // no call at all
)

// A call does what an endpoint is for, once its work is done, and returns the body of
// the answer.
type call func(r *http.Request) (any, error)

// Handler returns the node's HTTP API.
func (n *Node) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, route := range []struct {
		pattern string
		kind    kind
		call    call
	}{
		{"GET /products", read, n.products},
		{"GET /products/{id}", read, n.product},
		{"PUT /products/{id}/price", write, n.setPrice},
		{"POST /login", read, n.login},
		{"GET /user", read, n.user},
		{"GET /carts/{user}", read, n.cart},
		{"POST /carts/{user}", write, n.addToCart},
		{"GET /orders/{user}", read, n.orders},
		{"POST /orders/{user}", write, n.addOrder},
		{"PUT /orders/{user}/{id}/payment", write, n.settleOrder},
		{"GET /rows/{key}", read, n.row},
		{"PUT /rows/{key}", write, n.row},
		{"/", unrouted, n.unrouted},
	} {
		var handler http.Handler = n.counted(route.kind, route.call)
		if n.config.Middleware != nil {
			handler = n.config.Middleware(handler)
		}
		mux.Handle(route.pattern, handler)
	}
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		send(w, http.StatusOK, map[string]string{"status": "ok"})
	})
	return mux
}

// counted works, calls and answers, and counts how that ended.
func (n *Node) counted(k kind, do call) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		n.arrived(k)
		counter := &n.stats.Failed // should it panic
		defer func() { n.left(counter) }()
		if err := n.work(r.Context(), k); err != nil {
			counter = n.refuse(w, r, err)
			return
		}
		body, err := do(r)
		if err != nil {
			counter = n.refuse(w, r, err)
			return
		}
		counter = &n.stats.Answered
		send(w, http.StatusOK, body)
	}
}

// work occupies the machine for a call.
func (n *Node) work(ctx context.Context, k kind) error {
	source := n.config.Read
	if k == write {
		source = n.config.Write
	}
	if k == unrouted || source == nil || n.config.Machine == nil {
		return nil
	}
	service := source.Draw()
	queued, err := n.config.Machine.Do(ctx, service)
	if err == nil {
		n.config.Note(ctx, "queued_seconds", queued)
		n.config.Note(ctx, "work_seconds", service)
	}
	return err
}

// arrived counts a request that begins.
func (n *Node) arrived(k kind) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.stats.InFlight++
	switch k {
	case read:
		n.stats.Reads++
	case write:
		n.stats.Writes++
	default:
		n.stats.Unrouted++
	}
}

// left counts a request that ends.
func (n *Node) left(counter *uint64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.stats.InFlight--
	*counter++
}

// retryAfter is when to come back to a node that is full.
const retryAfter = time.Second
