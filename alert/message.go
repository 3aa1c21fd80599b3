package alert

import "time"

// A Message is what one receiver is sent at once: one alert or several. It is plain
// data.
type Message struct {
	ID       string // the same for every attempt; no dots, no spaces
	Receiver string // its name in the profile
	Run      Run
	Alerts   []Told // those still firing first; never empty
	More     int    // alerts that are left out, beyond those listed
	Delayed  bool   // sent much later than it happened: after an outage, or by another process
	Refresh  bool   // nothing new: for receivers that forget what is not repeated
	Test     bool   // a sample, nothing has happened
}

// A Told is an alert in a message: the latest notice of it, and what came before.
type Told struct {
	Notice
	Coalesced bool // it has fired and resolved, and this is the first that the receiver hears of it
	Changes   int  // how many notices this one stands for; 1 or more
}

// A Run is what a message says about where it comes from.
type Run struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	Target   string    `json:"target"`   // base URL, without secrets
	URL      string    `json:"url"`      // of the job in CI; may be empty
	Revision string    `json:"revision"` // what was tested, such as a commit; may be empty
	Started  time.Time `json:"started_at"`
}

// Firing reports whether something in the message is not over.
func (m *Message) Firing() bool {
	for i := range m.Alerts {
		if !m.Alerts[i].Ended() {
			return true
		}
	}
	return false
}

// An Outcome says what became of an attempt to deliver a message.
type Outcome string

// The outcomes.
const (
	Delivered Outcome = "delivered"
	Accepted  Outcome = "accepted" // taken, and what becomes of it nobody tells
	Later     Outcome = "retry"    // not now: to be tried again
	Refused   Outcome = "refused"  // never: trying again changes nothing
	Gone      Outcome = "gone"     // the receiver is to be left alone from now on
)

// OK reports whether the message is delivered, as far as anybody can know.
func (o Outcome) OK() bool { return o == Delivered || o == Accepted }

// An Answer is what a receiver said to a message.
type Answer struct {
	Outcome Outcome
	Status  int           // of HTTP; 0 if there was no answer
	After   time.Duration // how long it wants to be left alone; 0 if it did not say
	Detail  string        // for people, without secrets: what it said, or why there was no answer
	Unsure  bool          // the message may have arrived all the same, as after a timeout
}
