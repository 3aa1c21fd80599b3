package gateway

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// An Issuer makes tokens that a gateway accepts. Any number of goroutines may use it at
// once. However it is printed, its secret and its keys are not.
type Issuer struct {
	algorithm, issuer, audience string
	secret                      []byte // for HS256

	mu      sync.RWMutex
	current *signingKey // for RS256
	former  *signingKey // whose tokens are still good; nil: none
}

// A signingKey is a key pair with its name.
type signingKey struct {
	id   string
	pair *rsa.PrivateKey
}

// NewIssuer returns an issuer for HS256 or RS256. The secret is that of HS256, 32 bytes or
// more; with none it makes one. For RS256 it makes a key pair of 2048 bits, which takes some
// tenths of a second. The names of the issuer and of whom tokens are for may be empty, and
// are in no token then.
func NewIssuer(algorithm string, secret []byte, issuer, audience string) (*Issuer, error) {
	i := &Issuer{algorithm: algorithm, issuer: issuer, audience: audience, secret: append([]byte(nil), secret...)}
	switch {
	case algorithm == HS256 && len(secret) == 0:
		i.secret = make([]byte, minSecret)
		_, _ = rand.Read(i.secret) // never fails
	case algorithm == RS256 && len(secret) == 0:
		if err := i.Rotate(); err != nil {
			return nil, err
		}
	case algorithm == RS256:
		return nil, errors.New("gateway: issuer: RS256 takes no secret, it makes its keys itself")
	}
	place := "" // which validate wants with RS256 alone
	if algorithm == RS256 {
		place = "of the issuer"
	}
	if err := i.JWT(place).validate(); err != nil {
		return nil, err
	}
	return i, nil
}

// JWT returns what a gateway needs to accept the issuer's tokens. For RS256 that is the URL,
// or the file, at which its key set will be; HS256 has none.
func (i *Issuer) JWT(jwks string) JWT {
	return JWT{Algorithm: i.algorithm, Secret: i.secret, JWKS: jwks, Issuer: i.issuer, Audience: i.audience}
}

// Token returns a token by which a user may do what the scopes say, for so long from now.
func (i *Issuer) Token(user string, scopes []string, ttl time.Duration) (string, error) {
	if !isUser(user) {
		return "", fmt.Errorf("gateway: issuer: user %q: want 1 to %d printable characters of ASCII", user, maxUser)
	}
	if ttl < time.Second {
		return "", fmt.Errorf("gateway: issuer: a token for %v, want 1s or more", ttl)
	}
	for _, scope := range scopes {
		if !isUser(scope) || strings.Contains(scope, " ") {
			return "", fmt.Errorf("gateway: issuer: scope %q: want a word", scope)
		}
	}
	text, err := i.sign(i.claims(user, scopes, ttl))
	if err != nil {
		return "", errors.New("gateway: issuer: the token could not be signed") // the reason might tell of the key
	}
	if len(text) > maxToken {
		return "", fmt.Errorf("gateway: issuer: a token of %d bytes, and a gateway takes %d at most: it has too many scopes", len(text), maxToken)
	}
	return text, nil
}

func (i *Issuer) claims(user string, scopes []string, ttl time.Duration) claims {
	now := time.Now()
	c := claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: i.issuer, Subject: user,
			IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(ttl)),
		},
		Scope: strings.Join(scopes, " "),
	}
	if i.audience != "" {
		c.Audience = jwt.ClaimStrings{i.audience}
	}
	return c
}

// sign signs with the newest key there is.
func (i *Issuer) sign(c claims) (string, error) {
	if i.algorithm == HS256 {
		return jwt.NewWithClaims(jwt.SigningMethodHS256, c).SignedString(i.secret)
	}
	i.mu.RLock()
	key := i.current
	i.mu.RUnlock()
	token := jwt.NewWithClaims(jwt.SigningMethodRS256, c)
	token.Header["kid"] = key.id
	return token.SignedString(key.pair)
}

// Rotate signs with a new key from now on. The tokens of the key before are good until the
// next rotation. A gateway learns of a new key from the first token that names it, but asks
// for keys no more than once in ten seconds, and refuses such tokens until then.
func (i *Issuer) Rotate() error {
	if i.algorithm != RS256 {
		return fmt.Errorf("gateway: issuer: %s has no keys to rotate", i.algorithm)
	}
	pair, err := rsa.GenerateKey(rand.Reader, minModulus)
	if err != nil {
		return errors.New("gateway: issuer: no key could be made")
	}
	// The name is made of the key, so that no two keys ever have the same: not those of an
	// issuer that was started again, either.
	sum := sha256.Sum256(pair.N.Bytes())
	i.mu.Lock()
	defer i.mu.Unlock()
	i.current, i.former = &signingKey{base64.RawURLEncoding.EncodeToString(sum[:12]), pair}, i.current
	return nil
}

// JWKS returns the public keys as a JSON Web Key Set; with HS256 it is empty.
func (i *Issuer) JWKS() []byte {
	type key struct {
		Kty string `json:"kty"`
		Kid string `json:"kid"`
		Use string `json:"use"`
		Alg string `json:"alg"`
		N   string `json:"n"`
		E   string `json:"e"`
	}
	i.mu.RLock()
	defer i.mu.RUnlock()
	list := []key{}
	for _, k := range []*signingKey{i.current, i.former} {
		if k != nil {
			enc := base64.RawURLEncoding.EncodeToString
			list = append(list, key{"RSA", k.id, "sig", RS256, enc(k.pair.N.Bytes()), enc(big.NewInt(int64(k.pair.E)).Bytes())})
		}
	}
	text, _ := json.Marshal(map[string]any{"keys": list}) // texts alone
	return text
}

// Handler returns a handler that serves the key set, at whatever path.
func (i *Issuer) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		w.Header().Set("Content-Type", "application/jwk-set+json")
		_, _ = w.Write(i.JWKS()) // a client that is gone is told nothing
	})
}

// String returns whose tokens these are.
func (i *Issuer) String() string { return i.algorithm + " tokens of " + i.issuer }

// Format prints the same for every verb, since some show all there is of a value.
func (i *Issuer) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(i.String())) }
