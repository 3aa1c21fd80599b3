package targets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/floodmark/floodmark/measure"
)

// errInterim ends an exchange with a server that is never done announcing.
var errInterim = errors.New("more than 16 interim answers")

// A streamError has the fields of net/http's error of an HTTP/2 stream, which lets
// itself be copied to any such type.
type streamError struct {
	StreamID uint32
	Code     uint32
	Cause    error
}

func (e streamError) Error() string { return fmt.Sprintf("HTTP/2 error code %d", e.Code) }

// fault classifies an error of net/http's: ended is the outcome if the peer closed
// the connection. If the wire is whole, it is net/http that complains of what came.
func (c *stdConn) fault(ctx context.Context, doing string, ended measure.Outcome, err error) *fault {
	if ctx.Err() != nil {
		return newFault(doing, measure.Network, ctx.Err())
	}
	if f := streamFault(doing, err); f != nil {
		return f
	}
	cause := c.wire.cause()
	switch {
	case errors.Is(err, errInterim):
		return &fault{measure.Malformed, doing, errInterim}
	case errors.Is(cause, io.EOF):
		return &fault{ended, doing, errors.New("the connection was closed")}
	case cause != nil:
		return newFault(doing, measure.Network, cause)
	case errors.Is(err, io.ErrUnexpectedEOF): // HTTP/2's end of a stream
		return &fault{ended, doing, errors.New("the stream ended early")}
	case socketOutcome(err) != measure.None: // of writing
		return newFault(doing, measure.Network, err)
	}
	return &fault{measure.Malformed, doing, err}
}

// streamFault classifies what HTTP/2 says of a stream or in farewell: the server's
// refusal is a reset, an objection of our side's is to malformed frames. It returns
// nil for other errors.
func streamFault(doing string, err error) *fault {
	var stream streamError
	switch {
	case errors.As(err, &stream) && stream.Cause != nil && stream.Cause.Error() == "received from peer":
		return &fault{measure.Reset, doing, fmt.Errorf("the server reset the stream: %s", codeName(stream.Code))}
	case stream.StreamID != 0:
		return &fault{measure.Malformed, doing, err}
	case strings.HasPrefix(err.Error(), "http2: ") && strings.Contains(err.Error(), "GOAWAY"):
		return &fault{measure.Reset, doing, fmt.Errorf("the server left: %w", err)}
	}
	return nil
}

// notTaken reports whether the server, in its farewell, has named a last stream before
// this one: then it "was not and will not be processed" (RFC 9113, section 6.8), and
// is no request of the server's. Only a farewell without an error counts: after one
// with an error, somebody else should look.
func notTaken(err error) bool {
	return strings.Contains(err.Error(), "graceful shutdown GOAWAY")
}

// codeName returns the name of an HTTP/2 error code (RFC 9113, section 7).
func codeName(code uint32) string {
	names := [...]string{
		"NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED",
		"FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM",
		"INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED",
	}
	if int(code) < len(names) {
		return names[code]
	}
	return fmt.Sprintf("error code %d", code)
}
