package receivers

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/floodmark/floodmark/alert"
)

// maxBody is how much of an answer is read, in bytes.
const maxBody = 64 << 10

// calls are the requests that a draft becomes.
func (r *Receiver) calls(d *draft) ([]call, error) {
	switch r.service.name {
	case "exec":
		return r.commandCall(d)
	case "file":
		return r.fileCall(d)
	}
	return r.service.build(r, d)
}

// to is a call of the receiver's URL with a JSON body.
func (r *Receiver) to(to string, body []byte, header ...[2]string) call {
	all := [][2]string{{"User-Agent", r.agent}}
	if !slices.ContainsFunc(header, func(h [2]string) bool { return strings.EqualFold(h[0], "Content-Type") }) {
		all = append(all, [2]string{"Content-Type", "application/json"})
	}
	return call{method: http.MethodPost, url: to, shown: shownURL(r.service.url, to), header: append(all, header...), body: body}
}

// shownURL is what of a URL is no secret: scheme and host, or all if it is everybody's.
func shownURL(public, s string) string {
	if public != "" && strings.HasPrefix(s, public) {
		return s
	}
	u, err := url.Parse(s)
	if err != nil {
		return hidden
	}
	text := u.Scheme + "://" + u.Host
	if u.Path != "" && u.Path != "/" || u.RawQuery != "" {
		text += "/" + hidden
	}
	return text
}

// post makes the requests of a draft, one after the other.
func (r *Receiver) post(ctx context.Context, d *draft) alert.Answer {
	calls, err := r.calls(d)
	if err != nil || len(calls) == 0 {
		return alert.Answer{Outcome: alert.Refused, Detail: "the message cannot be written"}
	}
	var answer alert.Answer
	for i, c := range calls {
		answer = r.exchange(ctx, c)
		if !answer.Outcome.OK() {
			answer.Unsure = answer.Unsure || i > 0
			break
		}
	}
	return answer
}

// exchange makes one request and judges the answer.
func (r *Receiver) exchange(ctx context.Context, c call) alert.Answer {
	inner, cancel := context.WithTimeout(ctx, r.spec.timeout())
	defer cancel()
	var written atomic.Bool
	traced := httptrace.WithClientTrace(inner, &httptrace.ClientTrace{
		WroteRequest: func(info httptrace.WroteRequestInfo) { written.Store(info.Err == nil) },
	})
	request := r.client.R().SetContext(traced).SetBody(c.body)
	for _, h := range c.header {
		request.SetHeader(h[0], h[1])
	}
	response, err := request.Execute(c.method, c.url)
	if err != nil {
		answer := alert.Answer{Outcome: alert.Later, Detail: trouble(ctx, err), Unsure: written.Load()}
		if errors.Is(err, errDenied) {
			answer.Outcome = alert.Refused
		}
		return answer
	}
	arrived := time.Now()
	body, _ := io.ReadAll(io.LimitReader(response.RawBody(), maxBody)) // the status decides, even if the rest is lost
	_ = response.RawBody().Close()
	return judge(&reply{
		service: r.service.name, status: response.StatusCode(), header: response.Header(), body: body, arrived: arrived,
	})
}

// trouble says why there was no answer, without the URL, which net/http's errors have.
func trouble(outer context.Context, err error) string {
	var (
		name        *net.DNSError
		certificate *tls.CertificateVerificationError
		authority   x509.UnknownAuthorityError
		record      tls.RecordHeaderError
		timeout     net.Error
	)
	switch {
	case outer.Err() != nil && errors.Is(outer.Err(), context.Canceled):
		return "given up while waiting for an answer"
	case errors.As(err, &name) && !name.IsTimeout:
		return "the host's name does not resolve"
	case errors.Is(err, errDenied):
		return rootOf(err)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "no answer in time"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.EPIPE):
		return "the connection was closed before an answer"
	case errors.As(err, &certificate), errors.As(err, &authority):
		return "the certificate is not trusted: " + rootOf(err)
	case errors.As(err, &record):
		return "the host does not speak TLS there"
	}
	return rootOf(err)
}

// rootOf is the text of the error below net/http's and net's, which name addresses.
func rootOf(err error) string {
	if ofURL, ok := errors.AsType[*url.Error](err); ok {
		err = ofURL.Err
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		err = op.Err
	}
	return err.Error()
}
