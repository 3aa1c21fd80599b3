package main

import (
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"

	"github.com/floodmark/floodmark/dial"
	"github.com/floodmark/floodmark/profiles"
)

// compileConnections makes the Dialer of the run. It reads the files of
// certificates, and connects to nothing.
func (c *plan) compileConnections() error {
	t := &c.profile.Target
	if err := absolute(t); err != nil {
		return err
	}
	options, connecting := dialOptions(t.Connections)
	var securing error
	options.TLS, securing = tlsOptions(t.TLS)
	if err := errors.Join(connecting, securing); err != nil {
		return err
	}
	dialer, err := dial.New(options)
	if err != nil {
		return fmt.Errorf("target.connections: %w", err)
	}
	c.target.Dialer = dialer
	return nil
}

// absolute makes the names of the target's files absolute, so that the profile
// that is saved with the run can be run from anywhere.
func absolute(t *profiles.Target) error {
	names := []*string{&t.TLS.Cert, &t.TLS.Key, &t.Connections.Unix}
	for i := range t.TLS.CA {
		names = append(names, &t.TLS.CA[i])
	}
	for _, name := range names {
		if *name == "" || (*name)[0] == '@' {
			continue
		}
		full, err := filepath.Abs(*name)
		if err != nil {
			return err
		}
		*name = full
	}
	return nil
}

// checkAddress lets the parser of profiles report faults in addresses at their
// place in the file.
func checkAddress(key, text string) error {
	var err error
	switch key {
	case "connect_to":
		_, err = dial.ParseRewrite(text)
	case "resolve":
		_, err = dial.ParseOverride(text)
	case "local_ips":
		_, err = dial.ParseLocal(text)
	case "proxy":
		_, err = dial.ParseProxy(text)
	}
	return err
}

// dialOptions reads the addresses of a profile that flags may have changed.
func dialOptions(from profiles.Connections) (dial.Options, error) {
	o := dial.Options{Unix: from.Unix, Nagle: !from.NoDelay, KeepAlive: from.KeepAlive, DNS: dnsOptions(from.DNS)}
	var faults [4]error
	o.ConnectTo, faults[0] = parseEach("connect_to", from.ConnectTo, dial.ParseRewrite)
	o.Resolve, faults[1] = parseEach("resolve", from.Resolve, dial.ParseOverride)
	var ranges [][]netip.Addr
	ranges, faults[2] = parseEach("local_ips", from.LocalIPs, dial.ParseLocal)
	for _, ips := range ranges {
		o.LocalIPs = append(o.LocalIPs, ips...)
	}
	if from.Proxy != "" {
		var err error
		if o.Proxy, err = dial.ParseProxy(from.Proxy); err != nil {
			faults[3] = withHint(fmt.Errorf("target.connections.proxy: %s", strings.TrimPrefix(err.Error(), "proxy: ")), err)
		}
	}
	return o, errors.Join(faults[:]...)
}

// parseEach reads the values of a list, and names the key in its faults.
func parseEach[T any](key string, texts []string, parse func(string) (T, error)) ([]T, error) {
	var values []T
	var faults []error
	for _, text := range texts {
		value, err := parse(text)
		if err != nil {
			faults = append(faults, withHint(fmt.Errorf("target.connections.%s: %w", key, err), err))
		}
		values = append(values, value)
	}
	return values, errors.Join(faults...)
}

func dnsOptions(from profiles.DNS) dial.DNS {
	o := dial.DNS{TTL: from.TTL}
	if from.TTL == 0 {
		o.TTL = -1
	}
	if from.TTL == profiles.Once {
		o.TTL = dial.Forever
	}
	switch from.Family {
	case "ipv4":
		o.Family = dial.IPv4
	case "ipv6":
		o.Family = dial.IPv6
	}
	return o
}
