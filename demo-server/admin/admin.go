// Package admin guards the API by which a demo backend is broken, mended and watched.
//
// It does not know what that API offers, and opens no port.
//
// [NeedsToken] says which listen addresses others can reach; [Guard] lets in only who has the
// token then. Between the two stands whoever starts the backend: without a token it does
// not listen there.
package admin

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"
)

// TokenVariable is the environment variable that holds the token, for those who ask as for
// those who are asked.
const TokenVariable = "FLOODMARK_ADMIN_TOKEN"

// patience is how long a host name may take to resolve.
const patience = 2 * time.Second

// Guard returns a handler that lets in who has the token, as Authorization: Bearer; all
// others may only ask GET /healthz. Without a token it lets everybody in, which is for
// loopback. Pages of other origins are refused with and without one, wherever they would
// change something.
func Guard(next http.Handler, token string) http.Handler {
	want := sha256.Sum256([]byte(token))
	guarded := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		health := r.URL.Path == "/healthz" && (r.Method == http.MethodGet || r.Method == http.MethodHead)
		if token != "" && !health && !bears(r, want) {
			challenge(w)
			return
		}
		next.ServeHTTP(w, r)
	})
	protection := http.NewCrossOriginProtection()
	protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusForbidden, "a page of another origin may not change a backend")
	}))
	return protection.Handler(guarded)
}

// bears reports whether a request has the token with this hash. The comparison takes the
// same time for every token.
func bears(r *http.Request, want [sha256.Size]byte) bool {
	values := r.Header.Values("Authorization")
	if len(values) != 1 {
		return false
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	got := sha256.Sum256([]byte(strings.TrimLeft(token, " ")))
	return subtle.ConstantTimeCompare(got[:], want[:]) == 1 && strings.EqualFold(scheme, "Bearer")
}

// challenge asks for the token (RFC 6750).
func challenge(w http.ResponseWriter) {
	w.Header().Set("WWW-Authenticate", `Bearer realm="floodmark-demo-admin"`)
	refuse(w, http.StatusUnauthorized, "this needs the token that the backend was started with, as Authorization: Bearer; floodmark takes it from the environment variable "+TokenVariable)
}

// refuse answers with an error, in the words of all servers here.
func refuse(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": text}) // a client that is gone is told nothing
}

// NeedsToken reports whether others than this machine's users may reach a listen address,
// such as ":8081" or "0.0.0.0:8081". A host name is looked up; what cannot be understood
// may be anything.
func NeedsToken(addr string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return needsToken(addr, func(host string) ([]netip.Addr, error) {
		return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	})
}

func needsToken(addr string, lookup func(host string) ([]netip.Addr, error)) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil || host == "" {
		return true
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		return !ip.Unmap().IsLoopback()
	}
	ips, err := lookup(host)
	if err != nil || len(ips) == 0 {
		return true
	}
	for _, ip := range ips {
		if !ip.Unmap().IsLoopback() {
			return true
		}
	}
	return false
}
