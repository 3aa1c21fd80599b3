package observe

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"

	"github.com/floodmark/floodmark/demo-server/correlation"
)

// An answer notes what the client gets. The request id goes into the headers as late as
// possible, in place of whatever is there: a proxy adds those of the server it asked, and
// clears all headers after an informational answer.
type answer struct {
	http.ResponseWriter
	id     string
	status int  // 0: none yet
	taken  bool // the connection belongs to the handler
	whole  bool // the handler returned
}

// WriteHeader notes the first final status.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 && (status >= http.StatusOK || status == http.StatusSwitchingProtocols) {
		a.begin(status)
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) begin(status int) {
	a.status = status
	h := a.Header()
	if values := h[correlation.RequestIDHeader]; len(values) != 1 || values[0] != a.id {
		h[correlation.RequestIDHeader] = []string{a.id}
	}
}

// Write sends a part of the body.
func (a *answer) Write(p []byte) (int, error) {
	if a.status == 0 {
		a.begin(http.StatusOK)
	}
	return a.ResponseWriter.Write(p)
}

// ReadFrom sends a part of the body as the server does it best.
func (a *answer) ReadFrom(r io.Reader) (int64, error) {
	if a.status == 0 {
		a.begin(http.StatusOK)
	}
	return io.Copy(a.ResponseWriter, r)
}

// FlushError sends what there is, for http.ResponseController.
func (a *answer) FlushError() error {
	if a.status == 0 {
		a.begin(http.StatusOK)
	}
	return http.NewResponseController(a.ResponseWriter).Flush()
}

// Hijack gives the connection away, after which there is no answer.
func (a *answer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffer, err := http.NewResponseController(a.ResponseWriter).Hijack()
	a.taken = err == nil
	return conn, buffer, err
}

// Unwrap gives http.ResponseController what this does not offer.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// finish is called when the handler has returned. net/http sends 200 for one that wrote
// nothing; its status is not noted here, as nobody may be there to get it.
func (a *answer) finish() {
	a.whole = true
	if a.status == 0 && !a.taken {
		a.begin(0)
	}
}

// outcome returns the status the client got, or 0 when it got no whole answer.
func (a *answer) outcome(ctx context.Context) int {
	switch {
	case a.taken || !a.whole:
		return 0
	case a.status != 0:
		return a.status
	case ctx.Err() != nil:
		return 0
	}
	return http.StatusOK
}
