package faults

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// administer starts the admin API of a set and returns a client for it.
func administer(t *testing.T, set *Set) Client {
	t.Helper()
	server := httptest.NewServer(Admin(set, func() any { return map[string]int{"requests": 7} }))
	t.Cleanup(server.Close)
	return Client{BaseURL: server.URL}
}

func TestClient(t *testing.T) {
	var set Set
	client, ctx := administer(t, &set), t.Context()
	first, err := client.Add(ctx, `errors=20% endpoint="POST /api/orders"`)
	if err != nil {
		t.Fatal(err)
	}
	if want := `errors=20% endpoint="POST /api/orders"`; first.Fault != want || first.ID == 0 {
		t.Errorf("got %+v, want %s with an id", first, want)
	}
	if _, err := client.Add(ctx, "delay=1s for=1m"); err != nil {
		t.Fatal(err)
	}
	if got, err := client.List(ctx); err != nil || len(got) != 2 || got[1].Fault != "delay=1s for=1m0s" {
		t.Errorf("List: got %+v, %v, want both", got, err)
	}
	if err := client.Remove(ctx, first.ID); err != nil {
		t.Error(err)
	}
	if got := len(set.List()); got != 1 {
		t.Errorf("after Remove: got %d faults, want 1", got)
	}
	if err := client.Clear(ctx); err != nil {
		t.Error(err)
	}
	if got, err := client.List(ctx); err != nil || len(got) != 0 {
		t.Errorf("after Clear: got %v, %v, want none", got, err)
	}
}

func TestClientErrors(t *testing.T) {
	var set Set
	client := administer(t, &set)
	stranger := httptest.NewServer(http.NotFoundHandler())
	defer stranger.Close()
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	tests := []struct {
		name string
		call func() error
		want []string
	}{
		{"unknown fault", func() error { _, err := client.Add(t.Context(), "eror=20%"); return err }, []string{`unknown fault "eror"; did you mean "errors"?`}},
		{"no such id", func() error { return client.Remove(t.Context(), 99) }, []string{`no fault has the id "99"`}},
		{"nobody there", func() error { return Client{BaseURL: unused(t)}.Clear(t.Context()) }, []string{
			"no demo server answers at http://127.0.0.1:", "connection refused", "(floodmark demo serve starts one)",
		}},
		{"another server", func() error { return Client{BaseURL: stranger.URL}.Clear(t.Context()) }, []string{
			stranger.URL, "404 Not Found", "floodmark demo serve",
		}},
		{"cancelled", func() error { return client.Clear(cancelled) }, []string{"context canceled"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := test.call()
			for _, want := range test.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want …%s…", err, want)
				}
			}
		})
	}
	if err := client.Clear(cancelled); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

// unused returns a loopback address where nobody listens.
func unused(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

func TestAdmin(t *testing.T) {
	long := `{"fault":"` + strings.Repeat("x", maxOrder) + `"}`
	tests := []struct {
		name, method, path, body string
		origin                   string
		status                   int
		want                     string
	}{
		{"stats", "GET", "/stats", "", "", 200, `{"requests":7}`},
		{"empty list", "GET", "/faults", "", "", 200, "[]"},
		{"add", "POST", "/faults", `{"fault":"errors=20%"}`, "", 201, `"fault":"errors=20%"`},
		{"no JSON", "POST", "/faults", "errors=20%", "", 400, "want a body such as"},
		{"unknown field", "POST", "/faults", `{"faults":"errors=20%"}`, "", 400, `unknown field \"faults\"`},
		{"too long", "POST", "/faults", long, "", 400, "too large"},
		{"bad fault", "POST", "/faults", `{"fault":"errors=20"}`, "", 400, "did you mean 20%?"},
		{"unknown part", "POST", "/faults", `{"fault":"errors=20% part=moon"}`, "", 400, `unknown part \"moon\"`},
		{"clear", "DELETE", "/faults", "", "", 200, `{"removed":0}`},
		{"no such id", "DELETE", "/faults/9", "", "", 404, "no fault has the id"},
		{"no id at all", "DELETE", "/faults/x", "", "", 404, "no fault has the id"},
		{"wrong method", "PUT", "/faults", "", "", 405, "Method Not Allowed"},
		{"another origin", "POST", "/faults", `{"fault":"errors"}`, "https://elsewhere.example", 403, "cross-origin"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			admin := Admin(new(Set), func() any { return map[string]int{"requests": 7} })
			request := httptest.NewRequest(test.method, test.path, strings.NewReader(test.body))
			if test.origin != "" {
				request.Header.Set("Origin", test.origin)
			}
			answer := httptest.NewRecorder()
			admin.ServeHTTP(answer, request)
			if answer.Code != test.status || !strings.Contains(answer.Body.String(), test.want) {
				t.Errorf("got %d %s, want %d …%s…", answer.Code, answer.Body, test.status, test.want)
			}
			if answer.Code < 400 && !json.Valid(answer.Body.Bytes()) {
				t.Errorf("not JSON: %s", answer.Body)
			}
		})
	}
}

// The token is for the server alone that needs it, and nobody reads it anywhere else.
func TestClientToken(t *testing.T) {
	const token = "t0p-s3cr3t"
	var elsewhere atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	defer other.Close()
	set := &Set{}
	defer set.Clear()
	admin := Admin(set, func() any { return nil })
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch got := r.Header.Get("Authorization"); {
		case got == "Bearer moved":
			http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
		case got != "Bearer "+token:
			answer(w, http.StatusUnauthorized, refusal{"not with " + got})
		default:
			admin.ServeHTTP(w, r)
		}
	}))
	defer server.Close()
	ctx := t.Context()
	if _, err := (Client{BaseURL: server.URL, Token: token}).Add(ctx, "errors=20%"); err != nil {
		t.Error(err)
	}
	for _, tt := range []struct{ token, want string }{
		{"", "not with "},
		{"an0ther", "not with Bearer ***"},
		{"moved", server.URL + " answered 307 Temporary Redirect; is that"},
		{"br0ken\nlines", "no demo server answers"},
	} {
		client := Client{BaseURL: server.URL, Token: tt.token}
		err := client.Clear(ctx)
		if err == nil || !strings.Contains(err.Error(), tt.want) || tt.token != "" && strings.Contains(err.Error(), tt.token) {
			t.Errorf("%q: got %v, want %s", tt.token, err, tt.want)
		}
		if got := fmt.Sprintf("%v %+v %#v %s", client, client, client, &client); tt.token != "" && strings.Contains(got, tt.token) {
			t.Errorf("got %s", got)
		}
	}
	if n := elsewhere.Load(); n != 0 || len(set.List()) != 1 {
		t.Errorf("asked elsewhere %d times; %v", n, set.List())
	}
}
