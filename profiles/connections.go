package profiles

import (
	"time"

	"github.com/floodmark/floodmark/profiles/document"
)

// Connections says how connections to the target are made and held.
type Connections struct {
	Max   int  // open at once, all users together; 0 means no limit
	Reuse bool // keep a connection for the next request
	// PerUser gives each user connections of its own; without it, a request takes whichever is free.
	PerUser     bool
	IdleTimeout time.Duration // a connection that was idle for so long is not used again; 0 means no limit
	MaxRequests int64         // requests after which a connection is closed; 0 means no limit

	LocalIPs  []string      // source addresses or CIDR prefixes, used in turn
	Unix      string        // path of a unix socket that all connections go to; "" for none
	Proxy     string        // URL of an HTTP proxy, perhaps with a password; "" for none
	ConnectTo []string      // HOST1:PORT1:HOST2:PORT2, as curl's --connect-to
	Resolve   []string      // HOST:PORT:ADDR[,ADDR], as curl's --resolve
	NoDelay   bool          // TCP_NODELAY
	KeepAlive time.Duration // time between probes on an idle connection; 0 means none
	DNS       DNS
}

// DNS says how names become addresses.
type DNS struct {
	TTL    time.Duration // how long an answer is used; 0 asks for each connection, Once only once in a run
	Family string        // any, ipv4 or ipv6
}

// Once is the TTL with which a name is looked up once in a run.
const Once = time.Duration(-1)

// TLS says how connections are secured. The files are named, not read: a relative name in a profile was made relative to
// the working directory.
type TLS struct {
	Verify     bool     // check the target's certificate
	CA         []string // files of the authorities to trust instead of the system's; none: the system's
	Cert, Key  string   // files of the client's own certificate and its key; "" for none
	ServerName string   // sent as SNI, and verified, instead of the host; "": the host
	MinVersion string   // 1.0 to 1.3
	MaxVersion string   // likewise; "": the newest
	Resumption bool     // resume sessions
}

// families returns the names of the families of addresses.
func families() []string { return []string{"any", "ipv4", "ipv6"} }

// tlsVersions returns the versions that can be asked for.
func tlsVersions() []string { return []string{"1.0", "1.1", "1.2", "1.3"} }

// protocols returns the HTTP versions that are spoken.
func protocols() []string { return []string{"auto", "h1", "h2", "h2c"} }

// clients returns the implementations that can be chosen.
func clients() []string { return []string{"auto", "std"} }

// ParseTTL reads how long a name's addresses are used: a duration, or once.
func ParseTTL(text string) (time.Duration, error) {
	if text == "once" {
		return Once, nil
	}
	ttl, err := document.ParseDuration(text)
	if err != nil {
		return 0, document.Unreadable(err.Error(), "write a duration such as 30s, 0s to ask for each connection, or once", wantTTL)
	}
	return ttl, nil
}

func formatTTL(ttl time.Duration) string {
	if ttl == Once {
		return "once"
	}
	return FormatDuration(ttl)
}
