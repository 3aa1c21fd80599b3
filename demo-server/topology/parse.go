package topology

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/floodmark/floodmark/demo-server/capacity"
	"github.com/floodmark/floodmark/demo-server/faults"
	"github.com/floodmark/floodmark/profiles/document"
)

// Options are what Parse is told beside the file.
type Options struct {
	// Set are changes of what the file says, each a path and any YAML value, such as
	// "web.replicas=8" or "database.read={distribution: exponential, mean: 5ms}". null takes
	// a part away. They are made in order.
	Set []string
	// Env returns the value of a variable, empty where there is none, as os.Getenv does. Nil
	// means that no variable is set.
	Env func(name string) string
}

// Parse reads a topology and fills in every default. The file's name is for messages and
// for a topology without a name. The error is of type [document.Faults] and holds
// everything that is wrong; after broken YAML that is the first breakage only.
func Parse(file string, src []byte, opts Options) (*Plan, error) {
	doc := document.New(file, src, document.Form{
		Noun:  "topology",
		Begin: "begin with version: 1, or copy the ready-made topology 01-single-server",
	})
	d := &decoder{Decoder: document.NewDecoder(doc, keys), plan: defaults(), changed: len(opts.Set) > 0}
	d.plan.Name = document.NameOf(file, maxName, "topology")
	variables := document.Variables{Lookup: opts.lookup(), Secrets: &d.secrets}
	if root := d.change(doc.Read(variables), opts.Set, variables); root != nil {
		d.decode(root)
		d.Judge(d.problems())
	}
	if len(doc.Faults) == 0 {
		return d.plan, nil
	}
	hide := document.Redactor(d.secrets)
	for i := range doc.Faults {
		if doc.Faults[i].Line == 0 { // what of the command line it is about
			doc.Faults[i].File = hide.Replace(doc.Faults[i].File)
		}
		doc.Faults[i].Source = starred(doc.Faults[i].Source, d.secrets)
	}
	return nil, doc.Faults.Redact(hide).Tidy()
}

// starred returns a line with stars in place of secrets: as many as there were letters, so
// that columns stay what they are.
func starred(line string, secrets []string) string {
	for _, form := range document.Forms(secrets) {
		line = strings.ReplaceAll(line, form, strings.Repeat("*", utf8.RuneCountInString(form)))
	}
	return line
}

// lookup returns Env as documents ask it, for whom a variable without a value is not set.
func (o Options) lookup() func(string) (string, bool) {
	if o.Env == nil {
		return nil
	}
	return func(name string) (string, bool) {
		value := o.Env(name)
		return value, value != ""
	}
}

const maxName = 80 // characters, of a topology

// defaults returns the plan of a file that says nothing.
func defaults() *Plan {
	return &Plan{
		Runtime:      InProcess,
		Clock:        Precise,
		Seed:         1,
		Web:          Web{Replicas: 1, State: Stateless, CPU: law("exponential:10ms")},
		RestartAfter: 500 * time.Millisecond,
	}
}

// law returns a law of the program's own.
func law(text string) capacity.Law {
	l, err := capacity.ParseLaw(text)
	if err != nil {
		panic(err) // a constant of this package
	}
	return l
}

// decoder turns nodes into a plan. It knows shapes, types and units; whether a value makes
// sense is judged later.
type decoder struct {
	*document.Decoder
	plan    *Plan
	secrets []string
	changed bool // by Options.Set

	version   int64
	accessLog *bool
}

// decode reads the whole file, part by part.
func (d *decoder) decode(root *document.Node) {
	top := document.Field{At: root.At, Node: root}
	d.Note(top)
	s, ok := d.section(top, "topology")
	if !ok {
		return
	}
	p := d.plan
	s.Whole("version", &d.version)
	s.Text("name", &p.Name)
	word(s, "runtime", &p.Runtime, InProcess, Processes)
	word(s, "clock", &p.Clock, Precise, Portable)
	read(s, "seed", &p.Seed, document.ParseSeed)
	d.machines(s)
	s.open("web", "web", d.web)
	s.open("load_balancer", "load_balancer", d.balancer)
	s.open("gateway", "gateway", d.gateway)
	s.open("rate_limit", "rate_limit", d.rateLimit)
	s.open("circuit_breakers", "circuit_breakers", d.breakers)
	s.open("database", "database", d.database)
	s.open("cache", "cache", d.cache)
	s.open("cdn", "cdn", d.cdn)
	s.open("third_parties", "third_parties", d.thirdParties)
	s.open("orchestrator", "orchestrator", func(s section) {
		s.open("restart", "restart", func(s section) { read(s, "backoff", &p.RestartAfter, parseBackoff) })
	})
	s.open("observability", "observability", d.observability)
	d.place()
	d.schedule(s)
	if p.Gateway != nil {
		p.Gateway.AccessLog = p.Observability != nil && p.Observability.Logs
		if d.accessLog != nil {
			p.Gateway.AccessLog = *d.accessLog
		}
	}
}

// machines reads the machines, whose keys are their names.
func (d *decoder) machines(s section) {
	for _, f := range s.named("machines") {
		machine := Machine{Name: keyOf(f, "machines"), Cores: 2, Queue: 200, Speed: 1}
		if s, ok := d.section(f, "machine"); ok {
			s.Integer("cores", &machine.Cores)
			s.Integer("queue", &machine.Queue)
			s.Number("speed", &machine.Speed)
			s.open("contention", "contention", func(s section) {
				s.Number("sigma", &machine.Sigma)
				s.Number("kappa", &machine.Kappa)
			})
		}
		d.plan.Machines = append(d.plan.Machines, machine)
	}
}

// place puts web and database on machines of their own where the file does not say which,
// and forgets machines that a change has left without a part.
func (d *decoder) place() {
	p := d.plan
	need := func(machine *string, part string) {
		if *machine != "" {
			return
		}
		*machine = part
		if !p.hasMachine(part) {
			p.Machines = append(p.Machines, Machine{Name: part, Cores: 2, Queue: 200, Speed: 1})
		}
	}
	need(&p.Web.Machine, WebPart)
	if p.Database != nil {
		need(&p.Database.Machine, DatabasePart)
	}
	if d.changed {
		p.Machines = slices.DeleteFunc(p.Machines, func(m Machine) bool {
			return !p.used(m.Name) && !d.IsBeside(d.KeyPlaces["machines."+m.Name])
		})
	}
}

func (p *Plan) hasMachine(name string) bool {
	return slices.ContainsFunc(p.Machines, func(m Machine) bool { return m.Name == name })
}

// used reports whether a part is on a machine.
func (p *Plan) used(machine string) bool {
	return p.Web.Machine == machine || p.Database != nil && p.Database.Machine == machine ||
		p.Cache != nil && p.Cache.Machine == machine
}

// schedule reads the faults by the clock.
func (d *decoder) schedule(s section) {
	s.List("faults", func(f document.Field) {
		if timed, ok := d.fault(f); ok {
			d.plan.Faults = append(d.plan.Faults, timed)
		}
	})
	slices.SortStableFunc(d.plan.Faults, func(a, b faults.Timed) int { return cmp.Compare(a.At, b.At) })
}

// parseBackoff reads a duration, or never.
func parseBackoff(text string) (time.Duration, error) {
	if text == "never" {
		return 0, nil
	}
	after, err := document.ParseDuration(text)
	if err == nil && after <= 0 {
		return 0, document.Unreadable("what was killed takes a moment to start again", "write a duration such as 500ms, or never", "a duration, or never")
	}
	return after, err
}
