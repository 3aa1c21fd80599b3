package gateway

import (
	"context"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"
)

const (
	maxKeySet  = 1 << 20 // bytes
	maxKeys    = 100
	minModulus = 2048 // bits
	maxModulus = 8192 // bits: checking a signature takes time that grows with it

	keysAge      = time.Hour        // then they are fetched again
	keysPause    = 10 * time.Second // between two fetches, whatever tokens come
	keysPatience = 5 * time.Second  // for one fetch
)

// A keySet is the public keys of whoever issues tokens. It is fetched when first needed,
// again for a key id that it does not have, and once an hour; but never twice within ten
// seconds, or tokens that somebody made up could bring down the issuer. When a fetch
// fails, the keys there are stay.
type keySet struct {
	fetch  func(context.Context) ([]byte, error)
	client *http.Client // nil: a file
	log    *slog.Logger

	current atomic.Pointer[keys]
	turn    chan struct{} // held by who fetches; guards tried
	tried   time.Time
}

// keys are those of one fetch, by id.
type keys struct {
	byID map[string]*rsa.PublicKey
	at   time.Time
}

// newKeySet returns the key set at a URL, or in a file, which must be there already.
func newKeySet(place string, log *slog.Logger) (*keySet, error) {
	s := &keySet{log: log, turn: make(chan struct{}, 1)}
	if strings.HasPrefix(place, "http://") || strings.HasPrefix(place, "https://") {
		s.client = &http.Client{
			Transport:     &http.Transport{MaxIdleConnsPerHost: 1, IdleConnTimeout: time.Minute},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
		s.fetch = func(ctx context.Context) ([]byte, error) { return download(ctx, s.client, place) }
		return s, nil
	}
	s.fetch = func(context.Context) ([]byte, error) { return readFile(place) }
	if err := s.refresh(context.Background()); err != nil {
		return nil, fmt.Errorf("gateway: JWKS: %w", err)
	}
	return s, nil
}

func (s *keySet) close() {
	if s.client != nil {
		s.client.CloseIdleConnections()
	}
}

// find returns the key with an id. Who has a key that is only old does not wait for
// somebody else's fetch.
func (s *keySet) find(ctx context.Context, kid string) (*rsa.PublicKey, error) {
	old := s.current.Load()
	key := old.pick(kid)
	if key != nil && time.Since(old.at) < keysAge {
		return key, nil
	}
	if key != nil {
		select {
		case s.turn <- struct{}{}:
		default:
			return key, nil
		}
	} else {
		select {
		case s.turn <- struct{}{}:
		case <-ctx.Done():
			return nil, errNoKeys
		}
	}
	defer func() { <-s.turn }()
	if s.current.Load() == old && (s.tried.IsZero() || time.Since(s.tried) >= keysPause) {
		// Who asked may leave meanwhile: the keys are for all.
		if err := s.refresh(context.WithoutCancel(ctx)); err != nil {
			s.log.WarnContext(ctx, "JWKS", "error", err)
		}
	}
	fresh := s.current.Load()
	if fresh == nil {
		return nil, errNoKeys
	}
	if key = fresh.pick(kid); key == nil {
		return nil, errKeyID
	}
	return key, nil
}

// pick returns the key with an id, or without one the only key.
func (k *keys) pick(kid string) *rsa.PublicKey {
	if k == nil {
		return nil
	}
	if kid == "" && len(k.byID) == 1 {
		for _, only := range k.byID {
			return only
		}
	}
	return k.byID[kid]
}

// refresh fetches the keys. Its caller has the turn, or the key set to itself.
func (s *keySet) refresh(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, keysPatience)
	defer cancel()
	s.tried = time.Now()
	text, err := s.fetch(ctx)
	if err != nil {
		return err
	}
	byID, err := parseKeys(text)
	if err != nil {
		return err
	}
	s.current.Store(&keys{byID, time.Now()})
	return nil
}

// parseKeys reads the RSA keys of a JWKS that check signatures, and passes over others.
func parseKeys(text []byte) (map[string]*rsa.PublicKey, error) {
	var set struct {
		Keys []struct{ Kty, Kid, Use, Alg, N, E string }
	}
	if err := json.Unmarshal(text, &set); err != nil {
		return nil, err
	}
	byID := make(map[string]*rsa.PublicKey)
	for _, k := range set.Keys[:min(len(set.Keys), maxKeys)] {
		if k.Kty != "RSA" || k.Use != "" && k.Use != "sig" || k.Alg != "" && k.Alg != RS256 {
			continue
		}
		key, err := parseKey(k.N, k.E)
		if err != nil {
			return nil, fmt.Errorf("key %q: %w", k.Kid, err)
		}
		byID[k.Kid] = key
	}
	if len(byID) == 0 {
		return nil, errors.New("it has no RSA key for RS256")
	}
	return byID, nil
}

// parseKey reads modulus and exponent.
func parseKey(n, e string) (*rsa.PublicKey, error) {
	modulus, err := base64.RawURLEncoding.DecodeString(n)
	if err != nil {
		return nil, fmt.Errorf("n: %w", err)
	}
	exponent, err := base64.RawURLEncoding.DecodeString(e)
	if err != nil {
		return nil, fmt.Errorf("e: %w", err)
	}
	key := &rsa.PublicKey{N: new(big.Int).SetBytes(modulus)}
	if bits := key.N.BitLen(); bits < minModulus || bits > maxModulus {
		return nil, fmt.Errorf("it has %d bits, want %d to %d", bits, minModulus, maxModulus)
	}
	power := new(big.Int).SetBytes(exponent)
	if !power.IsInt64() || power.Int64() < 3 || power.Int64() > 1<<31-1 || power.Bit(0) == 0 {
		return nil, errors.New("e: want an odd number from 3 to 2147483647")
	}
	key.E = int(power.Int64())
	return key, nil
}

// download fetches a key set.
func download(ctx context.Context, client *http.Client, url string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	response, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }() // it was read as far as it is wanted
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answered %s", url, response.Status)
	}
	return io.ReadAll(io.LimitReader(response.Body, maxKeySet))
}

// readFile reads a key set of bounded size.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	return io.ReadAll(io.LimitReader(f, maxKeySet))
}
