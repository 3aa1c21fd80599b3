package profiles

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/floodmark/floodmark/profiles/document"
)

// check judges how connections are made and held. What addresses mean is not known here: see Options.CheckAddress.
func (c Connections) check(ps *document.Problems) {
	const path = "target.connections"
	if c.Max < 0 {
		ps.Add(path+".max", "0 means no limit", "the number of connections is negative")
	}
	if c.MaxRequests < 0 {
		ps.Add(path+".max_requests_per_connection", "0 means no limit", "the number of requests is negative")
	}
	checkUpTo(ps, path+".idle_timeout", c.IdleTimeout)
	checkUpTo(ps, path+".keep_alive", c.KeepAlive)
	if c.DNS.TTL != Once {
		checkUpTo(ps, path+".dns.ttl", c.DNS.TTL)
	}
	checkWord(ps, path+".dns.family", c.DNS.Family, families())
	c.checkUnix(ps)
	if c.Unix == "" && c.Proxy != "" && len(c.ConnectTo) > 0 {
		ps.Add(path+".connect_to", "leave one of the two out", "connect_to does not hold behind a proxy, which is told the host of the URL")
	}
}

// checkUnix refuses what has no effect when all connections go to one socket.
func (c Connections) checkUnix(ps *document.Problems) {
	if c.Unix == "" {
		return
	}
	idle := map[string]bool{
		"proxy": c.Proxy != "", "connect_to": len(c.ConnectTo) > 0, "resolve": len(c.Resolve) > 0, "local_ips": len(c.LocalIPs) > 0,
	}
	for _, key := range []string{"proxy", "connect_to", "resolve", "local_ips"} {
		if idle[key] {
			ps.Add("target.connections."+key, "leave one of the two out", "%s has no effect with unix, where all connections go to one socket", key)
		}
	}
}

// check judges how connections are secured. Files are not looked at.
func (t TLS) check(ps *document.Problems) {
	const path = "target.tls"
	checkVersion(ps, path+".min_version", t.MinVersion)
	if t.MaxVersion != "" {
		checkVersion(ps, path+".max_version", t.MaxVersion)
	}
	// The versions are written so that they compare as texts.
	if t.MaxVersion != "" && t.MaxVersion < t.MinVersion && slices.Contains(tlsVersions(), t.MaxVersion) {
		ps.Add(path+".max_version", "lower min_version too", "max_version %s is below min_version %s", t.MaxVersion, t.MinVersion)
	}
	if t.Key != "" && t.Cert == "" {
		ps.Add(path+".key", "name the certificate's file: cert", "there is a key without a certificate")
	}
	if strings.ContainsAny(t.ServerName, " /:") || hasControl(t.ServerName) {
		ps.Add(path+".server_name", "write a name such as shop.example", "%s is not the name of a host", document.Quote(t.ServerName))
	}
}

// checkProtocol judges the HTTP version and who speaks it.
func (t Target) checkProtocol(ps *document.Problems) {
	const path = "target.protocol"
	if t.Protocol == "h3" {
		ps.Add(path, "use auto, h1, h2 or h2c", "protocol h3 is not supported yet")
		return
	}
	checkWord(ps, path, t.Protocol, protocols())
	checkWord(ps, "target.client", t.Client, clients())
	base, err := url.Parse(t.BaseURL)
	switch {
	case err != nil:
	case t.Protocol == "h2c" && base.Scheme == "https":
		ps.Add(path, "use h2", "h2c is HTTP/2 without TLS, and the base URL is https")
	case t.Protocol == "h2" && base.Scheme == "http":
		ps.Add(path, "use h2c", "h2 is agreed on within TLS, and the base URL is http")
	}
}

// checkUpTo judges a duration that may be zero.
func checkUpTo(ps *document.Problems, path string, d time.Duration) {
	if d != 0 {
		checkPositive(ps, path, d, maxDuration)
	}
}

// checkWord judges a value that is one of some words.
func checkWord(ps *document.Problems, path, word string, known []string) {
	if !slices.Contains(known, word) {
		ps.Add(path, document.DidYouMean(word, known), "unknown %s %s", document.LastKey(path), document.Quote(word))
	}
}

// checkVersion judges a version of TLS. Of numbers, the nearest is not the one that was meant.
func checkVersion(ps *document.Problems, path, version string) {
	if !slices.Contains(tlsVersions(), version) {
		ps.Add(path, "write one of "+strings.Join(tlsVersions(), ", "), "%s is not a version of TLS", document.Quote(version))
	}
}
