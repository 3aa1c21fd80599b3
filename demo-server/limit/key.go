package limit

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// A Key says whose request it is: all with one key share a limit. An empty key is one
// like others, so that those who say nothing share a limit, too.
type Key func(*http.Request) string

// Global is the one key of all requests.
func Global(*http.Request) string { return "" }

// Header returns a key that is a header's value, such as X-API-Key. It is told apart by
// its digest: such values are secrets, which belong neither in a store nor in a log, and
// clients choose how long they are.
func Header(name string) Key {
	return func(r *http.Request) string {
		if value := r.Header.Get(name); value != "" {
			return digest(value)
		}
		return ""
	}
}

// IP returns a key that is the client's address; of IPv6 the first 64 bits, since whoever
// has one address there has all of those. Where the request comes from a trusted proxy,
// the client is who that says, in X-Forwarded-For: the last one there who is not a
// trusted proxy. Anybody else could write anything into it, so nobody else is believed.
func IP(trusted ...netip.Prefix) Key {
	return func(r *http.Request) string {
		remote, err := netip.ParseAddrPort(r.RemoteAddr)
		if err != nil {
			return r.RemoteAddr // a test's, or a Unix socket's
		}
		client := remote.Addr().Unmap().WithZone("")
		hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		for _, hop := range slices.Backward(hops) {
			if !slices.ContainsFunc(trusted, func(p netip.Prefix) bool { return p.Contains(client) }) {
				break
			}
			said, err := netip.ParseAddr(strings.TrimSpace(hop))
			if err != nil {
				break // what stands before it cannot be trusted either
			}
			client = said.Unmap().WithZone("")
		}
		return network(client)
	}
}

// network is the part of an address that is one client's.
func network(client netip.Addr) string {
	const owned = 64 // bits
	if client.Is4() {
		return client.String()
	}
	prefix, err := client.Prefix(owned)
	if err != nil {
		return client.String()
	}
	return prefix.String()
}

// maxKey bounds a key, in bytes.
const maxKey = 64

// clip makes a key that is too long a short one.
func clip(key string) string {
	if len(key) > maxKey {
		return digest(key)
	}
	return key
}

// digest is as good as the value, for telling values apart.
func digest(value string) string {
	const enough = 16 // bytes: nobody can look for two values with the same
	sum := sha256.Sum256([]byte(value))
	return hex.EncodeToString(sum[:enough])
}
