package gateway

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// The headers of who asks.
const (
	UserHeader = "X-User"    // to upstreams: whom the gateway identified
	KeyHeader  = "X-Api-Key" // from clients
)

// maxUser bounds a user's name, in characters.
const maxUser = 128

// An APIKey lets a program in.
type APIKey struct {
	Key    string // secret
	User   string // whose it is
	Scopes []string
}

// An Identity is who asks, as the gateway has found out.
type Identity struct {
	User   string
	Method string // jwt or api_key
	Scopes []string
}

type identityKey struct{}

// IdentityOf returns who asks, for a middleware of the gateway; false: nobody knows, on a
// public route.
func IdentityOf(ctx context.Context) (Identity, bool) {
	id, ok := ctx.Value(identityKey{}).(Identity)
	return id, ok
}

// An authenticator finds out who asks.
type authenticator struct {
	realm  string
	tokens *verifier // nil: no bearer tokens
	keys   []hashedKey
}

// A hashedKey is an API key whose comparison takes the same time for all keys there are,
// short or long.
type hashedKey struct {
	sum      [sha256.Size]byte
	identity Identity
}

func (a *authenticator) init(config Config) (err error) {
	a.realm = config.Realm
	for _, key := range config.APIKeys {
		a.keys = append(a.keys, hashedKey{sha256.Sum256([]byte(key.Key)), Identity{key.User, "api_key", key.Scopes}})
	}
	if config.JWT != nil {
		a.tokens, err = newVerifier(*config.JWT, config.Log)
	}
	return err
}

func (a *authenticator) close() {
	if a.tokens != nil {
		a.tokens.close()
	}
}

// authenticate returns who made a request. A bearer token decides alone where tokens are
// accepted; only without one an API key is looked at.
func (a *authenticator) authenticate(r *http.Request) (Identity, *refusal) {
	authorisation, keys := r.Header.Values("Authorization"), r.Header.Values(KeyHeader)
	if a.tokens != nil && len(authorisation) > 0 {
		scheme, token, _ := strings.Cut(authorisation[0], " ")
		if len(authorisation) > 1 || !strings.EqualFold(scheme, "Bearer") {
			return Identity{}, a.refuse(`error="invalid_request"`, "want one header Authorization: Bearer, and a token")
		}
		id, err := a.tokens.verify(r.Context(), strings.TrimLeft(token, " "))
		if errors.Is(err, errNoKeys) {
			return Identity{}, &refusal{
				outcome: unverifiable, status: http.StatusServiceUnavailable, text: err.Error(),
				header: http.Header{"Retry-After": {"1"}},
			}
		}
		if err != nil {
			return Identity{}, a.refuse(`error="invalid_token"`, err.Error())
		}
		return id, nil
	}
	if len(a.keys) > 0 && len(keys) > 0 {
		id, ok := a.owner(keys[0])
		if len(keys) > 1 || !ok {
			return Identity{}, a.refuse("", "the API key is not known")
		}
		return id, nil
	}
	return Identity{}, a.refuse("", "this needs credentials")
}

// owner returns whose an API key is. It looks at all keys, however early one fits.
func (a *authenticator) owner(key string) (id Identity, ok bool) {
	sum := sha256.Sum256([]byte(key))
	for _, k := range a.keys {
		if subtle.ConstantTimeCompare(sum[:], k.sum[:]) == 1 {
			id, ok = k.identity, true
		}
	}
	return id, ok
}

// authorise refuses who has not all the scopes.
func (a *authenticator) authorise(id Identity, scopes []string) *refusal {
	for _, scope := range scopes {
		if !slices.Contains(id.Scopes, scope) {
			refused := a.refuse(fmt.Sprintf(`error="insufficient_scope", scope=%q`, strings.Join(scopes, " ")), "this needs the scope "+scope)
			refused.outcome, refused.status = forbidden, http.StatusForbidden
			return refused
		}
	}
	return nil
}

// refuse asks for credentials, saying what was wrong with those there were (RFC 6750).
func (a *authenticator) refuse(fault, text string) *refusal {
	scheme := "Bearer"
	if a.tokens == nil {
		scheme = "ApiKey"
	}
	challenge := fmt.Sprintf("%s realm=%q", scheme, a.realm)
	if fault != "" {
		challenge += ", " + fault
	}
	return &refusal{
		outcome: unauthorised, status: http.StatusUnauthorized, text: text,
		header: http.Header{"Www-Authenticate": {challenge}},
	}
}

// isUser reports whether a name may stand in a header and in a log.
func isUser(name string) bool {
	return name != "" && len(name) <= maxUser && !strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r > '~' })
}
