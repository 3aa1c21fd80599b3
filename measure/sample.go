package measure

import "time"

// LateAfter is the lag from which a request counts as late: it was still sent,
// and its wait is in the response time, but not when the profile wanted it.
const LateAfter = 5 * time.Millisecond

// A Sample is what one request did. Instants are offsets from the start of the
// run, on the monotonic clock.
type Sample struct {
	Series    int           // index into the recorder's series
	Intended  time.Duration // when the schedule wanted it to start
	Sent      time.Duration // when a user took it up, before any connecting
	FirstByte time.Duration // when the answer began, 0 if it never did
	Done      time.Duration // when the answer was complete, or failed
	Connect   time.Duration // length of DNS and TCP connect, 0 on a reused connection
	TLS       time.Duration // length of the TLS handshake, 0 likewise
	Outcome   Outcome
	Status    int   // HTTP status code, 0 without an answer
	Succeeded bool  // met the profile's success rule
	BytesIn   int64 // read from the connection, headers included
	BytesOut  int64 // written to the connection, headers included
	Backend   int   // who answered, by Recorder.Backend; 0 unknown

	// Detail tells of a failure in words: an error, or the beginning of the
	// answer's body. It is borrowed: the recorder copies what it keeps.
	Detail []byte
}

// Response is the wait a user would feel, from the intended start.
func (s *Sample) Response() time.Duration { return s.Done - s.Intended }

// Service is the time the exchange took once a user had taken it up.
func (s *Sample) Service() time.Duration { return s.Done - s.Sent }

// Lag is how late the request was taken up: the generator's own fault, or the
// wait for a free connection where their number is limited.
func (s *Sample) Lag() time.Duration { return s.Sent - s.Intended }

// A Series is one line of what is counted: a step of a scenario during a stage.
// Series are numbered, and only the numbers travel with samples.
type Series struct {
	Endpoint string // the step's name, never a raw URL
	Scenario string
	Method   string
	Stage    string
	Warmup   bool // recorded, but outside verdict and windows
}

// Label returns the value of one of the labels endpoint, scenario, method and
// stage; ok is false for any other name.
func (s Series) Label(name string) (value string, ok bool) {
	switch name {
	case "endpoint":
		return s.Endpoint, true
	case "scenario":
		return s.Scenario, true
	case "method":
		return s.Method, true
	case "stage":
		return s.Stage, true
	}
	return "", false
}
