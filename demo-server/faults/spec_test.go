package faults

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParse(t *testing.T) {
	tests := []struct {
		words []string
		want  Spec
	}{
		{[]string{"errors=20%"}, Spec{Errors: 200_000}},
		{[]string{"errors=12.5%", "for=20s"}, Spec{Errors: 125_000, For: 20 * time.Second}},
		{[]string{"errors"}, Spec{Errors: All}},
		{[]string{"delay=200ms", `endpoint=POST /api/orders`}, Spec{Delay: 200 * time.Millisecond, Endpoint: "POST /api/orders"}},
		{[]string{"delay=200ms", `endpoint="post /api/orders"`}, Spec{Delay: 200 * time.Millisecond, Endpoint: "POST /api/orders"}},
		{[]string{"reset=5%", "endpoint=/api/products/{id}"}, Spec{Reset: 50_000, Endpoint: "/api/products/{id}"}},
		{[]string{"stall=5s"}, Spec{Stall: 5 * time.Second}},
		{[]string{"slowbody"}, Spec{SlowBody: 2 * time.Second}},
		{[]string{"slowbody=3s"}, Spec{SlowBody: 3 * time.Second}},
		{[]string{"malformed=10%"}, Spec{Malformed: 100_000}},
		{[]string{"part=payment", "errors=55%"}, Spec{Part: "payment", Errors: 550_000}},
		{[]string{"errors=0.0001%"}, Spec{Errors: 1}},
	}
	for _, test := range tests {
		t.Run(strings.Join(test.words, " "), func(t *testing.T) {
			got, err := Parse(test.words)
			if err != nil {
				t.Fatal(err)
			}
			if got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

func TestParseFaults(t *testing.T) {
	tests := []struct{ line, want string }{
		{"", "no fault is named: give at least one of errors, delay, stall, reset, slowbody, malformed"},
		{"for=20s", "no fault is named"},
		{"eror=20%", `unknown fault "eror"; did you mean "errors"?`},
		{"latency=20ms", `unknown fault "latency"; there are errors, delay, stall,`},
		{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=1", `unknown fault "aaaaaaaaaaaaaaaaaaaa…"`},
		{"errors=20", "errors=20: the unit is missing; did you mean 20%?"},
		{"errors=many", "errors=many: want a share of requests such as 20%"},
		{"errors=0%", "errors=0%: want at least 0.0001% and at most 100%"},
		{"errors=NaN%", "want at least 0.0001% and at most 100%"},
		{"errors=101%", "at most 100%"},
		{"errors=-5%", "at most 100%"},
		{"delay=200", "delay=200: want a time with a unit such as 200ms or 5s"},
		{"delay", "delay=: want a time"},
		{"delay=-1s", "delay=-1s: want more than 0 and at most 10m0s"},
		{"stall=1h", "at most 10m0s"},
		{"errors=5% errors=6%", "errors is given twice"},
		{"errors=5% endpoint=orders", `endpoint="orders": want a path`},
		{"errors=5% endpoint=", `endpoint="": want a path`},
		{`errors=5% endpoint="G3T /x"`, "want a path, with or without a method"},
		{`errors=5% endpoint="GET /x y"`, "want a path"},
		{`errors=5% endpoint="GET /x`, "a quote is not closed"},
		{"errors=5% part=", `part="": want the name of a part`},
		{"errors=5% part=payment endpoint=/x", "part and endpoint exclude each other"},
		{"reset=5% part=payment", "part=payment takes errors and delay only"},
		{"stall=5s for=3s", "stall ends by itself"},
	}
	for _, test := range tests {
		t.Run(test.line, func(t *testing.T) {
			if _, err := ParseLine(test.line); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want …%s…", err, test.want)
			}
		})
	}
}

func FuzzParseLine(f *testing.F) {
	for _, seed := range []string{
		"errors=20% for=20s", "delay=200ms", "stall=5s", "reset=5% malformed", "slowbody=3s",
		`errors=5% endpoint="POST /api/orders"`, "part=payment errors=55%", "eror=1", `endpoint="`, "errors=1e-4%",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		spec, err := ParseLine(line)
		if err != nil {
			return
		}
		again, err := ParseLine(spec.String())
		if err != nil || again != spec {
			t.Errorf("%q reads back as %+v, %v, want %+v", spec, again, err, spec)
		}
	})
}

func TestMatches(t *testing.T) {
	tests := []struct {
		endpoint, method, path string
		want                   bool
	}{
		{"", "GET", "/anything", true},
		{"/api/orders", "GET", "/api/orders", true},
		{"/api/orders", "POST", "/api/orders", true},
		{"POST /api/orders", "POST", "/api/orders", true},
		{"POST /api/orders", "GET", "/api/orders", false},
		{"/api/orders", "GET", "/api/orders/7", false},
		{"/api/orders/7", "GET", "/api/orders", false},
		{"/api/products/{id}", "GET", "/api/products/7", true},
		{"/api/products/{id}", "GET", "/api/products/", false},
		{"/api/products/{id}", "GET", "/api/products", false},
		{"/api/{kind}/7", "GET", "/api/orders/7", true},
		{"/api/{kind}/7", "GET", "/api/orders/8", false},
		{"/", "GET", "/", true},
		{"/", "GET", "/api", false},
	}
	for _, test := range tests {
		if got := matches(test.endpoint, test.method, test.path); got != test.want {
			t.Errorf("%q, %s %s: got %v, want %v", test.endpoint, test.method, test.path, got, test.want)
		}
	}
}

// Of any n requests in a row, a spread hits its share, give or take one.
func TestSpreadIsEven(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		share := Share(rapid.Uint32Range(0, uint32(All)).Draw(t, "share"))
		skip, n := rapid.IntRange(0, 500).Draw(t, "skip"), rapid.IntRange(1, 500).Draw(t, "n")
		var s Spread
		for range skip {
			s.Hit(share)
		}
		hits := 0
		for range n {
			if s.Hit(share) {
				hits++
			}
		}
		if exact := float64(n) * float64(share) / float64(All); float64(hits) <= exact-1 || float64(hits) >= exact+1 {
			t.Fatalf("got %d of %d, want %.2f within 1", hits, n, exact)
		}
	})
}

func BenchmarkHit(b *testing.B) {
	var s Spread
	b.ReportAllocs()
	for b.Loop() {
		s.Hit(200_000)
	}
}
