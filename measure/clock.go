package measure

// A Clock names one of the durations that a tally keeps a histogram of.
type Clock uint8

// The clocks: the three of every output, and the two parts of a new connection.
const (
	Response Clock = iota
	Service
	Lag
	Connect
	TLSHandshake
	ClockCount
)

// String returns the clock's name in files: response, service, lag, connect or
// tls.
func (c Clock) String() string {
	switch c {
	case Response:
		return "response"
	case Service:
		return "service"
	case Lag:
		return "lag"
	case Connect:
		return "connect"
	case TLSHandshake:
		return "tls"
	case ClockCount:
	}
	return "none"
}

// parseClock is the inverse of String.
func parseClock(s string) (Clock, bool) {
	for c := range ClockCount {
		if c.String() == s {
			return c, true
		}
	}
	return 0, false
}

// Clock returns the tally's histogram of one clock, or nil for an unknown one.
func (t *Tally) Clock(c Clock) *Histogram {
	switch c {
	case Response:
		return &t.Response
	case Service:
		return &t.Service
	case Lag:
		return &t.Lag
	case Connect:
		return &t.Connect
	case TLSHandshake:
		return &t.TLS
	case ClockCount:
	}
	return nil
}
