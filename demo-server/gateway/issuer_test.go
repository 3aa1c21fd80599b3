package gateway

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// issue returns an issuer, and a gateway that accepts its tokens.
func issue(t *testing.T, algorithm, name, audience string) (*Issuer, *Gateway) {
	t.Helper()
	i, err := NewIssuer(algorithm, nil, name, audience)
	if err != nil {
		t.Fatal(err)
	}
	place := ""
	if algorithm == RS256 {
		site := httptest.NewServer(i.Handler())
		t.Cleanup(site.Close)
		place = site.URL + "/keys"
	}
	accepted := i.JWT(place)
	return i, build(t, &echo{}, Config{JWT: &accepted, Routes: []Route{{Pattern: "/"}, {Pattern: "/orders", Scopes: []string{"orders"}}}})
}

// answerTo returns how a gateway answers to a token, and whom it knows.
func answerTo(t *testing.T, g *Gateway, path, token string) string {
	t.Helper()
	got := ask(g, "GET", path, "", "Authorization: Bearer "+token)
	if got.Code != http.StatusOK {
		return fmt.Sprint(got.Code, " ", got.Body)
	}
	return "200 " + hear(t, got.Body.Bytes()).Header.Get(UserHeader)
}

func TestIssuer(t *testing.T) {
	for _, tt := range []struct{ algorithm, issuer, audience string }{
		{HS256, "demo", "shop"}, {HS256, "", ""}, {RS256, "demo", "shop"}, {RS256, "", ""},
	} {
		i, g := issue(t, tt.algorithm, tt.issuer, tt.audience)
		_, other := issue(t, tt.algorithm, tt.issuer, tt.audience)
		for _, token := range []struct {
			user   string
			scopes []string
			path   string
			want   string
		}{
			{"ada", nil, "/", "200 ada"},
			{"ada lovelace", []string{"read", "orders"}, "/orders", "200 ada lovelace"},
			{"bob", []string{"read"}, "/orders", `403 {"error":"this needs the scope orders"}` + "\n"},
		} {
			text, err := i.Token(token.user, token.scopes, time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			if got := answerTo(t, g, token.path, text); got != token.want {
				t.Errorf("%+v, %s: got %s, want %s", tt, token.user, got, token.want)
			}
			if got := answerTo(t, other, token.path, text); !strings.HasPrefix(got, "401 ") {
				t.Errorf("%+v: a gateway with other keys answers %s", tt, got)
			}
		}
	}
}

func TestIssuerOfAGivenSecret(t *testing.T) {
	i, err := NewIssuer(HS256, secret, "demo", "shop")
	if err != nil {
		t.Fatal(err)
	}
	token, err := i.Token("ada", nil, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	g := build(t, &echo{}, Config{JWT: hs256(), Routes: []Route{{Pattern: "/"}}})
	if got := answerTo(t, g, "/", token); got != "200 ada" {
		t.Errorf("got %s", got)
	}
	bank, err := NewIssuer(HS256, secret, "demo", "bank")
	if err != nil {
		t.Fatal(err)
	}
	if token, err = bank.Token("ada", nil, time.Minute); err != nil {
		t.Fatal(err)
	}
	if got := answerTo(t, g, "/", token); !strings.Contains(got, "the token is for another audience") {
		t.Errorf("got %s", got)
	}
}

func TestTokensExpire(t *testing.T) {
	i, err := NewIssuer(HS256, nil, "demo", "")
	if err != nil {
		t.Fatal(err)
	}
	token, err := i.Token("ada", []string{"a", "b"}, 90*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Iss, Sub, Scope string
		Iat, Exp        int64
	}
	if err := json.Unmarshal(payload, &got); err != nil {
		t.Fatal(err)
	}
	if age := time.Now().Unix() - got.Iat; got.Exp-got.Iat != 90 || age < 0 || age > 60 || got.Iss != "demo" || got.Sub != "ada" || got.Scope != "a b" || bytes.Contains(payload, []byte("aud")) {
		t.Errorf("got %s", payload)
	}
}

func TestRotate(t *testing.T) {
	i, g := issue(t, RS256, "demo", "")
	token := func() string {
		t.Helper()
		text, err := i.Token("ada", nil, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	old := token()
	want := func(name, text, want string) {
		t.Helper()
		if got := answerTo(t, g, "/", text); !strings.HasPrefix(got, want) {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	want("the first", old, "200 ada")
	if err := i.Rotate(); err != nil {
		t.Fatal(err)
	}
	fresh := token()
	if keys, err := parseKeys(i.JWKS()); err != nil || len(keys) != 2 {
		t.Errorf("got %d keys, %v, want 2", len(keys), err)
	}
	want("too soon", fresh, "401 ")
	g.auth.tokens.keys.tried = time.Now().Add(-keysPause)
	want("a new key", fresh, "200 ada")
	want("the key before", old, "200 ada")
	if err := i.Rotate(); err != nil {
		t.Fatal(err)
	}
	g.auth.tokens.keys.tried = time.Now().Add(-keysPause)
	want("the newest key", token(), "200 ada")
	want("the key before", fresh, "200 ada")
	want("withdrawn", old, `401 {"error":"the token's key is not known"}`)
}

func TestIssuerRefuses(t *testing.T) {
	for _, tt := range []struct{ algorithm, secret, want string }{
		{"none", "", `algorithm "none", want HS256 or RS256`},
		{"HS512", string(secret), `algorithm "HS512", want HS256 or RS256`},
		{HS256, "t00-short", "the secret has 9 bytes, want 32 or more"},
		{RS256, string(secret), "RS256 takes no secret, it makes its keys itself"},
	} {
		_, err := NewIssuer(tt.algorithm, []byte(tt.secret), "demo", "")
		if err == nil || !strings.Contains(err.Error(), tt.want) || tt.secret != "" && strings.Contains(err.Error(), tt.secret) {
			t.Errorf("%s: got %v, want …%s…", tt.algorithm, err, tt.want)
		}
	}
	i, err := NewIssuer(HS256, secret, "demo", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		user   string
		scopes []string
		ttl    time.Duration
		want   string
	}{
		{"", nil, time.Minute, `user "": want 1 to 128 printable`},
		{"a\nb", nil, time.Minute, `user "a\nb": want`},
		{"ada", []string{"read orders"}, time.Minute, `scope "read orders": want a word`},
		{"ada", []string{""}, time.Minute, `scope "": want a word`},
		{"ada", nil, 0, "a token for 0s, want 1s or more"},
		{"ada", strings.Fields(strings.Repeat("scope ", 1200)), time.Minute, "it has too many scopes"},
	} {
		if got, err := i.Token(tt.user, tt.scopes, tt.ttl); got != "" || err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: got %q, %v, want …%s…", tt.user, got, err, tt.want)
		}
	}
	if err := i.Rotate(); err == nil || !strings.Contains(err.Error(), "HS256 has no keys to rotate") {
		t.Errorf("got %v", err)
	}
	if got := string(i.JWKS()); got != `{"keys":[]}` {
		t.Errorf("the key set of a secret is %s", got)
	}
	w := httptest.NewRecorder()
	i.Handler().ServeHTTP(w, httptest.NewRequest("POST", "/", nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("got %d, want 405", w.Code)
	}
}

// However an issuer is printed, logged or encoded: nothing secret is there.
func TestIssuerKeepsItsSecrets(t *testing.T) {
	hs, err := NewIssuer(HS256, secret, "demo", "")
	if err != nil {
		t.Fatal(err)
	}
	rs, err := NewIssuer(RS256, nil, "demo", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range []*Issuer{hs, rs} {
		var out bytes.Buffer
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&out, verb+" ", i)
		}
		slog.New(slog.NewJSONHandler(&out, nil)).Info("issuer", "it", i)
		slog.New(slog.NewTextHandler(&out, nil)).Info("issuer", "it", i)
		out.Write(i.JWKS())
		private := []string{string(secret), fmt.Sprintf("%x", secret), "48 49 50"} // the secret's first bytes as numbers
		if key := i.current; key != nil {
			private = []string{key.pair.D.String(), fmt.Sprintf("%x", key.pair.D), base64.RawURLEncoding.EncodeToString(key.pair.D.Bytes()), key.pair.Primes[0].String()}
		}
		for _, p := range private {
			if strings.Contains(out.String(), p) {
				t.Errorf("%.20s… is in %s", p, &out)
			}
		}
		if !strings.Contains(out.String(), i.algorithm+" tokens of demo") {
			t.Errorf("got %s", &out)
		}
	}
}

func TestIssuerForManyGoroutines(t *testing.T) {
	i, err := NewIssuer(RS256, nil, "demo", "")
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 5 {
				if _, err := i.Token("ada", nil, time.Minute); err != nil {
					t.Error(err)
				}
				if _, err := parseKeys(i.JWKS()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Go(func() {
		if err := i.Rotate(); err != nil {
			t.Error(err)
		}
	})
	group.Wait()
}
