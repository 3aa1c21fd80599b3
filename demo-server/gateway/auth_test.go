package gateway

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// encode makes a token out of two texts and a signature, as an attacker does.
func encode(header, payload, signature string) string {
	enc := base64.RawURLEncoding.EncodeToString
	return enc([]byte(header)) + "." + enc([]byte(payload)) + "." + enc([]byte(signature))
}

func TestTokens(t *testing.T) {
	e := &echo{}
	g := build(t, e, Config{JWT: hs256(), Routes: []Route{{Pattern: "/"}}, Realm: "shop"})
	now := time.Now()
	payload, err := json.Marshal(good())
	if err != nil {
		t.Fatal(err)
	}
	valid := sign(t)
	parts := strings.Split(valid, ".")
	with := func(method jwt.SigningMethod, key any, header ...string) string {
		token := jwt.NewWithClaims(method, good())
		for i := 0; i < len(header); i += 2 {
			token.Header[header[i]] = header[i+1]
		}
		text, err := token.SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	for _, tt := range []struct{ name, token, want string }{
		{"good", valid, ""},
		{"expired within the leeway", sign(t, "exp", now.Add(-3*time.Second).Unix()), ""},
		{"soon within the leeway", sign(t, "nbf", now.Add(3*time.Second).Unix()), ""},
		{"one of its audiences", sign(t, "aud", []string{"bank", "shop"}), ""},
		{"without scope", sign(t, "scope", nil), ""},
		{"expired", sign(t, "exp", now.Add(-time.Minute).Unix()), "the token has expired"},
		{"never expires", sign(t, "exp", nil), "the token is not valid"},
		{"expiry as text", sign(t, "exp", "tomorrow"), "the token is not valid"},
		{"not yet", sign(t, "nbf", now.Add(time.Minute).Unix()), "the token is not valid yet"},
		{"wrong issuer", sign(t, "iss", "evil"), "the token is of another issuer"},
		{"no issuer", sign(t, "iss", nil), "the token is not valid"},
		{"wrong audience", sign(t, "aud", "bank"), "the token is for another audience"},
		{"no audience", sign(t, "aud", nil), "the token is not valid"},
		{"nobody", sign(t, "sub", nil), "the token names no user"},
		{"a user with a line break", sign(t, "sub", "ada\r\nX-Admin: 1"), "the token names no user"},
		{"an endless user", sign(t, "sub", strings.Repeat("a", 129)), "the token names no user"},
		{"a number as user", sign(t, "sub", 7), "the token is not valid"},
		{"a list as scope", sign(t, "scope", []string{"orders"}), "the token is not valid"},
		{"none", encode(`{"alg":"none"}`, string(payload), ""), "the token is not valid"},
		{"None", encode(`{"alg":"None","typ":"JWT"}`, string(payload), ""), "the token is not valid"},
		{"none, by the library", with(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType), "the token is not valid"},
		{"another HMAC", with(jwt.SigningMethodHS512, secret), "the token is not valid"},
		{"no algorithm", encode(`{"typ":"JWT"}`, string(payload), "x"), "the token is not valid"},
		{"another secret", with(jwt.SigningMethodHS256, []byte("another secret of 32 bytes or so")), "the token is not valid"},
		{"another payload", parts[0] + "." + strings.Split(sign(t, "sub", "root"), ".")[1] + "." + parts[2], "the token is not valid"},
		{"no signature", parts[0] + "." + parts[1] + ".", "the token is not valid"},
		{"critical extension", with(jwt.SigningMethodHS256, secret, "crit", "exp"), "the token is not valid"},
		{"own key", with(jwt.SigningMethodHS256, secret, "jku", "http://evil.test/keys", "kid", "../../dev/null"), ""},
		{"four parts", valid + ".x", "the token is not valid"},
		{"padding", valid + "=", "the token is not valid"},
		{"nothing", "", "the token is not valid"},
		{"rubbish", "%%%.\x00.{}", "the token is not valid"},
		{"huge", strings.Repeat("a", 9000), "the token is not valid"},
		{"dots", strings.Repeat(".", 8000), "the token is not valid"},
		{"deep", encode(`{"alg":"HS256"}`, strings.Repeat("[", 5000), "x"), "the token is not valid"},
	} {
		before := e.asked.Load()
		got := ask(g, "GET", "/", "", "Authorization: Bearer "+tt.token)
		if tt.want == "" {
			if got.Code != http.StatusOK {
				t.Errorf("%s: got %d %s, want 200", tt.name, got.Code, got.Body)
			}
			continue
		}
		if got.Code != http.StatusUnauthorized || got.Body.String() != `{"error":"`+tt.want+`"}`+"\n" || e.asked.Load() != before {
			t.Errorf("%s: got %d %s, want 401 %s", tt.name, got.Code, got.Body, tt.want)
		}
		if got, want := got.Header().Get("WWW-Authenticate"), `Bearer realm="shop", error="invalid_token"`; got != want {
			t.Errorf("%s: got %s, want %s", tt.name, got, want)
		}
	}
}

func TestCredentials(t *testing.T) {
	keys := []APIKey{{Key: "demo-key-1", User: "batch", Scopes: []string{"read"}}, {Key: "demo-key-2", User: "other"}}
	routes := []Route{{Pattern: "/"}, {Pattern: "/orders", Scopes: []string{"read", "orders"}}, {Pattern: "/open", Public: true}, {Pattern: "/both", PassCredentials: true}}
	both := build(t, &echo{}, Config{JWT: hs256(), APIKeys: keys, Routes: routes})
	only := build(t, &echo{}, Config{APIKeys: keys, Routes: routes})
	bearer := "Authorization: Bearer " + sign(t)
	for _, tt := range []struct {
		name    string
		gateway *Gateway
		path    string
		headers []string
		status  int
		user    string // or the challenge
	}{
		{"token", both, "/", []string{bearer}, 200, "ada"},
		{"key", both, "/", []string{"X-API-Key: demo-key-1"}, 200, "batch"},
		{"second key", both, "/", []string{"X-API-Key: demo-key-2"}, 200, "other"},
		{"token decides", both, "/", []string{bearer, "X-API-Key: demo-key-1"}, 200, "ada"},
		{"a bad token is not helped by a key", both, "/", []string{"Authorization: Bearer x", "X-API-Key: demo-key-1"}, 401, `Bearer realm="floodmark-demo", error="invalid_token"`},
		{"nothing", both, "/", nil, 401, `Bearer realm="floodmark-demo"`},
		{"basic", both, "/", []string{"Authorization: Basic YTpi"}, 401, `Bearer realm="floodmark-demo", error="invalid_request"`},
		{"two tokens", both, "/", []string{bearer, bearer}, 401, `Bearer realm="floodmark-demo", error="invalid_request"`},
		{"two keys", both, "/", []string{"X-API-Key: demo-key-1", "X-API-Key: demo-key-1"}, 401, `Bearer realm="floodmark-demo"`},
		{"key with more", both, "/", []string{"X-API-Key: demo-key-11"}, 401, `Bearer realm="floodmark-demo"`},
		{"empty key", both, "/", []string{"X-API-Key: "}, 401, `Bearer realm="floodmark-demo"`},
		{"scopes", both, "/orders", []string{bearer}, 200, "ada"},
		{"too few scopes", both, "/orders", []string{"X-API-Key: demo-key-1"}, 403, `Bearer realm="floodmark-demo", error="insufficient_scope", scope="read orders"`},
		{"public", both, "/open", nil, 200, ""},
		{"public with a bad token", both, "/open", []string{"Authorization: Bearer x", "X-User: root"}, 200, ""},
		{"keys alone", only, "/", []string{"X-API-Key: demo-key-1", "Authorization: Bearer x"}, 200, "batch"},
		{"keys alone, none", only, "/", []string{bearer}, 401, `ApiKey realm="floodmark-demo"`},
	} {
		got := ask(tt.gateway, "GET", tt.path, "", tt.headers...)
		if got.Code != tt.status {
			t.Errorf("%s: got %d %s, want %d", tt.name, got.Code, got.Body, tt.status)
			continue
		}
		if tt.status != http.StatusOK {
			if got := got.Header().Get("WWW-Authenticate"); got != tt.user {
				t.Errorf("%s: got %s, want %s", tt.name, got, tt.user)
			}
			continue
		}
		if h := hear(t, got.Body.Bytes()); h.Header.Get("X-User") != tt.user || h.Header.Get("X-Api-Key") != "" {
			t.Errorf("%s: got %v, want user %q", tt.name, h.Header, tt.user)
		}
	}
	if got := hear(t, ask(both, "GET", "/both", "", bearer).Body.Bytes()).Header; got.Get("Authorization") == "" || got.Get("X-User") != "ada" {
		t.Errorf("passed on: got %v", got)
	}
	if s := both.Stats(); s.Unauthorised != 7 || s.Forbidden != 1 {
		t.Errorf("got %+v, want 7 unauthorised, 1 forbidden", s)
	}
}

// An issuer signs tokens with keys that it publishes.
type issuer struct {
	mu      sync.Mutex
	keys    map[string]*rsa.PrivateKey
	down    bool
	fetched atomic.Uint64
}

func (i *issuer) jwks() []byte {
	i.mu.Lock()
	defer i.mu.Unlock()
	list := []map[string]string{{"kty": "EC", "kid": "ec"}, {"kty": "RSA", "kid": "enc", "use": "enc"}}
	for kid, key := range i.keys {
		enc := base64.RawURLEncoding.EncodeToString
		list = append(list, map[string]string{
			"kty": "RSA", "kid": kid, "use": "sig", "alg": "RS256", "n": enc(key.N.Bytes()), "e": enc(big.NewInt(int64(key.E)).Bytes()),
		})
	}
	text, _ := json.Marshal(map[string]any{"keys": list})
	return text
}

func (i *issuer) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	i.fetched.Add(1)
	if i.down {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	_, _ = w.Write(i.jwks())
}

func newKey(tb testing.TB) *rsa.PrivateKey {
	tb.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		tb.Fatal(err)
	}
	return key
}

func (i *issuer) sign(tb testing.TB, kid string, key *rsa.PrivateKey) string {
	tb.Helper()
	token := jwt.NewWithClaims(jwt.SigningMethodRS256, good())
	if token.Header["kid"] = kid; kid == "" {
		delete(token.Header, "kid")
	}
	text, err := token.SignedString(key)
	if err != nil {
		tb.Fatal(err)
	}
	return "Authorization: Bearer " + text
}

func TestRS256(t *testing.T) {
	one, two := newKey(t), newKey(t)
	i := &issuer{keys: map[string]*rsa.PrivateKey{"one": one}}
	site := httptest.NewServer(i)
	defer site.Close()
	g := build(t, &echo{}, Config{JWT: &JWT{Algorithm: RS256, JWKS: site.URL}, Routes: []Route{{Pattern: "/"}}})
	want := func(name string, status int, text string, headers ...string) {
		t.Helper()
		if got := ask(g, "GET", "/", "", headers...); got.Code != status || !strings.Contains(got.Body.String(), text) {
			t.Errorf("%s: got %d %s, want %d %s", name, got.Code, got.Body, status, text)
		}
	}
	want("good", 200, "", i.sign(t, "one", one))
	want("without kid, of one key", 200, "", i.sign(t, "", one))
	want("signed by another", 401, "the token is not valid", i.sign(t, "one", two))
	// The classic: a public key is no secret, so it must not be taken for one.
	der, err := x509.MarshalPKIXPublicKey(&one.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	for _, key := range [][]byte{public, der, i.jwks(), one.N.Bytes()} {
		token := jwt.NewWithClaims(jwt.SigningMethodHS256, good())
		token.Header["kid"] = "one"
		text, err := token.SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		want("confusion", 401, "the token is not valid", "Authorization: Bearer "+text)
	}
	want("none", 401, "the token is not valid", "Authorization: Bearer "+encode(`{"alg":"none","kid":"one"}`, `{"sub":"root"}`, ""))
	if got := i.fetched.Load(); got != 1 {
		t.Errorf("the keys were fetched %d times, want once", got)
	}
	for range 20 { // keys that nobody has, made up to have them fetched
		want("unknown key", 401, "the token's key is not known", i.sign(t, "two", two))
	}
	if got := i.fetched.Load(); got != 1 {
		t.Errorf("within the pause the keys were fetched %d times, want once", got)
	}
}

// Rotation, an outage of the issuer, and a flood of unknown keys, on a clock of our own.
func TestKeysOverTime(t *testing.T) {
	one, two := newKey(t), newKey(t)
	synctest.Test(t, func(t *testing.T) {
		i := &issuer{keys: map[string]*rsa.PrivateKey{"one": one}, down: true}
		s, err := newKeySet("http://issuer.test", Config{}.withDefaults().Log)
		if err != nil {
			t.Fatal(err)
		}
		s.fetch = func(ctx context.Context) ([]byte, error) {
			i.fetched.Add(1)
			time.Sleep(time.Second)
			if i.down {
				return nil, errors.New("down")
			}
			return i.jwks(), ctx.Err()
		}
		find := func(kid string, want error) {
			t.Helper()
			if key, err := s.find(t.Context(), kid); !errors.Is(err, want) || (key == nil) != (want != nil) {
				t.Errorf("%s: got %v, %v, want %v", kid, key, err, want)
			}
		}
		wantFetched := func(n uint64) {
			t.Helper()
			if got := i.fetched.Load(); got != n {
				t.Errorf("fetched %d times, want %d", got, n)
			}
		}
		find("one", errNoKeys)
		find("one", errNoKeys) // asks nobody so soon
		wantFetched(1)
		i.down = false
		time.Sleep(keysPause)
		var group sync.WaitGroup
		for range 50 { // at once: one of them fetches
			group.Go(func() { find("one", nil) })
		}
		group.Wait()
		wantFetched(2)
		i.keys = map[string]*rsa.PrivateKey{"two": two} // rotated
		find("two", errKeyID)
		time.Sleep(keysPause)
		find("two", nil)
		wantFetched(3)
		find("one", errKeyID) // withdrawn
		i.down = true
		time.Sleep(keysAge)
		begun := time.Now()
		group.Go(func() { find("two", nil) }) // old keys are better than none
		synctest.Wait()
		find("two", nil) // does not wait for the fetch
		if waited := time.Since(begun); waited != 0 {
			t.Errorf("waited %v for somebody else's fetch", waited)
		}
		group.Wait()
		wantFetched(4)
		i.down = false
		time.Sleep(keysPause)
		gone, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Millisecond, cancel)
		if _, err := s.find(gone, "two"); err != nil { // who leaves does not spoil the fetch
			t.Errorf("got %v", err)
		}
		wantFetched(5)
	})
}

func TestIssuerDown(t *testing.T) {
	i := &issuer{down: true}
	site := httptest.NewServer(i)
	defer site.Close()
	e := &echo{}
	g := build(t, e, Config{JWT: &JWT{Algorithm: RS256, JWKS: site.URL}, Routes: []Route{{Pattern: "/"}}})
	got := ask(g, "GET", "/", "", i.sign(t, "one", newKey(t)))
	if got.Code != http.StatusServiceUnavailable || got.Header().Get("Retry-After") != "1" || g.Stats().Unverifiable != 1 || e.asked.Load() != 0 {
		t.Errorf("got %d %s, %+v, want 503", got.Code, got.Body, g.Stats())
	}
}

func TestKeyFile(t *testing.T) {
	one := newKey(t)
	i := &issuer{keys: map[string]*rsa.PrivateKey{"one": one}}
	path := filepath.Join(t.TempDir(), "jwks.json")
	if err := os.WriteFile(path, i.jwks(), 0o600); err != nil {
		t.Fatal(err)
	}
	g := build(t, &echo{}, Config{JWT: &JWT{Algorithm: RS256, JWKS: path}, Routes: []Route{{Pattern: "/"}}})
	if got := ask(g, "GET", "/", "", i.sign(t, "one", one)); got.Code != http.StatusOK {
		t.Errorf("got %d %s, want 200", got.Code, got.Body)
	}
}

func TestParseKeys(t *testing.T) {
	enc := base64.RawURLEncoding.EncodeToString
	n := enc(newKey(t).N.Bytes())
	for _, tt := range []struct{ text, want string }{
		{`{`, "unexpected end"},
		{`{"keys":[]}`, "it has no RSA key"},
		{`{"keys":[{"kty":"oct","kid":"a","k":"c2VjcmV0"}]}`, "it has no RSA key"},
		{`{"keys":[{"kty":"RSA","kid":"a","alg":"RS512","n":"` + n + `","e":"AQAB"}]}`, "it has no RSA key"},
		{`{"keys":[{"kty":"RSA","kid":"a","n":"?","e":"AQAB"}]}`, `key "a": n: illegal`},
		{`{"keys":[{"kty":"RSA","kid":"a","n":"` + n + `","e":"?"}]}`, `key "a": e: illegal`},
		{`{"keys":[{"kty":"RSA","kid":"a","n":"` + enc(make([]byte, 300)) + `","e":"AQAB"}]}`, "it has 0 bits, want 2048 to 8192"},
		{`{"keys":[{"kty":"RSA","kid":"a","n":"` + n[:100] + `","e":"AQAB"}]}`, "want 2048 to 8192"},
		{`{"keys":[{"kty":"RSA","kid":"a","n":"` + n + `","e":"AQ"}]}`, "e: want an odd number"},
		{`{"keys":[{"kty":"RSA","kid":"a","n":"` + n + `","e":"AQAA"}]}`, "e: want an odd number"},
		{`{"keys":[{"kty":"RSA","kid":"a","n":"` + n + `","e":"` + enc([]byte("123456789")) + `"}]}`, "e: want an odd number"},
	} {
		if _, err := parseKeys([]byte(tt.text)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want …%s…", tt.text, err, tt.want)
		}
	}
	if keys, err := parseKeys(fmt.Appendf(nil, `{"keys":[{"kty":"RSA","n":%q,"e":"AQAB"}]}`, n)); err != nil || len(keys) != 1 {
		t.Errorf("got %v, %v, want a key without id", keys, err)
	}
}
