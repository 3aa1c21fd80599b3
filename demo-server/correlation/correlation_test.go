package correlation_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/floodmark/floodmark/demo-server/correlation"
)

const parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

func Example() {
	handler := func(_ http.ResponseWriter, r *http.Request) {
		ctx := correlation.With(r.Context(), correlation.Read(r.Header))
		next := httptest.NewRequestWithContext(ctx, http.MethodGet, "/next-hop", nil)
		correlation.From(ctx).Write(next.Header)
		fmt.Println(next.Header.Get("X-Request-ID"), next.Header.Get("traceparent"))
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("X-Request-ID", "order 17")
	r.Header.Set("traceparent", parent)
	handler(httptest.NewRecorder(), r)
	// Output:
	// order17 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
}

func TestTraceparent(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		passes     bool
	}{
		{"of the standard", parent, true},
		{"none", "", false},
		{"upper case", strings.ToUpper(parent), false},
		{"version 00 with more", parent + "-more", false},
		{"a later version", "cc" + parent[2:], true},
		{"a later version with more", "cc" + parent[2:] + "-what-the-future-holds", true},
		{"a later version, run together", "cc" + parent[2:] + ".what", false},
		{"a later version with injection", "cc" + parent[2:] + "-\r\nX: y", false},
		{"version ff", "ff" + parent[2:], false},
		{"no trace id", "00-00000000000000000000000000000000-00f067aa0ba902b7-01", false},
		{"no parent id", "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", false},
		{"no dashes", strings.ReplaceAll(parent, "-", "0"), false},
		{"short", parent[:54], false},
		{"endless", "cc" + parent[2:] + "-" + strings.Repeat("a", 1000), false},
	} {
		want := ""
		if tt.passes {
			want = tt.text
		}
		if got := correlation.Read(http.Header{"Traceparent": {tt.text}}).Traceparent; got != want {
			t.Errorf("%s: got %q, want %q", tt.name, got, want)
		}
	}
}

// Whatever a client sends, the id is clean, and a clean one is kept.
func TestRequestID(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sent := rapid.OneOf(rapid.String(), rapid.StringMatching(`[\w.-]{0,70}`)).Draw(t, "sent")
		got := correlation.Read(http.Header{"X-Request-Id": {sent}}).Request
		if got == "" || len(got) > 64 || strings.Trim(got, "._-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
			t.Fatalf("got %q of %q", got, sent)
		}
		if again := correlation.Read(http.Header{"X-Request-Id": {got}}).Request; again != got {
			t.Fatalf("%q became %q at the next hop", got, again)
		}
	})
}

func TestMadeIDsDiffer(t *testing.T) {
	first, second := correlation.Read(nil), correlation.Read(nil)
	if first == second || len(first.Request) != 32 {
		t.Errorf("got %v and %v, want two ids", first, second)
	}
}

func TestWriteReplaces(t *testing.T) {
	h := http.Header{"X-Request-Id": {"theirs", "and more"}, "Traceparent": {"theirs"}}
	correlation.IDs{Request: "ours"}.Write(h)
	if got := h.Values("X-Request-ID"); len(got) != 1 || got[0] != "ours" || h.Get("traceparent") != "" {
		t.Errorf("got %v", h)
	}
}

// Inner contexts keep what outer ones carry, and the ids nearest to the asker count.
func TestContext(t *testing.T) {
	type other struct{}
	if got := correlation.From(t.Context()); got != (correlation.IDs{}) {
		t.Errorf("got %v of a context without ids", got)
	}
	outer := correlation.With(context.WithValue(t.Context(), other{}, "kept"), correlation.IDs{Request: "outer"})
	inner := correlation.With(outer, correlation.IDs{Request: "inner"})
	if got := correlation.From(inner).Request; got != "inner" {
		t.Errorf("got %q", got)
	}
	if got := inner.Value(other{}); got != "kept" {
		t.Errorf("got %v, want what the outer context carries", got)
	}
}
