package doctor

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/floodmark/floodmark/quantity"
)

// timeWait is how long the kernel keeps the port of a closed connection, in seconds.
const timeWait = 60

// From where on network settings are worth a word. Linux has 28 232 local ports and a
// somaxconn of 4096 by default.
const (
	fewPorts       = 20_000
	hardlyPorts    = 1_000
	shortBacklog   = 1_024
	fullConntrack  = 0.8
	halfConntrack  = 0.5
	smallConntrack = 65_536
)

// ports looks at the local ports that connections may have, to one address each.
func (f files) ports() Check {
	const name = "local ports"
	text, _ := f.text("proc/sys/net/ipv4/ip_local_port_range")
	fields := strings.Fields(text)
	if len(fields) != 2 {
		return unknown(name)
	}
	low, errLow := strconv.ParseInt(fields[0], 10, 64)
	high, errHigh := strconv.ParseInt(fields[1], 10, 64)
	if errLow != nil || errHigh != nil || high < low {
		return unknown(name)
	}
	n := high - low + 1
	c := found(name, fmt.Sprintf("%s (%d to %d): so many connections to one address, or %s new ones a second",
		quantity.Count(n), low, high, quantity.Count(n/timeWait)),
		map[string]float64{"low": float64(low), "high": float64(high), "count": float64(n)})
	const fix, command = "as root, let it use all of them:", `sysctl -w net.ipv4.ip_local_port_range="1024 65535"`
	switch {
	case n < hardlyPorts:
		return c.bad("connections fail when they run out, and that reads like a fault of the target", fix, command)
	case n < fewPorts:
		return c.warn("a load that does not reuse its connections runs out of them", fix, command)
	}
	return c
}

// portReuse looks at whether a port may be used again before its minute is over.
func (f files) portReuse() Check {
	const name = "port reuse"
	n, ok := f.number("proc/sys/net/ipv4/tcp_tw_reuse")
	if !ok {
		return unknown(name)
	}
	c := found(name, fmt.Sprintf("tcp_tw_reuse %d: a port in TIME_WAIT is used again", n), map[string]float64{"tcp_tw_reuse": float64(n)})
	switch n {
	case 0:
		c.Value = "tcp_tw_reuse 0: never before its minute in TIME_WAIT is over"
		return c.warn("a load that does not reuse its connections runs out of ports", "as root, allow it:", "sysctl -w net.ipv4.tcp_tw_reuse=1")
	case 2:
		c.Value = "tcp_tw_reuse 2: on loopback only"
	}
	return c
}

// backlog looks at how many connections may wait for a server of this machine.
func (f files) backlog() Check {
	const name = "backlog"
	accept, ok := f.number("proc/sys/net/core/somaxconn")
	syn, okSyn := f.number("proc/sys/net/ipv4/tcp_max_syn_backlog")
	if !ok || !okSyn {
		return unknown(name)
	}
	c := found(name, fmt.Sprintf("somaxconn %s, tcp_max_syn_backlog %s", quantity.Count(accept), quantity.Count(syn)),
		map[string]float64{"somaxconn": float64(accept), "tcp_max_syn_backlog": float64(syn)})
	const why = "a target on this machine drops connections beyond it, each of which then waits a second or more"
	switch {
	case accept < shortBacklog:
		return c.warn(why, "as root, where the target runs:", "sysctl -w net.core.somaxconn=4096")
	case syn < shortBacklog:
		return c.warn(why, "as root, where the target runs:", "sysctl -w net.ipv4.tcp_max_syn_backlog=4096")
	}
	return c
}

// conntrack looks at the firewall's table of connections, where there is one.
func (f files) conntrack() Check {
	const name = "conntrack"
	most, ok := f.number("proc/sys/net/netfilter/nf_conntrack_max")
	used, okUsed := f.number("proc/sys/net/netfilter/nf_conntrack_count")
	if !ok || !okUsed || most <= 0 {
		if _, there := f.text("proc/sys/net/core/somaxconn"); !there {
			return unknown(name)
		}
		return found(name, "none", map[string]float64{"count": 0, "max": 0})
	}
	c := found(name, fmt.Sprintf("%s of %s connections tracked", quantity.Count(used), quantity.Count(most)),
		map[string]float64{"count": float64(used), "max": float64(most)})
	share := float64(used) / float64(most)
	const fix, command = "as root, make it larger:", "sysctl -w net.netfilter.nf_conntrack_max=1048576"
	switch {
	case share > fullConntrack:
		return c.bad("when the table is full, packets are dropped: timeouts that no target has caused", fix, command)
	case share > halfConntrack || most < smallConntrack:
		return c.warn("when the table is full, packets are dropped; a closed connection stays in it for a minute or two", fix, command)
	}
	return c
}
