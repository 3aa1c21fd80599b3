package report_test

import (
	"strings"
	"testing"
	"time"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/report"
)

// paced records a second with so many arrivals, each that late.
func (s *scene) paced(arrivals int, late time.Duration) {
	lane := s.recorder.Lane(0)
	for range arrivals {
		lane.Plan(0, 0)
		lane.Pace(late)
		lane.Record(&measure.Sample{Sent: late, Done: late + time.Millisecond, Outcome: measure.Status2xx, Status: 200, Succeeded: true})
	}
	s.cut(second)
}

func TestGeneratorLimits(t *testing.T) {
	for _, c := range []struct {
		name     string
		late     time.Duration
		arrivals int
		cpu      float64
		want     string // how the reasons begin
	}{
		{"all well", 4 * time.Millisecond, 500, 0.84, ""},
		{"late", 6 * time.Millisecond, 500, 0.5, "lag p99"},
		{"busy", 4 * time.Millisecond, 500, 0.86, "cpu 86%"},
		{"late and busy", 6 * time.Millisecond, 500, 0.86, "lag p99|cpu 86%"},
		{"too few arrivals to tell", second, 499, 0.5, ""},
		{"cpu not known", 4 * time.Millisecond, 500, 0, ""},
	} {
		s := newScene("GET /")
		s.cpu = c.cpu
		s.paced(c.arrivals, c.late)
		checkReasons(t, c.name, s.summary().Generator, c.want)
	}
}

// checkReasons compares the beginnings of the reasons, which stand between bars.
func checkReasons(t *testing.T, name string, got report.Generator, want string) {
	t.Helper()
	var wants []string
	if want != "" {
		wants = strings.Split(want, "|")
	}
	if got.Valid != (len(wants) == 0) || len(got.Reasons) != len(wants) {
		t.Errorf("%s: got valid %t with %q, want %q", name, got.Valid, got.Reasons, wants)
		return
	}
	for i := range wants {
		if !strings.HasPrefix(got.Reasons[i], wants[i]) {
			t.Errorf("%s: got %q, want a reason that begins %q", name, got.Reasons[i], wants[i])
		}
	}
}

// Without a rule anything goes.
func TestGeneratorRulesAreOff(t *testing.T) {
	s := newScene("GET /")
	s.cpu, s.run.Rules = 1, report.Rules{}
	s.paced(1000, second)
	checkReasons(t, "no rules", s.summary().Generator, "")
}

func TestLagRuleHasItsOwnQuantile(t *testing.T) {
	s := newScene("GET /")
	s.run.Rules = report.Rules{LagQuantile: 1, Lag: 50 * time.Millisecond}
	s.paced(999, 0)
	s.requests(0, 1, second, func(*measure.Sample) { s.recorder.Lane(0).Pace(60 * time.Millisecond) })
	s.cut(2 * second)
	checkReasons(t, "max", s.summary().Generator, "lag max 60.0ms (rule: < 50ms)")
}

// A run shorter than a second is mostly the start of the process.
func TestShortRunIsNotBusy(t *testing.T) {
	s := newScene("GET /")
	s.cpu = 1
	s.cut(900 * time.Millisecond)
	checkReasons(t, "short", s.summary().Generator, "")
}

// The reason for lateness is what the record shows, the strongest first.
func TestCauseOfLateness(t *testing.T) {
	amount := func(d time.Duration) *time.Duration { return &d }
	for _, c := range []struct {
		name string
		set  func(*scene)
		want []string
	}{
		{"quota", func(s *scene) {
			s.health.Throttled, s.health.RunQueue, s.cpu = amount(20*time.Millisecond), amount(second), 0.97
		}, []string{"its cgroup's quota of 1 CPU stopped it for 20.0ms", "raise the quota"}},
		{"cpu", func(s *scene) { s.cpu, s.health.RunQueue = 0.97, amount(second) }, []string{"it used up to 97% of the 1 CPU it may use", "lower the rate"}},
		{"run queue", func(s *scene) { s.health.RunQueue = amount(412 * time.Millisecond) }, []string{"waited 412ms/s for one", "other programs kept the CPUs busy"}},
		{"own threads", func(s *scene) { s.cpu, s.health.RunQueue = 0.6, amount(412*time.Millisecond) }, []string{"waited 412ms/s for a CPU: lower the rate"}},
		{"host", func(s *scene) { s.health.Stolen = amount(70 * time.Millisecond) }, []string{"the host took 70.0ms/s", "CPUs of its own"}},
		{"garbage", func(s *scene) { s.health.GC.Longest = 8 * time.Millisecond }, []string{"collecting garbage stopped it for up to 8.0ms", "GOGC"}},
		{"garbage rather than some waits", func(s *scene) {
			s.health.GC.Longest, s.health.RunQueue = 8*time.Millisecond, amount(60*time.Millisecond)
		}, []string{"collecting garbage"}},
		{"noticeable waits", func(s *scene) { s.health.RunQueue = amount(248 * time.Millisecond) }, []string{
			"its threads waited 248ms/s for a CPU: stop other programs, or lower the rate",
		}},
		{"none of them", func(s *scene) {
			s.health.Throttled, s.health.RunQueue, s.health.Stolen = amount(0), amount(49*time.Millisecond), amount(49*time.Millisecond)
		}, []string{"the process was stopped, or the machine slept"}},
	} {
		s := newScene("GET /")
		s.run.Rules.CPU = 0
		c.set(s)
		s.paced(1000, 31*time.Millisecond)
		got := s.summary().Generator.Reasons
		if len(got) != 1 {
			t.Errorf("%s: got %q, want one reason", c.name, got)
			continue
		}
		for _, want := range append(c.want, "lag p99 31.0ms (rule: < 5ms): ") {
			if !strings.Contains(got[0], want) {
				t.Errorf("%s: got %q, want %q in it", c.name, got[0], want)
			}
		}
	}
}

// A lateness below a millisecond is no accident: the rule asks for more than the
// machine keeps. Only a CPU that is used up explains it better.
func TestRuleAsksForTooMuch(t *testing.T) {
	const want = "lag p50 77µs (rule: < 10µs): that is how punctual this machine is"
	for _, c := range []struct {
		name string
		late time.Duration
		set  func(*scene)
		want string
	}{
		{"a trifle", 77 * time.Microsecond, func(*scene) {}, want},
		{"without a record", 77 * time.Microsecond, func(s *scene) { s.bare = true }, want},
		{"some waits", 77 * time.Microsecond, func(s *scene) { s.health.RunQueue = new(300 * time.Millisecond) }, want},
		{"garbage", 77 * time.Microsecond, func(s *scene) { s.health.GC.Longest = time.Millisecond }, want},
		{"no CPU left", 77 * time.Microsecond, func(s *scene) { s.cpu = 0.9 }, "lag p50 77µs (rule: < 10µs): its CPU was used up|cpu 90%"},
		{"a millisecond", time.Millisecond, func(*scene) {}, "lag p50 1.0ms (rule: < 10µs): the process was stopped"},
	} {
		s := newScene("GET /")
		s.run.Rules.LagQuantile, s.run.Rules.Lag = 0.5, 10*time.Microsecond
		c.set(s)
		s.paced(1000, c.late)
		got := s.summary().Generator
		checkReasons(t, c.name, got, c.want)
		if c.want == want && !strings.Contains(got.Reasons[0], "floodmark verify") {
			t.Errorf("%s: got %q, want it to name floodmark verify", c.name, got.Reasons[0])
		}
	}
}

// What helps against a lack of CPU depends on what allows no more.
func TestReliefFitsTheLimit(t *testing.T) {
	for limit, want := range map[measure.CPULimit]string{
		measure.LimitCPUs: "give it more CPUs", measure.LimitQuota: "raise its cgroup's CPU quota", measure.LimitProcs: "raise GOMAXPROCS",
	} {
		s := newScene("GET /")
		in := s.recorder.Cut(2 * second)
		in.Health = &measure.Health{CPU: &measure.CPU{Used: 900 * time.Millisecond, Allowed: second, Limit: limit}}
		s.totals.Add(&in)
		got := s.summary().Generator
		checkReasons(t, want, got, "cpu 90% of the 0.5 CPUs it may use (rule: < 85%)")
		if !strings.Contains(got.Reasons[0], want) {
			t.Errorf("got %q, want %q in it", got.Reasons[0], want)
		}
	}
}

// overfull records a second of which a third is unsent, the pacer being that late.
func overfull(late time.Duration) *scene {
	s := newScene("GET /")
	s.run.MaxInFlight = 100
	s.requests(0, 600, 0)
	lane := s.recorder.Lane(0)
	for range 300 {
		lane.Plan(0, 0)
		lane.Unsend(0, 0)
	}
	for range 900 {
		lane.Pace(late)
	}
	s.cut(second)
	s.run.Planned, s.run.AskedRate, s.ending.Elapsed = second, 900, second
	return s
}

// Arrivals that find max_in_flight reached are the target's doing as long as the
// generator is on time, and its own when it is not.
func TestWhoseFaultUnsentIs(t *testing.T) {
	slow := overfull(time.Millisecond).summary()
	checkReasons(t, "slow target", slow.Generator, "")
	const want = "300 of 900 arrivals (33.3%) were not sent: max_in_flight 100 was reached. The generator was on time"
	if len(slow.Generator.Notes) != 1 || !strings.HasPrefix(slow.Generator.Notes[0], want) {
		t.Errorf("slow target: got notes %q, want %q", slow.Generator.Notes, want)
	}
	if g := slow.Generator; g.Unsent != 300 || g.Asked != 900 || g.SentRatio < 0.666 || g.SentRatio > 0.667 || slow.ExitCode != 0 {
		t.Errorf("slow target: got %d of %d, ratio %v, exit code %d", g.Unsent, g.Asked, g.SentRatio, slow.ExitCode)
	}
	behind := overfull(40 * time.Millisecond).summary()
	checkReasons(t, "slow generator", behind.Generator, "lag p99|sent 66.7% of the asked arrivals in time (rule: >= 99%): 300 arrivals found max_in_flight 100")
	if len(behind.Generator.Notes) != 0 || behind.ExitCode != 5 {
		t.Errorf("slow generator: got notes %q, exit code %d", behind.Generator.Notes, behind.ExitCode)
	}
}

// A load that was changed by hand has one more cause for them.
func TestUnsentOfASteeredRun(t *testing.T) {
	for late, want := range map[time.Duration]string{
		time.Millisecond:      "300 of 900 arrivals (33.3%) were not sent: max_in_flight 100 was reached. Or they were late when the load was changed by hand",
		40 * time.Millisecond: "300 arrivals found max_in_flight 100 reached, or were late when the load was changed, while the generator itself was behind, see above",
	} {
		s := overfull(late)
		s.ending.Steered = []report.Steer{{At: 0.5, By: "keyboard", What: report.SteerPause, Paused: true, Factor: 1}}
		g := s.summary().Generator
		if got := strings.Join(append(g.Notes, g.Reasons...), "|"); !strings.HasSuffix(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// With the rules for lag and CPU off nothing tells that the generator was slow.
func TestUnsentWithoutEvidence(t *testing.T) {
	s := overfull(40 * time.Millisecond)
	s.run.Rules.Lag, s.run.Rules.CPU = 0, 0
	checkReasons(t, "no evidence", s.summary().Generator, "")
}

// A pacer that is still at it after the end of the schedule did not reach the rate.
func TestSentTooSlowly(t *testing.T) {
	for _, cpu := range []float64{0.14, 0} { // 0: this system tells nothing of the process
		sentTooSlowly(t, cpu)
	}
}

func sentTooSlowly(t *testing.T, cpu float64) {
	t.Helper()
	s := newScene("GET /")
	s.cpu, s.bare = cpu, cpu == 0
	s.run.Rules = report.Rules{SentRate: 0.99}
	s.run.Planned = 10 * second
	s.paced(1000, second)
	s.ending.Elapsed = 12 * second
	s.ending.Paced = 10*second + 90*time.Millisecond
	checkReasons(t, "a hiccup at the end", s.summary().Generator, "")
	s.ending.Paced = 11*second + 830*time.Millisecond
	got := s.summary().Generator
	checkReasons(t, "too slow", got, "sent 84.5% of the asked arrivals in time (rule: >= 99%): they took 1.83s longer")
}

// Later steps of a scenario are no arrivals: neither asked nor unsent.
func TestArrivalsAreFirstSteps(t *testing.T) {
	s := newScene("login", "look", "buy")
	s.run.Series[2].Scenario = "other"
	s.reset()
	s.requests(0, 100, 0)
	s.requests(1, 100, 0)
	s.requests(2, 50, 0)
	s.recorder.Lane(0).Plan(2, 0)
	s.recorder.Lane(0).Unsend(2, 0)
	s.cut(second)
	if got := s.summary().Generator; got.Asked != 151 || got.Unsent != 1 {
		t.Errorf("got %d asked and %d unsent, want 151 and 1", got.Asked, got.Unsent)
	}
}

func TestShortageIsTheGenerators(t *testing.T) {
	for detail, want := range map[string]string{
		"connecting: this machine has no free port left: cannot assign requested address":   "net.ipv4.ip_local_port_range",
		"connecting: this machine has no file descriptor left: socket: too many open files": "no file descriptor left of 1 024; raise ulimit -n",
	} {
		s := newScene("GET /")
		s.health.Files = &measure.Files{Open: 1024, Limit: 1024}
		s.requests(0, 96, 0)
		s.requests(0, 4, 0, failing(measure.Network, 0, detail))
		s.cut(second)
		got := s.summary().Generator
		checkReasons(t, detail, got, "sent 96.00% of the asked arrivals in time (rule: >= 99%): 4 requests failed because this machine had no")
		if !strings.Contains(got.Reasons[0], want) {
			t.Errorf("got %q, want %q in it", got.Reasons[0], want)
		}
		s.run.Open = false
		checkReasons(t, detail, s.summary().Generator, "sent 96.00% of the requests (rule: >= 99%): 4 requests failed because this machine had no")
	}
}

// Notes tell what is good to know of a valid measurement.
func TestNotes(t *testing.T) {
	for _, c := range []struct {
		want string
		set  func(*scene)
	}{
		{"its cgroup's quota of 1 CPU stopped the generator for 20.0ms", func(s *scene) { s.health.Throttled = new(20 * time.Millisecond) }},
		{"collecting garbage stopped the generator for up to 8.0ms", func(s *scene) { s.health.GC.Longest = 8 * time.Millisecond }},
		{"950 of 1 000 file descriptors were open: raise ulimit -n", func(s *scene) { s.health.Files = &measure.Files{Open: 950, Limit: 1000} }},
		{"800 sockets in TIME_WAIT, of 1 000 local ports: reuse", func(s *scene) {
			s.health.Sockets = &measure.Sockets{TimeWait: 800, Ports: 1000}
			s.requests(0, 800, 0, func(m *measure.Sample) { m.Connect = time.Millisecond })
		}},
		{"", func(s *scene) { s.health.Sockets = &measure.Sockets{TimeWait: 1000, Ports: 1000} }}, // of other programs
		{"the wall clock was moved by 2.00s, or the machine slept", func(s *scene) { s.health.ClockStep = -2 * second }},
		{"the generator used 97% of the 1 CPU it may use: the rate may be its limit", func(s *scene) {
			s.cpu, s.run.Open, s.run.Rules.CPU = 0.97, false, 0
		}},
		{"", func(s *scene) {
			s.health.Files, s.health.Sockets = &measure.Files{Open: 5, Limit: 10}, &measure.Sockets{TimeWait: 5}
		}},
	} {
		s := newScene("GET /")
		c.set(s)
		s.requests(0, 100, 0)
		s.cut(second)
		got := s.summary().Generator
		checkReasons(t, c.want, got, "")
		if text := strings.Join(got.Notes, "|"); !strings.HasPrefix(text, c.want) || strings.Contains(text, "|") || c.want == "" && text != "" {
			t.Errorf("got %q, want one note %q", text, c.want)
		}
	}
}
