package dial

import "net"

// Destinations returns the hosts that a connection for the address may lead to,
// through whom it goes included, as names or addresses. Nothing is looked up. There
// are none on a unix socket.
func (d *Dialer) Destinations(address string) []string {
	switch {
	case d.options.Unix != "":
		return nil
	case d.proxy != nil:
		host, _, _ := net.SplitHostPort(address) // looked up by the proxy
		return append(d.reached(d.proxy.address), host)
	}
	return d.reached(address)
}

// reached returns where a direct connection for the address leads to.
func (d *Dialer) reached(address string) []string {
	host, port := d.rewritten(address)
	fixed := d.override(host, port)
	if fixed == nil {
		return []string{host}
	}
	var hosts []string
	for _, ip := range fixed.ips() {
		hosts = append(hosts, ip.String())
	}
	return hosts
}
