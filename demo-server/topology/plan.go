// Package topology says what a demo backend is made of: which parts there are, how many
// of each, on which machines, and what goes wrong with them when.
//
// It starts nothing and opens no port. It knows the words of a topology file and of its
// parts; what the parts then do is theirs.
//
// The main type is [Plan]. A file becomes one in these steps: [Parse] reads it into
// values and notes every fault with its place; changes of the command line (--set) are
// put in; what is not said gets its default; and all of it is checked together. A Plan
// says itself on which [Host] each [Node] runs.
package topology

import (
	"time"

	"github.com/floodmark/floodmark/demo-server/balance/pick"
	"github.com/floodmark/floodmark/demo-server/cache"
	"github.com/floodmark/floodmark/demo-server/capacity"
	"github.com/floodmark/floodmark/demo-server/faults"
	"github.com/floodmark/floodmark/demo-server/limit"
)

// A Plan is a whole backend. It is plain data, complete and checked, and survives
// encoding/json, by which a process is told what to be. A part whose field is nil, or a
// list that is empty, is not there.
type Plan struct {
	Name    string
	Runtime Runtime
	Clock   Clock
	Seed    uint64 // of all that is drawn; each node has its own stream of it

	Machines []Machine // in the order of the file

	Web          Web // always there
	LoadBalancer *LoadBalancer
	Gateway      *Gateway
	RateLimit    *RateLimit
	Breakers     []Breaker // at most one for each of payment and weather
	Database     *Database // nil: each replica keeps the data in its own memory, at no cost
	Cache        *Cache
	CDN          *CDN
	Payment      *Payment // nil: orders are paid by nobody, and never declined
	Weather      *Weather // nil: there is no weather page

	RestartAfter  time.Duration // what was killed is started again so long after; 0: never
	Observability *Observability
	Faults        []faults.Timed // in the order of their time, from when the backend is ready
}

// A Runtime says what a machine is to the computer.
type Runtime string

// The runtimes.
const (
	InProcess Runtime = "in-process" // listeners of one process; the default
	Processes Runtime = "process"    // a process each, for the parts that are on machines
)

// A Clock says how exactly modelled machines wait.
type Clock string

// The clocks.
const (
	Precise  Clock = "precise"  // to a tenth of a millisecond, on Linux; the default
	Portable Clock = "portable" // to about a millisecond, anywhere
)

// A Machine owns capacity, and all parts placed on it share that.
type Machine struct {
	Name    string
	Cores   int     // 1 to 1024; default 2
	Queue   int     // requests that may wait, 0 to 100,000; default 200
	Speed   float64 // how fast it works beside others, 0.01 to 100; default 1
	Sigma   float64 // share of work that cores wait for each other with, 0 to 1 (contention)
	Kappa   float64 // cost of keeping each pair of cores coherent, 0 to 1
	Replica int     // unused in a file; see Host
}

// Web is the shop: the web application.
type Web struct {
	Machine  string // name of a Machine; default web, which is there with its defaults then
	Replicas int    // 1 to 64; default 1
	State    State
	Workers  int // requests that one replica handles at once, waiting for others included; 0: any number
	// CPU is the work of every endpoint that Endpoints does not name.
	CPU       capacity.Law
	Endpoints []Endpoint
	Overrides []Override // replicas that are not like the others
}

// A State says where the shop keeps sessions.
type State string

// The states.
const (
	Stateless State = "stateless" // nowhere: a token says who asks, to any replica; the default
	Stateful  State = "stateful"  // in the replica's memory, by a cookie: nobody else knows it
)

// An Endpoint is what one kind of request costs.
type Endpoint struct {
	Pattern string // "GET /api/products/{id}", as http.ServeMux has it
	CPU     capacity.Law
	// Calls are made one after the other once the work is done, for a Pattern that the shop
	// does not have itself: cache, database.read, database.write, payment, weather. After a
	// hit in the cache the database.read that follows it is left out.
	Calls []string
}

// An Override makes one replica unlike the others.
type Override struct {
	Node   string  // web-2
	Weight int     // for the load balancer, 1 to 256; 0: 1
	Speed  float64 // of its machine, beside that of the others; 0: 1
}

// A LoadBalancer stands before the replicas.
type LoadBalancer struct {
	Layer       int // 4 or 7; default 7
	Algorithm   pick.Algorithm
	HealthCheck *HealthCheck // nil: nobody asks
	Passive     int          // failures of real requests in a row that eject a backend; 0: none do
	EjectFor    time.Duration
	Sticky      *Sticky       // nil: not
	SlowStart   time.Duration // 0: none
	Retries     int           // 0 to 3
	RetryBudget float64       // retries for each request, 0 to 1; default 0.2
}

// A HealthCheck asks replicas how they are.
type HealthCheck struct {
	Path           string // default /healthz
	Interval       time.Duration
	Timeout        time.Duration
	UnhealthyAfter int
	HealthyAfter   int
}

// Sticky keeps sessions at their replica.
type Sticky struct {
	Cookie string
	TTL    time.Duration
}

// A Gateway is the door to the shop.
type Gateway struct {
	Replicas int      // default 1; more stand behind a layer 4 balancer, in turn
	JWT      *JWT     // nil: no tokens
	APIKeys  []string // secrets
	Public   []string // patterns that need no credentials; with neither JWT nor APIKeys all are
	Scopes   []Scope
	Cache    []CachedRoute

	SetHeaders    map[string]string // of requests, for the shop
	RemoveHeaders []string          // of answers
	RemoveFields  []string          // of JSON answers
	AccessLog     bool              // default true where logs are on
}

// JWT says which tokens a gateway takes.
type JWT struct {
	Algorithm string // HS256 or RS256; default HS256
	Issuer    string // default demo
	Audience  string
	// Secret is that of HS256; empty: made when the backend starts, for demo token. RS256's
	// keys are always made then.
	Secret string
}

// A Scope is what a token must hold for a route.
type Scope struct {
	Pattern string
	Needs   []string
}

// A CachedRoute is a route whose answers the gateway keeps.
type CachedRoute struct {
	Pattern string
	TTL     time.Duration
}

// A RateLimit stands in the gateway, or before everything else where there is none.
type RateLimit struct {
	limit.Policy
	Per   Per
	Store Store
	Redis string // host:port, for the store redis; empty: the embedded stand-in
}

// Per says who has a limit of his own.
type Per string

// Whose limit it is.
const (
	PerUser Per = "user" // as the gateway found out, else by address
	PerKey  Per = "key"  // by X-API-Key
	PerIP   Per = "ip"
	Global  Per = "global"
)

// A Store says where limits are counted.
type Store string

// The stores.
const (
	InMemory Store = "memory" // by each gateway for itself
	InRedis  Store = "redis"  // by all together
)

// A Breaker guards the calls of one third party.
type Breaker struct {
	Part             string // payment or weather
	FailureThreshold int
	SuccessThreshold int
	Timeout          time.Duration
	CallTimeout      time.Duration // 0: none
	Bulkhead         int           // 0: none
	Fallback         Fallback
}

// A Fallback is what a guarded call falls back on.
type Fallback string

// The fallbacks.
const (
	NoFallback Fallback = "none"
	Queue      Fallback = "queue" // payment: the order is accepted, and paid for later
	StaleData  Fallback = "stale" // weather: the last answer there was
)

// A Database keeps the shop's data for all replicas.
type Database struct {
	Machine     string // default database, as for Web
	Read, Write capacity.Law
	Pool        Pool
}

// A Pool bounds the connections of each replica to the database.
type Pool struct {
	Max     int           // default 20
	MaxWait time.Duration // for one of them; default 200ms
}

// A Cache stands before the database, in each replica.
type Cache struct {
	Nodes     int      // servers that replicas share; 0: each replica's own memory alone
	Addresses []string // of the user's Redis servers, in place of nodes
	Machine   string   // that each node is on; empty: nodes cost nothing
	Work      capacity.Law

	Strategy     cache.Strategy
	Eviction     cache.Eviction
	Capacity     int // entries in each replica; 0: none, which needs Nodes or Addresses
	TTL          time.Duration
	Jitter       float64 // share of TTL
	Protection   cache.Protection
	SingleFlight bool
}

// CDN is a content delivery network.
type CDN struct {
	Edges        []Edge
	TTL          time.Duration // for answers that say nothing themselves
	StaleIfError time.Duration
	PricePerGB   float64
}

// An Edge is a place of a CDN.
type Edge struct {
	Name            string
	Clients         string        // prefix of its clients' addresses, 127.0.110.0/24; may be empty
	RoundTrip       time.Duration // from its clients to it and back, modelled
	OriginRoundTrip time.Duration // from it to the origin and back, modelled
}

// Payment is the provider that takes money.
type Payment struct {
	Latency  capacity.Law
	Declines faults.Share
	Capture  time.Duration // 0: at once
}

// Weather is a service with a quota.
type Weather struct {
	Latency capacity.Law
	Quota   int // requests in each Per; negative: any number
	Per     time.Duration
	Fresh   time.Duration // for which a replica does not ask again
}

// Observability says what the backend tells of itself.
type Observability struct {
	Logs    bool    // JSON lines of every hop
	Metrics string  // host:port of a page of metrics, beside the admin API's; empty: none
	Traces  string  // file that spans are appended to; empty: none
	Sample  float64 // share of requests that are traced, 0 to 1, where nobody decided before; default 1
}
