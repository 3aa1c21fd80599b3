package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/floodmark/floodmark/profiles"
)

// loadFlags are the flags that say what to send, how much and what must hold.
// They change a profile, or make one of a URL.
type loadFlags struct {
	rate        string
	duration    time.Duration
	users       int
	requests    int64
	connections int
	maxInFlight int
	stages      []string
	warmup      time.Duration
	arrivals    string
	pacing      string
	drain       time.Duration
	seed        uint64
	timeout     time.Duration
	redirects   int
	target      string
	allowHosts  []string
	headers     []string
	method      string
	body        string
	slos        []string
	vars        []string
	generator   []string
	connecting  connectionFlags
}

// register declares the flags on a command.
func (f *loadFlags) register(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringVarP(&f.rate, "rate", "r", "", "arrivals per second of the whole run, whatever the target does: 500/s, 30000/m, 1.2k/s")
	fs.DurationVarP(&f.duration, "duration", "d", 0, "how long to load and measure, warm-up not counted")
	fs.IntVarP(&f.users, "vus", "u", 0, "closed model: so many virtual users that each wait for their answers")
	fs.Int64VarP(&f.requests, "requests", "n", 0, "stop after so many arrivals or iterations")
	fs.IntVarP(&f.connections, "connections", "c", 0, "at most so many connections; arrivals beyond wait for one")
	fs.IntVar(&f.maxInFlight, "max-in-flight", 0, "arrivals beyond so many unfinished ones are unsent, and counted")
	fs.StringArrayVar(&f.stages, "stage", nil, "a stage as DURATION:RATE, reached by a ramp; may be repeated: --stage 30s:500/s")
	fs.DurationVar(&f.warmup, "warmup", 0, "load so long before measuring")
	fs.StringVar(&f.arrivals, "arrivals", "", "even or poisson")
	fs.StringVar(&f.pacing, "pacing", "", "precise (each arrival on time) or economical (a quarter of a millisecond late, half the CPU time)")
	fs.DurationVar(&f.drain, "drain", 0, "how long to wait for answers at the end")
	fs.Uint64Var(&f.seed, "seed", 0, "same seed, same arrivals and same mix")
	fs.DurationVar(&f.timeout, "timeout", 0, "time limit of a request")
	fs.IntVar(&f.redirects, "redirects", 0, "follow up to so many redirects")
	fs.StringVar(&f.target, "target", "", "base URL to load instead of the profile's")
	fs.StringArrayVar(&f.allowHosts, "allow-host", nil, "a further host that may be loaded; may be repeated")
	fs.StringArrayVarP(&f.headers, "header", "H", nil, "a header, 'Name: value', for every request; may be repeated")
	fs.StringVarP(&f.method, "method", "X", "", "method, with a URL")
	fs.StringVarP(&f.body, "body", "b", "", "body, with a URL: the text itself, @FILE, or @- for standard input")
	fs.StringArrayVar(&f.slos, "slo", nil, "an objective such as 'p99 < 250ms' or 'success >= 99%'; may be repeated")
	fs.StringArrayVar(&f.generator, "generator", nil, "a rule for the generator itself, such as 'lag p99 < 20ms', or several with ; between them; may be repeated")
	fs.StringArrayVarP(&f.vars, "env", "e", nil, "a variable for the profile's ${NAME}, as NAME=VALUE; may be repeated")
	complete(cmd, "pacing", "precise", "economical")
	complete(cmd, "arrivals", "even", "poisson")
	f.connecting.register(cmd)
}

// plan finds the profile that the arguments name, changes it as the flags say and
// compiles it.
func (f *loadFlags) plan(cmd *cobra.Command, args []string, env environment) (sourced, *plan, error) {
	vars, err := f.variables()
	if err != nil {
		return sourced{}, nil, err
	}
	s, err := loadProfile(args, env, vars)
	if err != nil {
		return sourced{}, nil, err
	}
	p, err := f.compile(cmd, s, env)
	return s, p, err
}

// compile changes a profile as the flags say and compiles it.
func (f *loadFlags) compile(cmd *cobra.Command, s sourced, env environment) (*plan, error) {
	if err := f.apply(cmd, s, env.in); err != nil {
		return nil, err
	}
	return compile(s.profile, s.source)
}

// variables returns the -e flags as a map.
func (f *loadFlags) variables() (map[string]string, error) {
	vars := make(map[string]string, len(f.vars))
	for _, v := range f.vars {
		name, value, ok := strings.Cut(v, "=")
		if !ok || name == "" {
			return nil, usageFault(fmt.Errorf("-e %s: not NAME=VALUE", name))
		}
		vars[name] = value
	}
	return vars, nil
}

// apply changes the profile as the flags of cmd that were given say.
func (f *loadFlags) apply(cmd *cobra.Command, s sourced, in io.Reader) error {
	given := cmd.Flags().Changed
	p := s.profile
	err := errors.Join(
		f.applyLoad(given, &p.Load),
		f.applyTarget(given, p),
		f.applyRequest(given, s, in),
		f.applyObjectives(p),
		f.applyGenerator(p),
	)
	if err != nil {
		return usageFault(err)
	}
	if given("seed") {
		p.Seed = f.seed
	}
	return nil
}

// loadModels are the flags of which each says on its own how load is made.
func loadModels() []string { return []string{"rate", "vus", "stage"} }

// applyLoad changes how much is sent. A rate, users or stages replace what the
// profile's executor was.
func (f *loadFlags) applyLoad(given func(string) bool, l *profiles.Load) error {
	if n := count(given, loadModels()...); n > 1 {
		return errors.New("--rate, --vus and --stage exclude each other: an open model has a rate or stages, a closed one users")
	}
	switch {
	case given("rate"):
		rate, err := profiles.ParseRate(f.rate)
		if err != nil {
			return withHint(fmt.Errorf("--rate: %w", err), err)
		}
		l.Executor, l.Rate, l.VUs, l.Start, l.Stages = profiles.ConstantArrivalRate, rate, 0, 0, nil
	case given("vus"):
		l.Executor, l.Rate, l.VUs, l.Start, l.Stages = profiles.ConstantVUs, 0, f.users, 0, nil
		l.Arrivals, l.Pacing = profiles.Even, profiles.Precise // users have no arrivals to spread, and no pacer
	case given("stage"):
		if err := f.applyStages(l); err != nil {
			return err
		}
	}
	f.applyLimits(given, l)
	return f.applyDuration(given, l)
}

// applyStages makes a ramp of the --stage flags.
func (f *loadFlags) applyStages(l *profiles.Load) error {
	l.Executor, l.Rate, l.VUs, l.Start, l.Stages = profiles.RampingArrivalRate, 0, 0, 0, nil
	l.Duration, l.Warmup = 0, 0
	for _, text := range f.stages {
		stage, err := profiles.ParseStage(text)
		if err != nil {
			return withHint(fmt.Errorf("--stage: %w", err), err)
		}
		l.Stages = append(l.Stages, stage)
	}
	return nil
}

func (f *loadFlags) applyLimits(given func(string) bool, l *profiles.Load) {
	if given("requests") {
		l.Requests = f.requests
	}
	if given("max-in-flight") {
		l.MaxInFlight = f.maxInFlight
	}
	if given("arrivals") {
		l.Arrivals = profiles.Arrivals(f.arrivals)
	}
	if given("pacing") {
		l.Pacing = profiles.Pacing(f.pacing)
	}
	if given("drain") {
		l.Drain = f.drain
	}
}

// longestCount bounds a closed run of --requests without a duration.
const longestCount = 10 * time.Minute

// applyDuration sets the length of the load. Without --duration, --requests alone
// is long enough for that many.
func (f *loadFlags) applyDuration(given func(string) bool, l *profiles.Load) error {
	ramping := l.Executor.Ramping()
	switch {
	case ramping && (given("duration") || given("warmup")):
		return errors.New("--duration and --warmup do not go with stages, which have lengths of their own")
	case given("duration"):
		l.Duration = f.duration
	case given("requests") && !ramping && l.Executor.Open() && l.Rate > 0:
		l.Duration = time.Duration(math.Ceil(float64(f.requests) / l.Rate * 1e9))
	case given("requests") && !ramping:
		l.Duration = longestCount
	}
	if given("warmup") {
		l.Warmup = f.warmup
	}
	if !ramping && l.Duration == 0 {
		l.Duration = 10 * time.Second
	}
	return nil
}

// applyTarget changes where requests go and how.
func (f *loadFlags) applyTarget(given func(string) bool, p *profiles.Profile) error {
	t := &p.Target
	if given("target") {
		from := profiles.ForURL(f.target)
		t.BaseURL, t.AllowHosts = strings.TrimRight(f.target, "/"), from.Target.AllowHosts
	}
	t.AllowHosts = append(t.AllowHosts, f.allowHosts...)
	if given("timeout") {
		t.Timeout = f.timeout
	}
	if given("connections") {
		t.Connections.Max = f.connections
	}
	if given("redirects") {
		t.Redirects = f.redirects
	}
	return errors.Join(f.connecting.apply(given, t), f.applyHeaders(t))
}

// applyHeaders adds the --header flags, which replace the profile's headers of the
// same name for all requests.
func (f *loadFlags) applyHeaders(t *profiles.Target) error {
	var headers []profiles.Header
	for _, text := range f.headers {
		name, value, ok := strings.Cut(text, ":")
		if !ok {
			return fmt.Errorf("--header %q: not 'Name: value'", strings.Fields(text + " ?")[0])
		}
		headers = append(headers, profiles.Header{Name: strings.TrimSpace(name), Value: strings.TrimSpace(value)})
	}
	t.Headers = slices.DeleteFunc(t.Headers, func(old profiles.Header) bool {
		return slices.ContainsFunc(headers, func(h profiles.Header) bool { return strings.EqualFold(h.Name, old.Name) })
	})
	t.Headers = append(t.Headers, headers...)
	return nil
}

// applyRequest changes the one request of a URL.
func (f *loadFlags) applyRequest(given func(string) bool, s sourced, in io.Reader) error {
	if !given("method") && !given("body") {
		return nil
	}
	if !s.isURL {
		return errors.New("--method and --body go with a URL; a profile's steps have their own")
	}
	step := &s.profile.Scenarios[0].Steps[0]
	method := "GET"
	if given("body") {
		body, err := readBody(f.body, in)
		if err != nil {
			return fmt.Errorf("--body: %w", err)
		}
		step.Body, method = body, "POST"
	}
	if given("method") {
		method = strings.ToUpper(f.method)
	}
	step.Name = method + strings.TrimPrefix(step.Name, step.Method)
	step.Method = method
	return nil
}

// maxBody bounds what --body reads.
const maxBody = 64 << 20

// readBody returns the text itself, or what @FILE or @- holds.
func readBody(text string, in io.Reader) ([]byte, error) {
	name, isFile := strings.CutPrefix(text, "@")
	if !isFile {
		return []byte(text), nil
	}
	if name != "-" {
		file, err := os.Open(name) //nolint:gosec // naming files is what the flag is for
		if err != nil {
			return nil, err
		}
		defer func() { _ = file.Close() }()
		in = file
	}
	var body bytes.Buffer
	n, err := io.Copy(&body, io.LimitReader(in, maxBody+1))
	if err == nil && n > maxBody {
		err = errors.New("more than 64 MiB")
	}
	return body.Bytes(), err
}

// applyObjectives adds the --slo flags.
func (f *loadFlags) applyObjectives(p *profiles.Profile) error {
	var faults []error
	for _, text := range f.slos {
		if err := checkExpression(text); err != nil {
			faults = append(faults, withHint(fmt.Errorf("--slo '%s': %w", text, err), err))
			continue
		}
		p.SLOs = append(p.SLOs, profiles.SLO{Name: text, Objective: profiles.Expression{Text: text}, Verdict: "confidence"})
	}
	return errors.Join(faults...)
}

// rulesOf separates rules that stand in one value, as they must in an environment variable.
func rulesOf(values []string) []string {
	var rules []string
	for _, value := range values {
		rules = append(rules, strings.Split(value, ";")...)
	}
	return rules
}

// applyGenerator changes the rules by the --generator flags.
func (f *loadFlags) applyGenerator(p *profiles.Profile) error {
	var faults []error
	for _, text := range rulesOf(f.generator) {
		if err := p.Generator.Set(text); err != nil {
			faults = append(faults, withHint(fmt.Errorf("--generator '%s': %w", text, err), err))
		}
	}
	return errors.Join(faults...)
}

// withHint appends the hint of a cause to an error's text.
func withHint(err, cause error) error {
	if h, ok := errors.AsType[hinter](cause); ok && h.Hint() != "" {
		return fmt.Errorf("%w\nhint: %s", err, h.Hint())
	}
	return err
}

// count returns how many of the flags were given.
func count(given func(string) bool, names ...string) int {
	n := 0
	for _, name := range names {
		if given(name) {
			n++
		}
	}
	return n
}
