package measure

// Outcome says how an exchange ended: by status class when an answer arrived
// whole, else by what went wrong. It is a class, not a judgement: whether an
// outcome is a success is for the profile's success rule to say.
type Outcome uint8

// The outcomes. None is the zero value and belongs to no finished exchange.
const (
	None Outcome = iota
	Status1xx
	Status2xx
	Status3xx
	Status4xx
	Status5xx
	Timeout   // no complete answer within the request's timeout
	Refused   // nobody listens at the address
	Reset     // the peer broke the connection, or closed it before answering
	DNS       // the host's name has no address
	TLS       // the handshake or the certificate was refused
	Malformed // the bytes that came are not HTTP
	BodyShort // the body ended before its announced length
	Network   // any other failure to reach the target
	OutcomeCount
)

// String returns the outcome's name in outputs, such as "2xx" or "timeout".
func (o Outcome) String() string {
	switch o {
	case Status1xx:
		return "1xx"
	case Status2xx:
		return "2xx"
	case Status3xx:
		return "3xx"
	case Status4xx:
		return "4xx"
	case Status5xx:
		return "5xx"
	case Timeout:
		return "timeout"
	case Refused:
		return "refused"
	case Reset:
		return "reset"
	case DNS:
		return "dns"
	case TLS:
		return "tls"
	case Malformed:
		return "malformed"
	case BodyShort:
		return "body-short"
	case Network:
		return "network"
	case None, OutcomeCount:
	}
	return "none"
}

// ParseOutcome is the inverse of [Outcome.String]; ok is false for other texts.
func ParseOutcome(s string) (o Outcome, ok bool) {
	for o := Status1xx; o < OutcomeCount; o++ {
		if o.String() == s {
			return o, true
		}
	}
	return None, false
}

// StatusOutcome returns the class of an HTTP status code, or Malformed when the
// code is outside 100 to 599.
func StatusOutcome(status int) Outcome {
	if status < 100 || status > 599 {
		return Malformed
	}
	return Status1xx + Outcome(status/100-1)
}
