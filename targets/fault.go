package targets

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"time"

	"github.com/floodmark/floodmark/dial"
	"github.com/floodmark/floodmark/measure"
)

// A fault is why an exchange ended without a whole answer.
type fault struct {
	outcome measure.Outcome
	doing   string // what was being done
	err     error
}

func (f *fault) Error() string { return f.doing + ": " + f.err.Error() }

func (f *fault) Unwrap() error { return f.err }

// newFault classifies an error of a socket; otherwise is the outcome of those that
// say nothing more.
func newFault(doing string, otherwise measure.Outcome, err error) *fault {
	outcome := socketOutcome(err)
	if outcome == measure.None {
		outcome = otherwise
	}
	return &fault{outcome, doing, explain(err)}
}

// fault classifies an error met while reading: ended is the outcome if the peer
// closed the connection. If the stream is whole, it is the parser that complains.
func (c *connection) fault(doing string, ended measure.Outcome, err error) *fault {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return &fault{ended, doing, errors.New("the connection was closed")}
	}
	if broken, ok := errors.AsType[*brokenError](err); ok {
		return newFault("sending the request", measure.Network, broken.error)
	}
	return newFault(doing, measure.Network, err)
}

// socketOutcome names the outcome that a socket's error stands for, None if it is
// none of those that are told apart.
func socketOutcome(err error) measure.Outcome {
	var (
		timeout net.Error
		dns     *net.DNSError
		record  tls.RecordHeaderError
	)
	switch {
	case errors.As(err, &timeout) && timeout.Timeout():
		return measure.Timeout
	case errors.As(err, &dns):
		return measure.DNS
	case errors.Is(err, syscall.ECONNREFUSED):
		return measure.Refused
	case isReset(err):
		return measure.Reset
	case isAlert(err), errors.As(err, &record):
		return measure.TLS
	}
	return measure.None
}

// isAlert reports whether a TLS alert ended the connection, from either side: crypto/tls
// wraps its alerts, whose type it keeps to itself, under these two names.
func isAlert(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error")
}

// isReset reports whether the peer broke the connection.
func isReset(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) ||
		errors.Is(err, syscall.ECONNABORTED)
}

// explain adds what the system's words leave open when this machine, not the
// target, has run out of something.
func explain(err error) error {
	var explained *dial.ExhaustedError
	switch {
	case errors.As(err, &explained):
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("this machine has no free port left: %w", err)
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return fmt.Errorf("this machine has no file descriptor left: %w", err)
	}
	return err
}

// failed makes the response a failure that err tells of.
func (r *Response) failed(err error, timeout time.Duration) {
	var f *fault
	if !errors.As(err, &f) {
		f = newFault("setting the deadline", measure.Network, err)
	}
	r.Outcome = f.outcome
	words := f.Error()
	if f.outcome == measure.Timeout {
		words = fmt.Sprintf("%s: the timeout of %v passed", f.doing, timeout)
	}
	r.Detail = appendPrintable(r.Detail[:0], []byte(words))
}
