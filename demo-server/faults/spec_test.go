package faults

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
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
		{[]string{"latency=100ms", "jitter=20ms"}, Spec{Delay: 100 * time.Millisecond, Jitter: 20 * time.Millisecond}},
		{[]string{"link=web-database", "latency=1s", "loss=2%", "reset=1%"}, Spec{Link: "web-database", Delay: time.Second, Loss: 20_000, Reset: 10_000}},
		{[]string{"link=web-2-database", "cut", "for=1s"}, Spec{Link: "web-2-database", Cut: true, For: time.Second}},
		{[]string{"part=web-2", "kill"}, Spec{Part: "web-2", Kill: true}},
		{[]string{"hang", "part=web", "for=5s"}, Spec{Part: "web", Hang: true, For: 5 * time.Second}},
		{[]string{"part=web-1", "brownout=50%"}, Spec{Part: "web-1", Brownout: All / 2}},
		{[]string{"part=web", "reset=5%", "endpoint=/x"}, Spec{Part: "web", Reset: 50_000, Endpoint: "/x"}},
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
		{"weather=20ms", `unknown fault "weather"; there are errors, delay, stall,`},
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
		{"stall=5s for=3s", "stall ends by itself"},
		{"latency=5ms delay=6ms", "delay is given twice"},
		{"jitter=5ms", "jitter is how much a delay varies"},
		{"delay=5ms jitter=6ms", "give a delay of at least as much"},
		{"kill=5% part=web", "kill takes no value"},
		{"hang= part=web", "hang takes no value"},
		{"kill", "kill needs part=: a node such as web-2"},
		{"kill part=web-2 for=5s", "kill takes no for=: what is killed is started again by its supervisor"},
		{"kill part=web-2 endpoint=/x", "kill takes no endpoint=: it falls on a whole node"},
		{"kill hang part=web-2", "hang, kill are faults of a node's host"},
		{"errors hang part=web-2", "give them one by one"},
		{"brownout part=web-2", "brownout=100%: want at most 99%"},
		{"loss=2%", "loss is of packets on a link: add link="},
		{"loss=2% part=web", "loss is of packets on a link: add link="},
		{"link=web cut", `link="web": want from whom to whom`},
		{"link=-web cut", `link="-web": want from whom to whom`},
		{"link=a-b", "no fault is named"},
		{"link=a-b part=web cut", "link and part exclude each other"},
		{"link=a-b endpoint=/x cut", "link and endpoint exclude each other"},
		{"link=a-b slowbody", "slowbody does not go with link=: a link takes latency, jitter, loss, reset, cut, hang"},
		{"link=a-b errors", "errors does not go with link="},
		{"link=a-b kill", "kill is for a node, not for a link"},
		{"link=a-b brownout=5%", "brownout is for a node, not for a link"},
		{"link=a-b cut loss=5%", "loss, cut: nothing gets through"},
		{"link=a-b cut hang", "cut, hang: nothing gets through"},
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
		"link=web-database latency=5ms jitter=1ms loss=2%", "kill part=web-2", "brownout=50% part=web",
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

// What is valid is read back from its words, and from JSON, as it was, and is for one of
// handler, host and link.
func TestSpecSurvives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		share := func(name string) Share { return Share(rapid.Uint32Range(0, uint32(All)).Draw(t, name)) }
		span := func(name string) time.Duration {
			return time.Duration(rapid.Int64Range(0, int64(maxTime)).Draw(t, name))
		}
		var s Spec
		settings := map[string]func(){
			"errors": func() { s.Errors = share("errors") }, "reset": func() { s.Reset = share("reset") },
			"malformed": func() { s.Malformed = share("malformed") }, "delay": func() { s.Delay = span("delay") },
			"jitter": func() { s.Jitter = span("jitter") }, "stall": func() { s.Stall = span("stall") },
			"slowbody": func() { s.SlowBody = span("slowbody") }, "loss": func() { s.Loss = share("loss") },
			"cut": func() { s.Cut = true }, "hang": func() { s.Hang = true }, "kill": func() { s.Kill = true },
			"brownout": func() { s.Brownout = share("brownout") }, "for": func() { s.For = span("for") },
			"endpoint": func() { s.Endpoint = "GET /a/{b}" }, "part": func() { s.Part = "web-2" }, "link": func() { s.Link = "web-database" },
		}
		for _, name := range rapid.SliceOfN(rapid.SampledFrom(slices.Sorted(maps.Keys(settings))), 1, 4).Draw(t, "settings") {
			settings[name]()
		}
		again, err := ParseLine(s.String())
		if invalid := s.Validate(); (invalid == nil) != (err == nil) {
			t.Fatalf("%q: read with %v, valid with %v", s, err, invalid)
		}
		if err != nil {
			return
		}
		if again != s {
			t.Fatalf("%q reads back as %+v, want %+v", s, again, s)
		}
		var read Spec
		text, err := json.Marshal(s)
		if err = errors.Join(err, json.Unmarshal(text, &read)); err != nil || read != s {
			t.Fatalf("%s is read as %+v, %v, want %+v", text, read, err, s)
		}
		whom := 0
		for _, is := range []bool{s.ForHandler(), s.ForHost(), s.ForLink()} {
			if is {
				whom++
			}
		}
		if whom != 1 {
			t.Fatalf("%q is carried out by %d", s, whom)
		}
	})
}

func TestOnLink(t *testing.T) {
	tests := []struct {
		link, from, to string // nodes
		want           bool
	}{
		{"web-database", "web-2", "database", true},
		{"web-2-database", "web-2", "database", true},
		{"web-2-database", "web-1", "database", false},
		{"web-2-database-1", "web-2", "database-1", true},
		{"web-database-1", "web-2", "database-1", true},
		{"web-database-1", "web-2", "", false},
		{"database-web", "web-2", "database", false},
		{"web-", "web-2", "", false},
		{"", "web-2", "database", false},
	}
	for _, test := range tests {
		if got := (Spec{Link: test.link}).OnLink("web", test.from, "database", test.to); got != test.want {
			t.Errorf("%s, from %s to %s: got %v, want %v", test.link, test.from, test.to, got, test.want)
		}
	}
	if (Spec{Link: "-database"}).OnLink("", "", "database", "") {
		t.Error("a link from nobody is one")
	}
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
