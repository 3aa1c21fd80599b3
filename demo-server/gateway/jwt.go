package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// The algorithms that a gateway may be pinned to.
const (
	HS256 = "HS256"
	RS256 = "RS256"
)

const (
	maxToken  = 8 << 10 // bytes
	minSecret = 32      // bytes, as RFC 7518 has it
)

// A JWT says which bearer tokens are accepted: those of one algorithm, whatever a token
// says itself. A token must have a subject, who is the user, and an expiry; its scope
// claim, words with spaces between, is what it may do.
type JWT struct {
	Algorithm string // HS256 or RS256
	Secret    []byte // for HS256, 32 bytes or more
	JWKS      string // for RS256: URL or file of the JSON Web Key Set

	Issuer   string        // that a token must name; empty: any
	Audience string        // that a token must be for; empty: any
	Leeway   time.Duration // by which clocks may differ
}

func (j JWT) validate() error {
	switch {
	case j.Algorithm != HS256 && j.Algorithm != RS256:
		return fmt.Errorf("gateway: JWT: algorithm %q, want %s or %s", j.Algorithm, HS256, RS256)
	case j.Algorithm == HS256 && len(j.Secret) < minSecret:
		return fmt.Errorf("gateway: JWT: the secret has %d bytes, want %d or more", len(j.Secret), minSecret)
	case j.Algorithm == HS256 && j.JWKS != "", j.Algorithm == RS256 && len(j.Secret) > 0:
		return errors.New("gateway: JWT: HS256 takes a secret alone, RS256 a JWKS alone")
	case j.Algorithm == RS256 && j.JWKS == "":
		return errors.New("gateway: JWT: RS256 needs the URL or the file of a JWKS")
	case j.Leeway < 0:
		return fmt.Errorf("gateway: JWT: the leeway is %v, want 0s or more", j.Leeway)
	}
	return nil
}

// Why a token is refused, in words that tell nothing but what the client knows.
var (
	errToken     = errors.New("the token is not valid")
	errExpired   = errors.New("the token has expired")
	errTooEarly  = errors.New("the token is not valid yet")
	errIssuer    = errors.New("the token is of another issuer")
	errAudience  = errors.New("the token is for another audience")
	errKeyID     = errors.New("the token's key is not known")
	errNoKeys    = errors.New("the keys to check tokens with cannot be had")
	errNoSubject = errors.New("the token names no user")
)

// claims are what the gateway reads of a token.
type claims struct {
	jwt.RegisteredClaims
	Scope string `json:"scope"`
}

// A verifier checks tokens. Any number of goroutines may use it at once.
type verifier struct {
	parser *jwt.Parser
	secret []byte  // for HS256
	keys   *keySet // for RS256
}

func newVerifier(j JWT, log *slog.Logger) (*verifier, error) {
	options := []jwt.ParserOption{
		jwt.WithValidMethods([]string{j.Algorithm}),
		jwt.WithExpirationRequired(),
		jwt.WithLeeway(j.Leeway),
		jwt.WithStrictDecoding(),
	}
	if j.Issuer != "" {
		options = append(options, jwt.WithIssuer(j.Issuer))
	}
	if j.Audience != "" {
		options = append(options, jwt.WithAudience(j.Audience))
	}
	v := &verifier{parser: jwt.NewParser(options...), secret: j.Secret}
	if j.Algorithm == HS256 {
		return v, nil
	}
	var err error
	v.keys, err = newKeySet(j.JWKS, log)
	return v, err
}

func (v *verifier) close() {
	if v.keys != nil {
		v.keys.close()
	}
}

// verify returns whom a token identifies.
func (v *verifier) verify(ctx context.Context, text string) (Identity, error) {
	if len(text) > maxToken {
		return Identity{}, errToken
	}
	var c claims
	_, err := v.parser.ParseWithClaims(text, &c, func(token *jwt.Token) (any, error) {
		// The parser has compared the token's algorithm with the one there is, so the type
		// of the key never depends on the token. Critical extensions are refused, as must be
		// by whoever does not know them.
		if _, critical := token.Header["crit"]; critical {
			return nil, errToken
		}
		if v.keys == nil {
			return v.secret, nil
		}
		kid, _ := token.Header["kid"].(string)
		return v.keys.find(ctx, kid)
	})
	if err != nil {
		return Identity{}, reason(err)
	}
	if !isUser(c.Subject) {
		return Identity{}, errNoSubject
	}
	return Identity{User: c.Subject, Method: "jwt", Scopes: strings.Fields(c.Scope)}, nil
}

// reason returns why a token was refused, in our words. The signature is checked before
// the claims, so that nobody learns about the claims of a token they made up.
func reason(err error) error {
	for _, r := range []struct{ theirs, ours error }{
		{errNoKeys, errNoKeys},
		{errKeyID, errKeyID},
		{jwt.ErrTokenExpired, errExpired},
		{jwt.ErrTokenNotValidYet, errTooEarly},
		{jwt.ErrTokenInvalidIssuer, errIssuer},
		{jwt.ErrTokenInvalidAudience, errAudience},
	} {
		if errors.Is(err, r.theirs) {
			return r.ours
		}
	}
	return errToken
}
