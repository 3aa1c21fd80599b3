// Package demoserver is a backend to load and to break: an HTTP shop that is anything
// from one server to a distributed system, as a topology has it.
//
// It is the joint of the rooms below it and does nothing itself: topology knows what the
// backend is made of, node what each part does, supervise who is alive, faults what goes
// wrong, events what happened. It does not know who loads it, or why.
//
// The main type is [Server]. [Start] goes through these steps: the admin API gets its
// port; hosts are started one by one, callees before callers, each told where those are
// that it calls; the last one is the door, whose port clients know; then the schedule of
// faults begins. Shutdown ends all of it, in the reverse order.
package demoserver

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/floodmark/floodmark/demo-server/faults"

	"github.com/floodmark/floodmark/demo-server/events"
	"github.com/floodmark/floodmark/demo-server/gateway"
	"github.com/floodmark/floodmark/demo-server/node"
	"github.com/floodmark/floodmark/demo-server/supervise"
	"github.com/floodmark/floodmark/demo-server/topology"
)

// lookEvery is how long it may take until a process that somebody stopped is noticed.
const lookEvery = 250 * time.Millisecond

// startTime bounds how long one host may take to start.
const startTime = 15 * time.Second

// A Server is a running backend. Its methods may be called by any number of goroutines
// at once.
type Server struct {
	config Config
	began  time.Time
	log    *slog.Logger
	events events.Log
	hosts  *supervise.Supervisor
	token  string           // of the hosts' admin APIs
	client *http.Client     // to them
	seen   map[string]sight // of hosts, for changed alone
	issuer *gateway.Issuer  // nil: no gateway takes tokens
	secret []byte           // of it, for HS256

	mu       sync.Mutex
	plan     *topology.Plan // as it is scaled now; what it points to is not changed
	peers    map[string][]node.Peer
	doorAddr string // empty while the backend starts

	changing sync.Mutex // held by whoever changes how many there are of a part, or their weights
	meeting  sync.Mutex // held by whoever tells hosts where others are, so that the last word is the newest
	troubles troubles
	past     past

	admin       *adminServer
	metrics     *adminServer // nil: the plan has no page of its own
	schedule    sync.WaitGroup
	endSchedule context.CancelFunc
	ended       sync.Once
}

// Start starts a backend and returns when all of it is there. It must be ended by
// Shutdown. The error names what of the configuration is wrong, or the address that
// cannot be had.
func Start(config Config) (*Server, error) {
	config = config.withDefaults()
	s := &Server{
		config: config, began: time.Now(), plan: config.Plan, peers: map[string][]node.Peer{}, seen: map[string]sight{},
		log: slog.New(slog.DiscardHandler), token: rand.Text(),
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 4}, Timeout: 30 * time.Second},
	}
	if config.Logs != nil {
		s.log = slog.New(slog.NewJSONHandler(config.Logs, nil))
	}
	if s.plan == nil {
		var err error
		if s.plan, err = config.single(); err != nil {
			return nil, err
		}
	}
	if err := s.start(); err != nil {
		ctx, cancel := context.WithTimeout(context.Background(), startTime)
		defer cancel()
		return nil, errors.Join(err, s.Shutdown(ctx))
	}
	return s, nil
}

// start does the steps of Start.
func (s *Server) start() error {
	s.troubles.server = s
	s.hosts = supervise.New(supervise.Config{RestartAfter: s.plan.RestartAfter, OnChange: s.changed})
	if err := s.makeIssuer(); err != nil {
		return err
	}
	s.changing.Lock() // nobody scales what is not there yet
	defer s.changing.Unlock()
	if err := s.openAdmin(); err != nil {
		return err
	}
	for _, host := range s.plan.Hosts() {
		if err := s.add(host); err != nil {
			return err
		}
	}
	door := s.addr(s.plan.Nodes(s.plan.Door())[0])
	s.mu.Lock()
	s.doorAddr = door
	s.mu.Unlock()
	ctx, cancel := context.WithCancel(context.Background())
	s.endSchedule = cancel
	timed := s.plan.Faults
	s.schedule.Go(func() { s.runSchedule(ctx, timed) })
	if s.plan.Runtime == topology.Processes {
		s.schedule.Go(func() { s.lookAround(ctx) })
	}
	return nil
}

// lookAround finds out about processes that somebody else stopped, or let go on.
func (s *Server) lookAround(ctx context.Context) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			s.hosts.List()
		case <-ctx.Done():
			return
		}
	}
}

// add starts a host.
func (s *Server) add(host topology.Host) error {
	ctx, cancel := context.WithTimeout(context.Background(), startTime)
	defer cancel()
	if err := s.hosts.Add(ctx, host.Name, s.life(host)); err != nil {
		return withoutLayers(err)
	}
	return nil
}

// withoutLayers returns the error of an address that is in use without what started there.
func withoutLayers(err error) error {
	if taken, ok := errors.AsType[*node.TakenError](err); ok {
		return taken
	}
	return err
}

// life returns what begins a life of a host, be it here or in a process of its own.
func (s *Server) life(host topology.Host) supervise.Start {
	begin := func(_ context.Context, addrs map[string]string) (supervise.Instance, error) {
		return s.here(host, addrs) //nolint:contextcheck // a life outlives its start
	}
	if s.plan.Runtime == topology.Processes && host.Machine != nil {
		command := s.config.Child
		command.Stderr = s.config.Logs
		command.Spec = func(addrs map[string]string) ([]byte, error) { return encodeSpec(s.spec(host, addrs)) }
		begin = supervise.Process(command)
	}
	return func(ctx context.Context, addrs map[string]string) (supervise.Instance, error) {
		instance, err := begin(ctx, addrs)
		if err != nil {
			return nil, err
		}
		s.learn(host, instance)
		if err := s.host(instance).SetFaults(ctx, s.troubles.on()); err != nil {
			instance.Kill()
			<-instance.Done()
			return nil, err
		}
		return instance, nil
	}
}

// here begins a life in this process, whose last counts are kept when it is over.
func (s *Server) here(host topology.Host, addrs map[string]string) (supervise.Instance, error) {
	running, err := node.Start(s.spec(host, addrs), s.log)
	if err != nil {
		return nil, err
	}
	s.past.keep(running)
	return running, nil
}

// spec returns what a host must know.
func (s *Server) spec(host topology.Host, addrs map[string]string) node.Spec {
	s.mu.Lock()
	defer s.mu.Unlock()
	listen := maps.Clone(addrs)
	door := s.plan.Door()
	for _, n := range host.Nodes {
		if n.Part == door && listen[n.Name] == "" {
			listen = map[string]string{n.Name: s.config.Addr}
		}
	}
	return node.Spec{
		Plan: s.plan, Host: host, Listen: listen, Peers: maps.Clone(s.peers), Token: s.token,
		Keys:              node.Keys{Secret: s.secret, JWKS: "http://" + s.admin.addr + keySetPath},
		AcceptServiceTime: s.config.AcceptServiceTime,
	}
}

// learn notes where a host's nodes are.
func (s *Server) learn(host topology.Host, instance supervise.Instance) {
	s.mu.Lock()
	defer s.mu.Unlock()
	addrs := instance.Addrs()
	for _, n := range host.Nodes {
		peers := slices.DeleteFunc(slices.Clone(s.peers[n.Part]), func(p node.Peer) bool { return p.Node == n.Name })
		s.peers[n.Part] = append(peers, node.Peer{Node: n.Name, Addr: addrs[n.Name]})
		slices.SortFunc(s.peers[n.Part], func(a, b node.Peer) int { return byNumber(a.Node, b.Node) })
	}
}

// addr returns where a node is.
func (s *Server) addr(n topology.Node) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, peer := range s.peers[n.Part] {
		if peer.Node == n.Name {
			return peer.Addr
		}
	}
	return ""
}

// Plan returns what the backend is made of now. It must not be changed.
func (s *Server) Plan() *topology.Plan {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.plan
}

// host returns how to talk to a life of a host.
func (s *Server) host(instance supervise.Instance) node.Client {
	return node.Client{BaseURL: instance.Admin(), Token: s.token, HTTP: s.client}
}

// Addr returns the address of the door, with the port that was really taken.
func (s *Server) Addr() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.doorAddr
}

// AdminAddr returns the address of the admin API.
func (s *Server) AdminAddr() string { return s.admin.addr }

// A sight is what changed knows of a host.
type sight struct {
	state supervise.State
	lived bool // it has been up before
}

// changed tells of a host that entered a state, and tells one that is up what it has
// missed. One goroutine calls it, in order.
func (s *Server) changed(c supervise.Change) {
	before := s.seen[c.Host]
	s.seen[c.Host] = sight{c.State, before.lived || c.State == supervise.Up}
	kind := ""
	switch {
	case c.State == supervise.Down && (before.state == supervise.Stopping || before.state == supervise.Down || !before.lived):
		delete(s.seen, c.Host) // it was removed, or never began
	case c.State == supervise.Down && c.Why == supervise.WhyKilled:
		kind = events.Killed
	case c.State == supervise.Down && before.state != supervise.Starting: // else it is as dead as before
		kind = events.Died
	case c.Why == supervise.WhyFrozen || c.Why == supervise.WhyThawed: // the fault has been told
	case c.State == supervise.Frozen:
		kind = events.Frozen
	case c.State == supervise.Up && before.state == supervise.Frozen:
		kind = events.Thawed
	case c.State == supervise.Up && before.lived:
		kind = events.Restarted
	}
	if kind != "" {
		s.events.Add(kind, c.Host, fmt.Sprintf("%s: %s", c.Host, c.Why))
		s.log.Warn("host", slog.String("host", c.Host), slog.String("state", string(c.State)), slog.String("why", c.Why))
	}
	if c.State == supervise.Up {
		s.troubles.catchUp(c.Host)
		s.tellAllPeers(c.Host)
	}
}

// Shutdown takes no new requests, switches all faults off, so that nothing is held any
// more, and waits for the requests under way, at the door first. When the context ends
// before that, they are cut, and the context's error is returned. After Shutdown nothing
// that Start started is left. Calling it again does no harm.
func (s *Server) Shutdown(ctx context.Context) error {
	var err error
	s.ended.Do(func() {
		if s.endSchedule != nil {
			s.endSchedule()
			s.schedule.Wait()
		}
		s.troubles.shut() //nolint:contextcheck // it bounds its own time
		err = s.hosts.Shutdown(ctx)
		s.events.Close()
		for _, a := range []*adminServer{s.metrics, s.admin} {
			if a != nil {
				err = errors.Join(err, a.shutdown(ctx))
			}
		}
		s.past.wait()
		s.client.CloseIdleConnections()
	})
	return err
}

// Child is the life of one host in a process of its own: its side of what a plan with
// the runtime process starts. It reads what it is to be from in, says on out where it is,
// and returns when it is told to end, or when in does. Its log goes to logs.
func Child(in io.Reader, out, logs io.Writer) error {
	return supervise.Serve(in, out, func(spec []byte) (supervise.Instance, error) {
		decoded, err := decodeSpec(spec)
		if err != nil {
			return nil, err
		}
		return node.Start(decoded, slog.New(slog.NewJSONHandler(logs, nil)))
	})
}

// Faults returns the faults of the running backend, to be switched.
func (s *Server) Faults() faults.Board { return &s.troubles }
