package alert

import "time"

// A State is how an alert stands.
type State string

// The states.
const (
	Inactive   State = "inactive"
	Pending    State = "pending"    // a breach that has not lasted for long enough
	Firing     State = "firing"     // people have been told
	Recovering State = "recovering" // clear, but not for long enough
)

// Active reports whether people have been told, and not yet that it is over.
func (s State) Active() bool { return s == Firing || s == Recovering }

// A Reason says what made an alert change its state.
type Reason string

// The reasons.
const (
	Breached   Reason = "breach"
	Cleared    Reason = "clear"
	Silent     Reason = "no_data"
	StageEnded Reason = "stage_ended"
	RunEnded   Reason = "run_ended"
	RunAborted Reason = "aborted" // the run was given up, by this alert or another
)

// A sight is what a rule sees of its alert in one interval.
type sight struct {
	at            time.Duration // the interval's end
	breach, clear bool          // neither, between the two levels
	data          bool          // enough to judge
	silent        bool          // nothing at all
}

// A machine is one alert going through its states. The zero value is inactive.
//
// Without enough data nothing changes, and the time that was spent in pending or
// recovering stands still: missing data neither fires nor resolves, unless the rule
// says that it does and the silence has lasted.
type machine struct {
	state   State         // "" is inactive
	since   time.Duration // in pending and recovering, moved on by gaps
	began   time.Duration // when the breach began that led here
	lasted  time.Duration // length of the silence so far
	last    time.Duration // the sight before
	started bool          // there was one
	flaps   int           // from recovering back to firing
}

// step takes a sight and returns the state it leads to, and why. silence, more than 0,
// is how long nothing must have been seen before the rule's NoData counts.
func (m *machine) step(r *Rule, s sight, silence time.Duration) (to State, why Reason) {
	gap := time.Duration(0)
	if m.started {
		gap = s.at - m.last
	}
	m.last, m.started = s.at, true
	why = Breached
	if !s.data {
		if !m.mute(r, &s, gap, silence) {
			return m.current(), ""
		}
		why = Silent
	} else {
		m.lasted = 0
	}
	return m.move(r, s), why
}

// stand passes over an interval that nobody judges: in neither pending nor recovering does
// it count, nor in a silence.
func (m *machine) stand(at time.Duration) {
	if m.started {
		m.since += at - m.last
		m.last = at
	}
}

// mute deals with a sight without data: it makes a breach or a clear of a silence that
// has lasted, if the rule says so, and else lets the time stand still.
func (m *machine) mute(r *Rule, s *sight, gap, silence time.Duration) (counts bool) {
	if s.silent {
		m.lasted += gap
	} else {
		m.lasted = 0
	}
	if s.silent && m.lasted >= silence {
		s.breach, s.clear = r.NoData == BreachData, r.NoData == ClearData
		if s.breach || s.clear {
			return true
		}
	}
	m.since += gap
	return false
}

// move makes the step that the table of states has for a breach, a clear or neither.
func (m *machine) move(r *Rule, s sight) State {
	switch m.current() {
	case Inactive:
		if s.breach {
			m.began, m.since, m.flaps = s.at, s.at, 0
			m.state = Pending
			if r.For <= 0 {
				m.state = Firing
			}
		}
	case Pending:
		switch {
		case !s.breach:
			m.state = Inactive
		case s.at-m.since >= r.For:
			m.state = Firing
		}
	case Firing:
		if s.clear {
			m.since = s.at
			m.state = Recovering
			if r.KeepFiring <= 0 {
				m.state = Inactive
			}
		}
	case Recovering:
		switch {
		case s.breach:
			m.flaps++
			m.state = Firing
		case !s.clear:
			m.since = s.at
		case s.at-m.since >= r.KeepFiring:
			m.state = Inactive
		}
	}
	return m.current()
}

// current returns the state.
func (m *machine) current() State {
	if m.state == "" {
		return Inactive
	}
	return m.state
}
