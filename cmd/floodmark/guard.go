package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/floodmark/floodmark/measure"
	"github.com/floodmark/floodmark/targets"
)

// maxUnasked is the rate per second up to which a target that is not this
// machine is loaded without asking.
const maxUnasked = 1000

// confirmTarget asks before a heavy load goes to another machine, or wants --yes
// where nobody can answer.
func confirmTarget(p *plan, env environment, yes bool) error {
	peak := p.schedule.Peak()
	remote := remoteHost(p)
	if remote == "" || yes || !p.schedule.Open() || peak <= maxUnasked {
		return nil
	}
	question := fmt.Sprintf("%s is not this machine, and the load reaches %s", remote, formatRate(peak))
	if !isTerminal(env.in) || !isTerminal(env.err) {
		return usageFault(errors.New(question), "--yes says that you may load it")
	}
	_, _ = fmt.Fprintf(env.err, "%s. Start? [y/N] ", question)
	answer, err := bufio.NewReader(env.in).ReadString('\n')
	if err != nil || !strings.EqualFold(strings.TrimSpace(answer), "y") {
		return usageFault(errors.New("not confirmed; nothing was sent"))
	}
	return nil
}

// remoteHost returns the first host of the plan that is not this machine. What
// counts is where connections really go: a proxy, the address of --resolve and the
// host of --connect-to included.
func remoteHost(p *plan) string {
	for _, probe := range p.probes {
		address := probe.request.Address()
		for _, host := range p.target.Dialer.Destinations(address) {
			if !isLoopback(host) {
				return remoteName(host, address)
			}
		}
	}
	return ""
}

// remoteName names a host that is not this machine: by the request's own address,
// unless connections for that lead elsewhere.
func remoteName(host, address string) string {
	if own, _, err := net.SplitHostPort(address); err == nil && own == host {
		return address
	}
	return fmt.Sprintf("%s, where connections for %s go,", host, address)
}

// isLoopback reports whether a host, with or without a port, names this machine
// by a loopback address or as localhost.
func isLoopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.Trim(host, "[]")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// A probe is a request that preflight sends once.
type probe struct {
	name    string
	request *targets.Request
}

// preflight sends one request for each endpoint. A target that cannot be reached
// ends the command before any load: one line says why. An answer that is an
// error is told and does not stop the run, since it may be what is tested.
func preflight(ctx context.Context, p *plan, env environment) error {
	const hint = "nothing was loaded; start the target, or skip this check with --no-preflight"
	return askEach(ctx, p, hint, func(probe probe, resp *targets.Response) {
		if resp.Status >= 400 {
			_, _ = fmt.Fprintf(env.err, "warning: %s answers %d before the load begins\n", probe.name, resp.Status)
		}
	})
}

// askEach sends one request to each endpoint and hands on the answers. It ends at
// the first endpoint that does not answer, with the reason and the hint.
func askEach(ctx context.Context, p *plan, hint string, answered func(probe, *targets.Response)) error {
	senders, err := p.senders(ctx)
	if err != nil {
		return err
	}
	defer senders.close()
	client := senders.next()
	defer client.Close()
	var resp targets.Response
	for _, probe := range p.probes {
		client.Send(ctx, probe.request, &resp)
		switch {
		case resp.Outcome == measure.None:
			return &fault{code: exitInterrupted, err: errors.New("interrupted before the load began")}
		case resp.Status == 0:
			return unanswered(p, probe, &resp, hint)
		}
		answered(probe, &resp)
	}
	return nil
}
