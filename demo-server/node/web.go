package node

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/floodmark/floodmark/demo-server/balance/pick"
	"github.com/floodmark/floodmark/demo-server/cache"
	"github.com/floodmark/floodmark/demo-server/capacity"
	"github.com/floodmark/floodmark/demo-server/database"
	"github.com/floodmark/floodmark/demo-server/goods"
	"github.com/floodmark/floodmark/demo-server/guard"
	"github.com/floodmark/floodmark/demo-server/observe"
	"github.com/floodmark/floodmark/demo-server/shop"
	"github.com/floodmark/floodmark/demo-server/thirdparty"
	"github.com/floodmark/floodmark/demo-server/topology"
)

// waitingForWorkers is how many requests may wait for each worker.
const waitingForWorkers = 100

// A replica is the shop with all that belongs to it.
type replica struct {
	shop     shop.Shop
	pool     *database.Client // nil: the data is in its own memory
	cache    *cache.Cache     // nil: none
	shared   *cache.Shared    // nil: none
	workers  *capacity.Workers
	weather  *thirdparty.WeatherClient
	guards   map[string]*guard.Guard
	carriers []*http.Transport // whose connections end with the replica
}

// web builds one replica of the shop.
func (r *Running) web(s *served) (room, error) {
	plan := r.spec.Plan
	w := &replica{guards: map[string]*guard.Guard{}}
	w.shop = shop.Shop{
		Machine:           r.machine,
		Source:            r.source(s, "", plan.Web.CPU),
		Sources:           map[string]*capacity.Source{},
		TrustUser:         checked(plan.Gateway),
		ReportUtilisation: plan.LoadBalancer != nil && plan.LoadBalancer.Algorithm == pick.ResourceBased,
		AcceptServiceTime: r.spec.AcceptServiceTime,
		Middleware:        s.faults.Handler,
		Log:               r.log,
	}
	if plan.Web.State == topology.Stateful {
		w.shop.State = shop.Stateful
	}
	if plan.CDN != nil {
		w.shop.CatalogueMaxAge = plan.CDN.TTL
	}
	if plan.Web.Workers > 0 {
		w.workers = capacity.NewWorkers(plan.Web.Workers, plan.Web.Workers*waitingForWorkers)
		w.shop.Workers = w.workers
	}
	for _, join := range []func(*served, *replica) error{r.joinThirdParties, r.joinStore, r.joinEndpoints} {
		if err := join(s, w); err != nil {
			return room{}, errors.Join(err, w.close(context.Background()))
		}
	}
	s.observer.Expect(append(shop.Patterns(), "GET /healthz", metricsPattern)...)
	return room{
		handler: r.withMetrics(w.shop.Handler()),
		detail:  func() any { return w.stats() },
		drained: w.close,
		crash:   w.crash,
	}, nil
}

// metricsPattern is where a replica shows its host's metrics, which no fault touches.
const metricsPattern = "GET /metrics"

// withMetrics puts the page of metrics before a replica's handler.
func (r *Running) withMetrics(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if q.URL.Path == "/metrics" && (q.Method == http.MethodGet || q.Method == http.MethodHead) {
			q.Pattern = metricsPattern
			observe.WritePage(w, q, r.families())
			return
		}
		next.ServeHTTP(w, q)
	})
}

// source returns a source of service times, with a stream of its own.
func (r *Running) source(s *served, name string, law capacity.Law) *capacity.Source {
	return capacity.NewSource(law, r.seed(s.node.Name+name))
}

// carry returns connections to a part, which end with the replica.
func (w *replica) carry(s *served, part string) *http.Transport {
	transport := s.transport(part)
	w.carriers = append(w.carriers, transport)
	return transport
}

// joinThirdParties gives the shop its payment provider and its weather, behind guards
// where the plan has some.
func (r *Running) joinThirdParties(s *served, w *replica) error {
	plan := r.spec.Plan
	for _, b := range plan.Breakers {
		g, err := guard.New(r.guard(b))
		if err != nil {
			return err
		}
		w.guards[b.Part] = g
		if b.Part == topology.PaymentPart {
			w.shop.PaymentGuard, w.shop.QueuePayments = g, b.Fallback == topology.Queue
		} else {
			w.shop.WeatherGuard = g
		}
	}
	if plan.Payment != nil {
		addr, err := r.peer(topology.PaymentPart)
		if err != nil {
			return err
		}
		w.shop.Payment = thirdparty.PaymentClient{BaseURL: "http://" + addr, HTTP: &http.Client{Transport: w.carry(s, topology.PaymentPart)}}
	}
	if plan.Weather == nil {
		return nil
	}
	addr, err := r.peer(topology.WeatherPart)
	if err != nil {
		return err
	}
	var transport http.RoundTripper = w.carry(s, topology.WeatherPart)
	w.weather = &thirdparty.WeatherClient{BaseURL: "http://" + addr, Fresh: plan.Weather.Fresh, Stale: -1}
	if g := w.guards[topology.WeatherPart]; g != nil {
		transport = shop.Guarded(g, transport)
		if fallsBack(plan.Breakers, topology.WeatherPart) {
			w.weather.Stale = 0 // an hour
		}
	}
	w.weather.HTTP = &http.Client{Transport: transport}
	w.shop.Weather = w.weather
	return nil
}

// fallsBack reports whether calls of a part have old data to fall back on.
func fallsBack(breakers []topology.Breaker, part string) bool {
	for _, b := range breakers {
		if b.Part == part {
			return b.Fallback == topology.StaleData
		}
	}
	return false
}

// guard returns what a plan's breaker is.
func (r *Running) guard(b topology.Breaker) guard.Config {
	config := guard.Config{
		Name: b.Part, FailureThreshold: b.FailureThreshold, SuccessThreshold: b.SuccessThreshold,
		Timeout: b.Timeout, CallTimeout: b.CallTimeout, Bulkhead: b.Bulkhead, Log: r.log,
	}
	if b.Part == topology.PaymentPart {
		config.IsFailure = shop.PaymentFailure
	}
	return config
}

// joinStore gives the shop its data: its own memory, or the database, through a cache if
// there is one.
func (r *Running) joinStore(s *served, w *replica) error {
	plan := r.spec.Plan
	if plan.Database == nil {
		w.shop.Store = goods.NewMemory()
		return nil
	}
	addr, err := r.peer(topology.DatabasePart)
	if err != nil {
		return err
	}
	w.pool = &database.Client{
		BaseURL: func() string { return "http://" + addr },
		HTTP:    w.carry(s, topology.DatabasePart),
		Pool:    database.Pool{Max: plan.Database.Pool.Max, MaxWait: plan.Database.Pool.MaxWait},
	}
	w.shop.Store = w.pool
	if plan.Cache == nil {
		return nil
	}
	return r.joinCache(s, w)
}

// joinCache puts a cache before the database.
func (r *Running) joinCache(s *served, w *replica) error {
	plan := r.spec.Plan.Cache
	source := shop.CacheSource{Store: w.pool}
	config := cache.Config{
		Loader: source, Writer: source,
		Strategy: plan.Strategy, Eviction: plan.Eviction, Capacity: plan.Capacity,
		TTL: plan.TTL, Jitter: plan.Jitter, Protection: plan.Protection, SingleFlight: plan.SingleFlight,
		Seed: r.seed(s.node.Name + "cache"), Log: r.log,
	}
	if config.Capacity == 0 {
		config.Capacity = -1 // none in this process
	}
	if addresses := r.cacheAddresses(); len(addresses) > 0 {
		var err error
		w.shared, err = cache.NewShared(cache.SharedConfig{Addresses: addresses, Prefix: "floodmark:shop:", Dial: s.dial(topology.CachePart)})
		if err != nil {
			return err
		}
		config.Shared = w.shared
	}
	var err error
	if w.cache, err = cache.New(config); err != nil {
		return err
	}
	w.shop.Store = shop.Cached{Store: w.pool, Cache: w.cache}
	return nil
}

// cacheAddresses returns where the servers of the shared tier are, by name.
func (r *Running) cacheAddresses() map[string]string {
	addresses := map[string]string{}
	for i, addr := range r.spec.Plan.Cache.Addresses {
		addresses[fmt.Sprintf("redis-%d", i+1)] = addr
	}
	if len(addresses) == 0 {
		for _, peer := range r.peers(topology.CachePart) {
			addresses[peer.Node] = peer.Addr
		}
	}
	return addresses
}

// joinEndpoints gives the shop's endpoints their costs, and adds those of the plan's own.
func (r *Running) joinEndpoints(s *served, w *replica) error {
	own := map[string]bool{}
	for _, pattern := range shop.Patterns() {
		own[pattern] = true
	}
	for _, endpoint := range r.spec.Plan.Web.Endpoints {
		source := r.source(s, endpoint.Pattern, endpoint.CPU)
		if own[endpoint.Pattern] {
			w.shop.Sources[endpoint.Pattern] = source
			continue
		}
		custom := shop.Endpoint{Pattern: endpoint.Pattern, Source: source}
		for _, name := range endpoint.Calls {
			custom.Calls = append(custom.Calls, w.call(name))
		}
		w.shop.Custom = append(w.shop.Custom, custom)
	}
	return w.shop.Validate()
}

const (
	customCents = 999      // what an endpoint of one's own has charged
	customCity  = "berlin" // whose weather it asks for
	customKey   = "custom" // what it reads and writes
)

// call returns what an endpoint of one's own does by a name. Parse has made sure that
// there is such a part.
func (w *replica) call(name string) shop.Call {
	switch name {
	case topology.PaymentPart:
		return w.shop.PaymentCall(customCents)
	case topology.WeatherPart:
		return w.shop.WeatherCall(customCity)
	case topology.CachePart:
		return shop.Call{Name: name, Do: func(ctx context.Context) (bool, error) {
			_, err := w.shop.Store.Product(ctx, 1)
			return err == nil, err // the cache reads the database itself, where it must
		}}
	case "database.write":
		return shop.Call{Name: name, Do: func(ctx context.Context) (bool, error) { return false, w.pool.Write(ctx, customKey) }}
	}
	return shop.Call{Name: name, Do: func(ctx context.Context) (bool, error) { return false, w.pool.Read(ctx, customKey) }}
}

// webStats is what a replica says about itself.
type webStats struct {
	Shop    shop.Stats                     `json:"shop"`
	Pool    *database.PoolStats            `json:"pool,omitempty"`
	Cache   *cache.Stats                   `json:"cache,omitempty"`
	Workers *capacity.WorkerStats          `json:"workers,omitempty"`
	Weather *thirdparty.WeatherClientStats `json:"weather,omitempty"`
	Guards  map[string]guard.Stats         `json:"guards,omitempty"`
}

func (w *replica) stats() webStats {
	stats := webStats{Shop: w.shop.Stats()}
	if w.pool != nil {
		pool := w.pool.Pool.Stats()
		stats.Pool = &pool
	}
	if w.cache != nil {
		cached := w.cache.Stats()
		stats.Cache = &cached
	}
	if w.workers != nil {
		busy := w.workers.Stats()
		stats.Workers = &busy
	}
	if w.weather != nil {
		reports := w.weather.Stats()
		stats.Weather = &reports
	}
	if len(w.guards) > 0 {
		stats.Guards = map[string]guard.Stats{}
	}
	for part, g := range w.guards {
		stats.Guards[part] = g.Stats()
	}
	return stats
}

// crash loses what a process that dies would.
func (w *replica) crash() {
	if w.cache != nil {
		w.cache.Crash()
	}
}

// close ends what belongs to the replica.
func (w *replica) close(ctx context.Context) error {
	w.shop.Close()
	var errs []error
	if w.cache != nil {
		errs = append(errs, w.cache.Close(ctx))
	}
	if w.shared != nil {
		errs = append(errs, w.shared.Close())
	}
	for _, transport := range w.carriers {
		transport.CloseIdleConnections()
	}
	return errors.Join(errs...)
}

// database builds the database.
func (r *Running) database(s *served) (room, error) {
	plan := r.spec.Plan.Database
	node := database.NewNode(database.Config{
		Store:      goods.NewMemory(),
		Machine:    r.machine,
		Read:       r.source(s, "read", plan.Read),
		Write:      r.source(s, "write", plan.Write),
		Middleware: s.faults.Handler,
		Note:       observe.Note,
	})
	return room{handler: node.Handler(), detail: func() any { return node.Stats() }}, nil
}
