package main

import (
	"errors"
	"strings"
	"syscall"
	"testing"

	"github.com/floodmark/floodmark/dial"
	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/profiles"
	"github.com/floodmark/floodmark/targets"
)

// silentTarget returns a plan and the first of its probes.
func silentTarget(t *testing.T) (*plan, probe) {
	t.Helper()
	p, err := compile(profiles.ForURL("http://shop.test/home?token=s3cr3t"), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.target.Dialer.Close)
	return p, p.probes[0]
}

// What this machine lacks is not the target's fault.
func TestShortageIsNotTheTargets(t *testing.T) {
	p, probe := silentTarget(t)
	for _, c := range []struct{ detail, what, hint string }{
		{
			"connecting: " + (&dial.ExhaustedError{What: "no free port left", Fix: "reuse connections", Err: syscall.EADDRNOTAVAIL}).Error(),
			"no free port left", "net.ipv4.ip_local_port_range",
		},
		{
			"connecting: " + (&dial.ExhaustedError{What: "no file descriptor left", Fix: "raise ulimit -n", Err: syscall.EMFILE}).Error(),
			"no file descriptor left", "ulimit -n",
		},
		{"connecting: this machine has no file descriptor left: socket: too many open files in system", "no file descriptor left", "fs.file-max"},
		{"connecting: proxy 10.0.0.1:3128: this machine has no file descriptor left: raise ulimit -n", "no file descriptor left", "ulimit -n"},
		{"connecting: lookup shop.test: dial udp 127.0.0.53:53: socket: too many open files", "no file descriptor left", "ulimit -n"},
		{"connecting: this machine has no memory left for sockets: use fewer connections", "no memory left for sockets", "tcp_mem"},
	} {
		err := unanswered(p, probe, &targets.Response{Outcome: measure.Network, Detail: []byte(c.detail)}, "start the target")
		f, ok := errors.AsType[*fault](err)
		if !ok || f.code != exitInvalid || strings.Contains(err.Error(), "down") {
			t.Errorf("%s: got %v, want exit code %d and nothing about the target being down", c.detail, err, exitInvalid)
			continue
		}
		want := "this machine, not the target, is the limit: it has " + c.what + " for GET /home"
		if !strings.HasPrefix(err.Error(), want) || len(f.hints) != 1 || !strings.Contains(f.hints[0], c.hint) {
			t.Errorf("%s: got %q with hints %q, want %q and %q", c.detail, err, f.hints, want, c.hint)
		}
	}
}

// A server that is there and does not speak as it is asked is not down.
func TestMisunderstandings(t *testing.T) {
	p, probe := silentTarget(t)
	const tls = "TLS handshake: "
	const start = "start the target"
	for _, c := range []struct {
		outcome            measure.Outcome
		detail, want, hint string
	}{
		{measure.TLS, tls + "tls: failed to verify certificate: x509: certificate signed by unknown authority", "cannot be talked to", "--cacert FILE"},
		{measure.TLS, tls + "x509: cannot validate certificate for 127.0.0.1 because it doesn't contain any IP SANs", "cannot be talked to", "--sni NAME"},
		{measure.TLS, tls + "tls: failed to verify certificate: x509: certificate has expired or is not yet valid", "cannot be talked to", "clock"},
		{measure.TLS, tls + `the server chose "", not h2`, "cannot be talked to", "--protocol h1"},
		{measure.TLS, tls + "tls: server selected unsupported protocol version 301", "cannot be talked to", "--tls-min"},
		{measure.TLS, "waiting for the answer: remote error: tls: unknown certificate authority", "cannot be talked to", "--cert FILE"},
		{measure.TLS, tls + "remote error: tls: internal error", "cannot be talked to", "--protocol"},
		{measure.Malformed, "reading the answer's head: not HTTP", "cannot be talked to", "https://"},
		{measure.Refused, "connecting: dial tcp 127.0.0.1:1: connect: connection refused", "is down", start},
		{measure.Timeout, tls + "the timeout of 5s passed", "is down", start},
		{measure.Network, "connecting: proxy p.test:443: tls: failed to verify certificate: x509: certificate signed by unknown authority", "is down", start},
		{measure.Reset, "", "is down: GET /home at shop.test:80: reset", start},
	} {
		err := unanswered(p, probe, &targets.Response{Outcome: c.outcome, Detail: []byte(c.detail)}, start)
		f, ok := errors.AsType[*fault](err)
		if !ok || f.code != exitInconclusive || !strings.HasPrefix(err.Error(), "the target "+c.want) {
			t.Errorf("%s: got %v, want exit code %d and that the target %s", c.detail, err, exitInconclusive, c.want)
			continue
		}
		if len(f.hints) != 1 || !strings.Contains(f.hints[0], c.hint) {
			t.Errorf("%s: got the hints %q, want one with %q", c.detail, f.hints, c.hint)
		}
	}
}
