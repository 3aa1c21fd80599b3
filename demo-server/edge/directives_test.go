package edge

import (
	"maps"
	"math"
	"net/http"
	"testing"
	"time"
)

func TestParseDirectives(t *testing.T) {
	tests := []struct {
		fields []string
		want   directives
	}{
		{nil, directives{}},
		{[]string{"max-age=10"}, directives{"max-age": "10"}},
		{[]string{" Max-Age = 10 ,, No-Store"}, directives{"max-age": "10", "no-store": ""}},
		{[]string{"max-age=10", "public"}, directives{"max-age": "10", "public": ""}},
		{[]string{`private="a, no-store", max-age="5"`}, directives{"private": "a, no-store", "max-age": "5"}},
		{[]string{"max-age=1, max-age=2"}, directives{"max-age": "1"}},
		{[]string{`a="b`}, directives{"a": "b"}},
		{[]string{"=x, ,"}, directives{}},
	}
	for _, test := range tests {
		if got := parseDirectives(http.Header{"Cache-Control": test.fields}); !maps.Equal(got, test.want) {
			t.Errorf("%q: got %q, want %q", test.fields, got, test.want)
		}
	}
}

func TestDeltaSeconds(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0": 0, "10": 10 * time.Second, "": 0, "-1": 0, "1.5": 0, "+1": 0, "soon": 0,
		"2147483649":                       1 << 31 * time.Second,
		"99999999999999999999999999999999": 1 << 31 * time.Second,
	} {
		if got := deltaSeconds(text); got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
}

// Whatever an origin sends, the times that come of it can be added up, and a message
// that forbids to keep it is not kept.
func FuzzDirectives(f *testing.F) {
	f.Add(`max-age=10, private="a, no-store"`, "5")
	f.Add("s-maxage=99999999999, stale-while-revalidate=99999999999", "99999999999")
	f.Fuzz(func(t *testing.T, field, age string) {
		now := time.Now()
		h := http.Header{"Cache-Control": {field, "max-age=10"}, "Age": {age}}
		request := &http.Request{Header: http.Header{}}
		x := exchange{request: request, response: &http.Response{StatusCode: 200, Header: h}, asked: now, at: now}
		o := Config{StaleIfError: time.Hour}.newObject(x)
		if o == nil {
			return
		}
		for _, d := range []time.Duration{o.lifetime, o.behind, o.onError, o.age(now)} {
			if d < 0 || d > math.MaxInt32*2*time.Second {
				t.Errorf("%q: got %v", field, d)
			}
		}
		h.Add("Cache-Control", "no-store")
		if (Config{}).newObject(x) != nil {
			t.Errorf("%q: kept although it says no-store", field)
		}
	})
}
