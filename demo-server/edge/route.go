package edge

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"time"
)

// A Route is an edge and whose edge it is.
type Route struct {
	Name    string         // of the edge, and of its region
	URL     string         // where it is, such as http://127.0.0.1:8090
	Regions []string       // further regions it serves
	Clients []netip.Prefix // addresses it serves, where the longest prefix decides

	RoundTrip       time.Duration // modelled time from its clients to it and back
	OriginRoundTrip time.Duration // modelled time from its clients to the origin and back
}

// A route is a Route with its state, which mu of the router protects.
type route struct {
	Route
	url   *url.URL
	down  bool      // said to be
	until time.Time // it did not answer, and is not asked again before
}

// SetRoutes replaces the edges. One that keeps its name keeps its state.
func (r *Router) SetRoutes(routes []Route) error {
	next := make([]*route, len(routes))
	for i, one := range routes {
		u, err := parseBase(one.URL)
		if err != nil {
			return fmt.Errorf("edge %q: %w", one.Name, err)
		}
		if one.Name == "" || one.RoundTrip < 0 || one.OriginRoundTrip < 0 {
			return fmt.Errorf("edge %q: it has a name, and no negative times", one.Name)
		}
		if slices.ContainsFunc(next[:i], func(other *route) bool { return other.Name == one.Name }) {
			return fmt.Errorf("edge %q is there twice", one.Name)
		}
		next[i] = &route{Route: one, url: u}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, n := range next {
		if old := r.named(n.Name); old != nil {
			n.down, n.until = old.down, old.until
		}
	}
	r.routes = next
	return nil
}

// SetDown tells the router that an edge is down, or that it is up again.
func (r *Router) SetDown(name string, down bool) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	one := r.named(name)
	if one == nil {
		return fmt.Errorf("there is no edge %q", name)
	}
	one.down, one.until = down, time.Time{}
	return nil
}

// named returns the route of that name, or nil. The caller holds mu.
func (r *Router) named(name string) *route {
	for _, one := range r.routes {
		if one.Name == name {
			return one
		}
	}
	return nil
}

// pick returns the route of a client: of the region it says it is in, else of its
// address, else the first.
func (r *Router) pick(request *http.Request) *route {
	region := request.Header.Get(r.config.RegionHeader)
	var address netip.Addr
	if at, err := netip.ParseAddrPort(request.RemoteAddr); err == nil {
		address = at.Addr().Unmap()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	var found *route
	longest := -1
	for _, one := range r.routes {
		if region != "" && (one.Name == region || slices.Contains(one.Regions, region)) {
			return one
		}
		for _, prefix := range one.Clients {
			if prefix.Contains(address) && prefix.Bits() > longest {
				found, longest = one, prefix.Bits()
			}
		}
	}
	if found == nil && len(r.routes) > 0 {
		return r.routes[0]
	}
	return found
}

// up reports whether an edge is to be asked.
func (r *Router) up(one *route) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !one.down && !time.Now().Before(one.until)
}

// rest leaves an edge alone for a while that did not answer.
func (r *Router) rest(one *route, err error) {
	r.mu.Lock()
	one.until = time.Now().Add(r.config.Cooldown)
	r.mu.Unlock()
	r.config.Log.Warn("an edge does not answer", "edge", one.Name, "error", err)
}
