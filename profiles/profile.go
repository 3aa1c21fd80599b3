package profiles

import (
	"net/url"
	"time"
)

// Profile is a whole test as its author described it, with every default filled in. It is a plain value: nothing in it
// changes by being used, and any number of goroutines may read it at once.
type Profile struct {
	Version   int    // of the format; 1
	Name      string // names the run and its folder
	Seed      uint64 // the same seed gives the same arrivals, data and mix
	Target    Target
	Success   Success
	Scenarios []Scenario // in the order of the file
	Load      Load
	SLOs      []SLO
	Notify    []Receiver // whom alerts may tell
	Generator Generator

	// Secrets are values that must never be shown: those of variables, headers and fields with telling names. Redact
	// takes them out of a text.
	Secrets []string
}

// Target says where requests go and how.
type Target struct {
	BaseURL    string   // scheme, host and perhaps a path; steps are relative to it
	AllowHosts []string // hosts that may be sent to, as host or host:port; by default the one of BaseURL
	Protocol   string   // auto, h1, h2 or h2c
	Client     string   // auto, or std for the client of Go's standard library
	// Timeout ends a request, counted from its sending. It is never zero: a wait without end would hide a failure.
	Timeout     time.Duration
	Connections Connections
	TLS         TLS
	Headers     []Header // sent with every request, before a step's own
	Redirects   int      // how many redirects one request follows; 0 counts the redirect itself as the answer
}

// Header is one header field as it is sent; their order is kept.
type Header struct{ Name, Value string }

// Success says which responses count as good.
type Success struct {
	Status     []StatusRange // by default 200 to 399
	MaxLatency time.Duration // a slower response is a failure; 0 means no limit
}

// StatusRange is a range of status codes, both ends included.
type StatusRange struct{ Low, High int }

// Scenario is what one user does, step after step.
type Scenario struct {
	Name   string
	Weight float64 // share of arrivals, relative to the other scenarios; 0 switches it off
	Steps  []Step
}

// Step is either a request, with a Method, or a pause, with only Think set.
type Step struct {
	Name    string // the endpoint's name in every report
	Method  string // GET, POST, PUT, PATCH, DELETE or HEAD; empty in a pause
	URL     string // a path below the target's BaseURL, or an absolute http or https URL
	Headers []Header
	Body    []byte
	Think   Think
}

// Think is a pause between two requests, drawn evenly from Min to Max.
type Think struct{ Min, Max time.Duration }

// SLO is a promise to judge the run by.
type SLO struct {
	Name      string
	Objective Expression
	Also      []Expression
	// Select narrows the judged requests by the labels scenario, endpoint, method and stage; empty means all of them.
	Select  map[string]string
	Verdict string // confidence: judge by a confidence bound; point: compare the observed number itself
	Alerts  []Alert
}

// Expression is an objective as it was written. What it means is not known here.
type Expression struct {
	Text string
	Position
}

// ForURL returns a profile for a first look at one URL: GET requests at 50/s for 10 s. It does not judge the URL;
// [Profile.Validate] does.
func ForURL(rawURL string) *Profile {
	p := defaultProfile()
	p.Name = "default"
	p.Target.BaseURL = rawURL
	path := "/"
	if u, err := url.Parse(rawURL); err == nil && u.Host != "" {
		path = u.RequestURI()
		u.Path, u.RawPath, u.RawQuery, u.Fragment, u.RawFragment, u.ForceQuery = "", "", "", "", "", false
		p.Target.BaseURL = u.String()
		p.Target.AllowHosts = []string{u.Hostname()}
	}
	p.Scenarios = []Scenario{{
		Name: "default", Weight: 1,
		Steps: []Step{{Name: endpointName("GET", path), Method: "GET", URL: path}},
	}}
	p.Load.Executor, p.Load.Rate, p.Load.Duration = ConstantArrivalRate, 50, 10*time.Second
	p.Secrets = p.secrets()
	return p
}

// defaultProfile holds the value of every key that may be left out.
func defaultProfile() *Profile {
	return &Profile{
		Version: 1,
		Seed:    1,
		Target: Target{
			Protocol: "auto", Client: "auto", Timeout: 5 * time.Second,
			Connections: Connections{Reuse: true, PerUser: true, NoDelay: true, DNS: DNS{TTL: 30 * time.Second, Family: "any"}},
			TLS:         TLS{Verify: true, MinVersion: "1.2", Resumption: true},
		},
		Success: Success{Status: []StatusRange{{Low: 200, High: 399}}},
		Load:    Load{Arrivals: Even, Pacing: Precise, MaxInFlight: 5000, Drain: 10 * time.Second},

		Generator: defaultGenerator(),
	}
}
