package edge

import (
	"encoding/json"
	"net/http"
	"strings"
)

// Purge makes the edge forget a path, whatever its query, and returns how many resources
// there were. An answer that is on its way is given to those who wait for it and not kept.
func (e *Edge) Purge(path string) int {
	return e.purge(func(key string) bool { return pathOf(key) == path })
}

// PurgePrefix makes the edge forget all paths that begin like that.
func (e *Edge) PurgePrefix(prefix string) int {
	return e.purge(func(key string) bool { return strings.HasPrefix(pathOf(key), prefix) })
}

func (e *Edge) purge(chosen func(key string) bool) int {
	n := e.forget(chosen)
	e.counts.purged.Add(uint64(n))
	return n
}

// forget removes resources, and keeps what is on its way from taking their place. Who
// asks from now on does not wait for that either.
func (e *Edge) forget(chosen func(key string) bool) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	for name, f := range e.flights {
		key, _, _ := strings.Cut(name, "\x00")
		if !chosen(key) {
			continue
		}
		f.mu.Lock()
		f.overtaken = true
		f.mu.Unlock()
		delete(e.flights, name)
	}
	return e.store.remove(chosen)
}

// Admin returns the HTTP API of whoever runs the edge, meant for a port of its own:
//
//	PURGE /path    forgets the path, whatever its query
//	PURGE /path*   forgets all paths that begin like that; PURGE /* all there are
//	GET   /stats   Stats, as JSON
//
// A purge is answered {"purged": 3}. Pages of other origins are refused.
func (e *Edge) Admin() http.Handler {
	return http.NewCrossOriginProtection().Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := r.URL.EscapedPath()
		switch {
		case r.Method == "PURGE":
			purge := e.Purge
			if prefix, all := strings.CutSuffix(path, "*"); all {
				path, purge = prefix, e.PurgePrefix
			}
			tell(w, map[string]int{"purged": purge(path)})
		case path != "/stats":
			refuse(w, http.StatusNotFound, path+": not found; there are: PURGE of any path, GET /stats")
		case r.Method == http.MethodGet || r.Method == http.MethodHead:
			tell(w, e.Stats())
		default:
			w.Header().Set("Allow", "GET, HEAD, PURGE")
			refuse(w, http.StatusMethodNotAllowed, "method not allowed; there are: GET, HEAD, PURGE")
		}
	}))
}

func tell(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body) // a client that is gone is told nothing
}
