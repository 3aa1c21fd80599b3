// Package node makes real servers of what a topology says: everything that runs on one
// host, be that in this process or in a child of it.
//
// It does not know the backend as a whole: where other nodes are is told to it, and who
// starts, kills and restarts hosts is somebody else. It reads no file.
//
// The main type is [Running], one life of a host, which [Start] begins in these steps: the
// host's machine is made; each node's room is built of the plan, callees before callers;
// around it comes what all nodes have in common (who counts, logs and traces, and what
// goes wrong on request); it gets a port; last the host's admin API does, by which its
// owner sees how it is and changes it while it runs.
package node

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"maps"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/floodmark/floodmark/demo-server/capacity"
	"github.com/floodmark/floodmark/demo-server/observe"
	"github.com/floodmark/floodmark/demo-server/topology"
	"github.com/floodmark/floodmark/sleeper"
)

// A Spec is all that a host must know to live. It survives encoding/json.
type Spec struct {
	Plan *topology.Plan
	Host topology.Host
	// Listen says where nodes listen, by name; one that is not in it takes a free port of
	// the loopback address.
	Listen map[string]string
	Peers  map[string][]Peer // the nodes of other hosts, by part
	Token  string            // of the host's admin API; a secret
	Keys   Keys

	// AcceptServiceTime lets a request's X-Service-Time header set its service time.
	AcceptServiceTime bool
}

// A Peer is a node that other nodes talk to.
type Peer struct{ Node, Addr string }

// Keys are what a gateway checks tokens with.
type Keys struct {
	Secret []byte // of HS256
	JWKS   string // of RS256: URL of the key set
}

// Running is one life of a host. Its methods may be called by any number of goroutines
// at once.
type Running struct {
	spec    Spec
	log     *slog.Logger
	sleeper *sleeper.Sleeper
	machine *capacity.Machine // nil: none
	spans   *observe.Spans    // nil: no traces
	served  []*served         // callees before callers
	admin   *hostAdmin
	faulty  faulty

	base    context.Context // of all requests
	abandon context.CancelFunc
	killed  context.Context // ends a Stop that is under way
	kill    context.CancelFunc
	serving sync.WaitGroup
	ending  sync.Once
	done    chan struct{}
}

// Start begins the life of a host, and returns when all its nodes listen. The error says
// what could not be started; nothing is left then. Log gets a JSON line or the like for
// each request at each node, if the plan has logs on; nil discards.
func Start(spec Spec, log *slog.Logger) (*Running, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	r := &Running{spec: spec, log: log, done: make(chan struct{})}
	r.base, r.abandon = context.WithCancel(context.Background())
	r.killed, r.kill = context.WithCancel(context.Background())
	if err := r.start(); err != nil {
		r.Kill()
		<-r.done
		return nil, err
	}
	return r, nil
}

func (r *Running) start() error {
	if err := r.equip(); err != nil {
		return fmt.Errorf("%s: %w", r.spec.Host.Name, err)
	}
	for _, n := range r.spec.Host.Nodes {
		s, err := r.serve(n)
		if err != nil {
			return fmt.Errorf("%s: %w", n.Name, err)
		}
		r.spec.Peers = withPeer(r.spec.Peers, n.Part, Peer{n.Name, s.addr})
	}
	var err error
	r.admin, err = r.openAdmin()
	return err
}

// equip makes what the host's nodes share.
func (r *Running) equip() (err error) {
	r.sleeper = new(sleeper.Sleeper)
	if r.spec.Plan.Clock != topology.Portable {
		if r.sleeper, err = sleeper.New(); err != nil {
			return err
		}
	}
	if m := r.spec.Host.Machine; m != nil {
		config := capacity.Config{Slots: m.Cores, Places: m.Queue, Speed: m.Speed, Sigma: m.Sigma, Kappa: m.Kappa}
		if r.machine, err = capacity.New(config, r.sleeper); err != nil {
			return err
		}
	}
	if o := r.spec.Plan.Observability; o != nil && o.Traces != "" {
		r.spans, err = observe.OpenSpans(o.Traces, o.Sample, r.seed("spans"))
	}
	return err
}

// seed returns the seed of something of this plan that has a name.
func (r *Running) seed(name string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name))
	return h.Sum64() ^ r.spec.Plan.Seed
}

// peers returns the nodes of a part.
func (r *Running) peers(part string) []Peer { return r.spec.Peers[part] }

// peer returns the address of the first node of a part.
func (r *Running) peer(part string) (string, error) {
	if peers := r.peers(part); len(peers) > 0 {
		return peers[0].Addr, nil
	}
	return "", fmt.Errorf("nobody has said where %s is", part)
}

// withPeer returns peers with one more, leaving the map as it is.
func withPeer(peers map[string][]Peer, part string, peer Peer) map[string][]Peer {
	all := make(map[string][]Peer, len(peers)+1)
	maps.Copy(all, peers)
	kept := slices.DeleteFunc(slices.Clone(all[part]), func(p Peer) bool { return p.Node == peer.Node })
	all[part] = append(kept, peer)
	return all
}

// Addrs returns where each node listens, by its name.
func (r *Running) Addrs() map[string]string {
	addrs := make(map[string]string, len(r.served))
	for _, s := range r.served {
		addrs[s.node.Name] = s.addr
	}
	return addrs
}

// Admin returns the base URL of the host's admin API.
func (r *Running) Admin() string { return "http://" + r.admin.addr }

// PID returns 0: the host is in this process.
func (*Running) PID() int { return 0 }

// Done is closed when nothing of the host is left.
func (r *Running) Done() <-chan struct{} { return r.done }

// Stop takes no new requests and waits for those under way, callers before callees. When
// the context ends before that, they are cut, and its error is returned.
func (r *Running) Stop(ctx context.Context) error {
	var err error
	r.ending.Do(func() {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(r.killed, cancel)() //nolint:contextcheck // whichever ends first
		for _, s := range slices.Backward(r.served) {
			err = errors.Join(err, s.stop(ctx))
		}
		if ctx.Err() != nil && r.killed.Err() == nil {
			r.hurry(context.WithoutCancel(ctx))
		}
		r.end(ctx)
	})
	<-r.done
	return err
}

// lastGrace is how long Stop waits for requests that it has told to end.
const lastGrace = time.Second

// hurry tells what is still under way to end, and waits a moment for that: what waits in
// the machine is answered 503, what faults hold is cut off.
func (r *Running) hurry(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, lastGrace)
	defer cancel()
	_ = r.sleeper.Close()
	r.abandon()
	for _, s := range slices.Backward(r.served) {
		_ = s.stop(ctx) // whoever does not take the answer is cut after this
	}
}

// Kill ends the host at once, even while it is being stopped: connections are cut, and
// nobody is told anything.
func (r *Running) Kill() {
	r.kill()
	go r.ending.Do(func() {
		gone, cancel := context.WithCancel(context.Background())
		cancel()
		for _, s := range slices.Backward(r.served) {
			s.cut()
		}
		r.end(gone)
	})
}

// end frees what is left once no node takes requests any more.
func (r *Running) end(ctx context.Context) {
	r.abandon()
	_ = r.sleeper.Close() // what still waits in the machine is answered, to nobody
	for _, s := range slices.Backward(r.served) {
		s.free(ctx)
	}
	r.serving.Wait()
	if r.spans != nil {
		if err := r.spans.Close(); err != nil {
			r.log.Warn("spans", slog.Any("error", err))
		}
	}
	if r.admin != nil {
		r.admin.close()
	}
	close(r.done)
}

// Freeze lets nothing of the host go on, as SIGSTOP would, until it is frozen no more:
// connections are accepted, and nobody answers. A host with a node that listens by itself
// cannot be frozen so.
func (r *Running) Freeze(frozen bool) error {
	if frozen && slices.ContainsFunc(r.served, func(s *served) bool { return s.gate == nil }) {
		return errNoHang
	}
	for _, s := range r.served {
		s.hang(frozen)
	}
	return nil
}

// listen opens a node's port.
func (r *Running) listen(node string) (net.Listener, error) {
	addr := r.spec.Listen[node]
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	return Listen(addr)
}
