package report

import "time"

// A generator is what a beat says of it, and the head of what a result does.
type generator struct {
	Valid     bool     `json:"valid"`
	Reasons   []string `json:"reasons"`
	CPURatio  *float64 `json:"cpu_ratio"`
	LagP99    float64  `json:"lag_p99_seconds"`
	PacingP99 float64  `json:"pacing_p99_seconds"`
}

// generatorDetails adds the summary of the health record. What no interval knew is
// null.
type generatorDetails struct {
	generator
	Notes     []string `json:"notes"`
	Rules     ruleText `json:"rules"`
	Late      int64    `json:"late"`
	Asked     int64    `json:"asked"`
	Unsent    int64    `json:"unsent"`
	SentRatio *float64 `json:"sent_ratio"`

	CPUMax    *float64 `json:"cpu_max_ratio"`
	CPUs      *float64 `json:"cpus"`
	Throttled *float64 `json:"throttled_seconds"`
	RunQueue  *float64 `json:"run_queue_delay_seconds"`
	Stolen    *float64 `json:"stolen_seconds"`
	GCPauses  *int64   `json:"gc_pauses"`
	GCTotal   *float64 `json:"gc_pause_seconds"`
	GCLongest *float64 `json:"gc_pause_max_seconds"`
	Heap      *int64   `json:"heap_max_bytes"`
	Resident  *int64   `json:"resident_max_bytes"`
	Files     *int64   `json:"fds_max"`
	FileLimit *int64   `json:"fd_limit"`
	TimeWait  *int64   `json:"time_wait_max"`
	Ports     *int64   `json:"local_ports"`
	ClockStep *float64 `json:"clock_step_seconds"`
}

type ruleText struct {
	Lag      string `json:"lag"`
	CPU      string `json:"cpu"`
	SentRate string `json:"sent_rate"`
}

func generatorOf(g Generator) generator {
	return generator{
		Valid: g.Valid, Reasons: append([]string{}, g.Reasons...), CPURatio: positive(g.CPURatio),
		LagP99: g.LagP99.Seconds(), PacingP99: g.PacingP99.Seconds(),
	}
}

// generatorDetails writes down everything that is known.
func (s *Summary) generatorDetails() generatorDetails {
	g := &s.Generator
	out := generatorDetails{
		generator: generatorOf(*g), Notes: append([]string{}, g.Notes...),
		Rules: ruleText{s.Run.Rules.lagText(), s.Run.Rules.cpuText(), s.Run.Rules.sentText()},
		Late:  s.Measured.Late, Asked: g.Asked, Unsent: g.Unsent,
	}
	if g.Asked > 0 {
		out.SentRatio = new(g.SentRatio)
	}
	out.health(g)
	return out
}

// health adds the record, if there is one.
func (out *generatorDetails) health(g *Generator) {
	h := g.Health.Health
	if h == nil {
		return
	}
	out.CPUMax = positive(g.Health.CPUMax)
	if seconds := g.Health.Observed.Seconds(); h.CPU != nil && seconds > 0 {
		out.CPUs = new(h.CPU.Allowed.Seconds() / seconds)
	}
	out.Throttled, out.RunQueue, out.Stolen = secondsOf(h.Throttled), secondsOf(h.RunQueue), secondsOf(h.Stolen)
	out.GCPauses, out.GCTotal, out.GCLongest = new(h.GC.Count), new(h.GC.Total.Seconds()), new(h.GC.Longest.Seconds())
	out.Heap, out.Resident = new(h.Heap), h.Resident
	if f := h.Files; f != nil {
		out.Files, out.FileLimit = &f.Open, &f.Limit
	}
	if n := h.Sockets; n != nil {
		out.TimeWait, out.Ports = &n.TimeWait, positive(n.Ports)
	}
	out.ClockStep = new(g.Health.Stepped.Seconds())
}

// positive returns nil for what is zero because it is not known.
func positive[T int64 | float64](v T) *T {
	if v <= 0 {
		return nil
	}
	return &v
}

func secondsOf(d *time.Duration) *float64 {
	if d == nil {
		return nil
	}
	return new(d.Seconds())
}
