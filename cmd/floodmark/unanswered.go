package main

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/targets"
)

// A remedy is what helps against a failure that is known by its words.
type remedy struct{ words, hint string }

// A shortage is something that this machine has run out of, known by its words.
type shortage struct{ words, what, hint string }

// shortages are those that dial tells of, and what the system says of a name that
// could not be looked up for the same reason.
func shortages() []shortage {
	const (
		port       = "no free port left"
		descriptor = "no file descriptor left"
		memory     = "no memory left for sockets"

		ports = "closed connections keep their ports for a minute; reuse connections, send from more addresses (--local-ip), " +
			"or widen sysctl net.ipv4.ip_local_port_range"
		files = "raise ulimit -n, or end what holds descriptors"
	)
	return []shortage{
		{port, port, ports},
		{"too many open files in system", descriptor, "raise sysctl fs.file-max, or end what holds descriptors"},
		{descriptor, descriptor, files},
		{"too many open files", descriptor, files},
		{memory, memory, "end what holds connections, or raise sysctl net.ipv4.tcp_mem"},
	}
}

// refusals are the ways in which a server is there and TLS with it fails, each with
// what helps. The words are those of crypto/tls and crypto/x509; some systems verify
// certificates themselves and have words of their own.
func refusals() []remedy {
	const (
		authority = "--cacert FILE names the authority to trust, -k accepts any certificate"
		name      = "--sni NAME asks for a name that the certificate has, -k accepts any certificate"
		own       = "the server wants a certificate of the client's own that it trusts: --cert FILE and --key FILE"
		versions  = "no version of TLS is allowed on both sides: --tls-min (target.tls.min_version) lowers what is asked for, --tls-max raises it"
		either    = "the server may want a certificate of the client's own (--cert FILE and --key FILE), or another version of TLS (--tls-min)"
		http1     = "the server has no HTTP/2 there: --protocol h1"
	)
	return []remedy{
		{"signed by unknown authority", authority},
		{"certificate is not trusted", authority},
		{"certificate is valid for", name},
		{"certificate is not valid for any names", name},
		{"doesn't contain any IP SANs", name},
		{"certificate name does not match", name},
		{"legacy Common Name field", name},
		{"certificate has expired", "renew the certificate, or set this machine's clock; -k accepts any certificate"},
		{"first record does not look like a TLS handshake", "the server does not speak TLS there: write http:// instead of https://"},
		{"no application protocol", http1},
		{"not h2", http1},
		{"protocol version not supported", versions},
		{"unsupported protocol version", versions},
		{"certificate required", own},
		{"bad certificate", own},
		{"unknown certificate authority", own},
		{"handshake failure", either},
	}
}

// unanswered tells why an endpoint gave no answer, and what to do: the hint where
// nothing better is known. It is this machine, a server that does not speak as it is
// asked, or a target that is down.
func unanswered(p *plan, probe probe, resp *targets.Response, hint string) error {
	why := cmp.Or(string(resp.Detail), resp.Outcome.String())
	where := fmt.Sprintf("%s at %s", probe.name, probe.request.Address())
	for _, s := range shortages() {
		if strings.Contains(why, s.words) {
			return &fault{
				code:  exitInvalid,
				err:   fmt.Errorf("this machine, not the target, is the limit: it has %s for %s", s.what, where),
				hints: []string{s.hint},
			}
		}
	}
	state := "is down"
	if better, spoken := misunderstanding(resp.Outcome, why); spoken {
		state = "cannot be talked to"
		hint = better
	}
	return &fault{code: exitInconclusive, err: fmt.Errorf("the target %s: %s: %s", state, where, p.redactor.Replace(why)), hints: []string{hint}}
}

// misunderstanding reports whether somebody is there who does not speak as asked,
// and what helps. What goes wrong with a proxy is not about the target's TLS.
func misunderstanding(outcome measure.Outcome, why string) (hint string, ok bool) {
	if strings.HasPrefix(why, "connecting: proxy ") || outcome != measure.TLS && outcome != measure.Malformed {
		return "", false
	}
	for _, r := range refusals() {
		if strings.Contains(why, r.words) {
			return r.hint, true
		}
	}
	return "check the port, http:// or https://, and --protocol", true
}
