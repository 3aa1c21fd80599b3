package profiles

import (
	"net/url"
	"slices"
	"strings"
	"time"
)

// check judges how connections are made and held. What addresses mean is not known here: see Options.CheckAddress.
func (c Connections) check(ps *problems) {
	const path = "target.connections"
	if c.Max < 0 {
		ps.add(path+".max", "0 means no limit", "the number of connections is negative")
	}
	if c.MaxRequests < 0 {
		ps.add(path+".max_requests_per_connection", "0 means no limit", "the number of requests is negative")
	}
	checkUpTo(ps, path+".idle_timeout", c.IdleTimeout)
	checkUpTo(ps, path+".keep_alive", c.KeepAlive)
	if c.DNS.TTL != Once {
		checkUpTo(ps, path+".dns.ttl", c.DNS.TTL)
	}
	checkWord(ps, path+".dns.family", c.DNS.Family, families())
	c.checkUnix(ps)
	if c.Unix == "" && c.Proxy != "" && len(c.ConnectTo) > 0 {
		ps.add(path+".connect_to", "leave one of the two out", "connect_to does not hold behind a proxy, which is told the host of the URL")
	}
}

// checkUnix refuses what has no effect when all connections go to one socket.
func (c Connections) checkUnix(ps *problems) {
	if c.Unix == "" {
		return
	}
	idle := map[string]bool{
		"proxy": c.Proxy != "", "connect_to": len(c.ConnectTo) > 0, "resolve": len(c.Resolve) > 0, "local_ips": len(c.LocalIPs) > 0,
	}
	for _, key := range []string{"proxy", "connect_to", "resolve", "local_ips"} {
		if idle[key] {
			ps.add("target.connections."+key, "leave one of the two out", "%s has no effect with unix, where all connections go to one socket", key)
		}
	}
}

// check judges how connections are secured. Files are not looked at.
func (t TLS) check(ps *problems) {
	const path = "target.tls"
	checkVersion(ps, path+".min_version", t.MinVersion)
	if t.MaxVersion != "" {
		checkVersion(ps, path+".max_version", t.MaxVersion)
	}
	// The versions are written so that they compare as texts.
	if t.MaxVersion != "" && t.MaxVersion < t.MinVersion && slices.Contains(tlsVersions(), t.MaxVersion) {
		ps.add(path+".max_version", "lower min_version too", "max_version %s is below min_version %s", t.MaxVersion, t.MinVersion)
	}
	if t.Key != "" && t.Cert == "" {
		ps.add(path+".key", "name the certificate's file: cert", "there is a key without a certificate")
	}
	if strings.ContainsAny(t.ServerName, " /:") || hasControl(t.ServerName) {
		ps.add(path+".server_name", "write a name such as shop.example", "%s is not the name of a host", quote(t.ServerName))
	}
}

// checkProtocol judges the HTTP version and who speaks it.
func (t Target) checkProtocol(ps *problems) {
	const path = "target.protocol"
	if t.Protocol == "h3" {
		ps.add(path, "use auto, h1, h2 or h2c", "protocol h3 is not supported yet")
		return
	}
	checkWord(ps, path, t.Protocol, protocols())
	checkWord(ps, "target.client", t.Client, clients())
	base, err := url.Parse(t.BaseURL)
	switch {
	case err != nil:
	case t.Protocol == "h2c" && base.Scheme == "https":
		ps.add(path, "use h2", "h2c is HTTP/2 without TLS, and the base URL is https")
	case t.Protocol == "h2" && base.Scheme == "http":
		ps.add(path, "use h2c", "h2 is agreed on within TLS, and the base URL is http")
	}
}

// checkUpTo judges a duration that may be zero.
func checkUpTo(ps *problems, path string, d time.Duration) {
	if d != 0 {
		checkPositive(ps, path, d, maxDuration)
	}
}

// checkWord judges a value that is one of some words.
func checkWord(ps *problems, path, word string, known []string) {
	if !slices.Contains(known, word) {
		ps.add(path, didYouMean(word, known), "unknown %s %s", lastKey(path), quote(word))
	}
}

// checkVersion judges a version of TLS. Of numbers, the nearest is not the one that was meant.
func checkVersion(ps *problems, path, version string) {
	if !slices.Contains(tlsVersions(), version) {
		ps.add(path, "write one of "+strings.Join(tlsVersions(), ", "), "%s is not a version of TLS", quote(version))
	}
}
