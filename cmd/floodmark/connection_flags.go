package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/floodmark/floodmark/profiles"
)

// connectionFlags are the flags that say how connections are made and held. They
// have curl's names where curl has them.
type connectionFlags struct {
	insecure    bool
	ca          []string
	cert, key   string
	sni         string
	tlsMin      string
	tlsMax      string
	connectTo   []string
	resolve     []string
	unix        string
	proxy       string
	localIPs    []string
	dnsTTL      string
	ipv4, ipv6  bool
	protocol    string
	http2, h2c  bool
	client      string
	idleTimeout time.Duration
	maxRequests int64
}

// register declares the flags on a command.
func (f *connectionFlags) register(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.BoolVarP(&f.insecure, "insecure", "k", false, "do not verify the target's certificate")
	fs.StringArrayVar(&f.ca, "cacert", nil, "a PEM file of authorities to trust instead of the system's; may be repeated")
	fs.StringVar(&f.cert, "cert", "", "the client's own certificate, a PEM file")
	fs.StringVar(&f.key, "key", "", "its key, a PEM file; by default the file of the certificate")
	fs.StringVar(&f.sni, "sni", "", "name for SNI and the certificate, instead of the URL's host")
	fs.StringVar(&f.tlsMin, "tls-min", "", "lowest version of TLS: 1.0, 1.1, 1.2 or 1.3")
	fs.StringVar(&f.tlsMax, "tls-max", "", "highest version of TLS")
	fs.StringArrayVar(&f.connectTo, "connect-to", nil, "HOST1:PORT1:HOST2:PORT2: connections for the first go to the second; may be repeated")
	fs.StringArrayVar(&f.resolve, "resolve", nil, "HOST:PORT:ADDR[,ADDR]: addresses that are not looked up; may be repeated")
	fs.StringVar(&f.unix, "unix-socket", "", "path of a unix socket that all connections go to")
	fs.StringVar(&f.proxy, "proxy", "", "HTTP proxy: http://NAME:PASSWORD@HOST:PORT")
	fs.StringArrayVar(&f.localIPs, "local-ip", nil, "a source address or CIDR prefix, used in turn; may be repeated")
	fs.StringVar(&f.dnsTTL, "dns-ttl", "", "how long addresses of a name are used: 30s, 0s for each connection, or once")
	fs.BoolVarP(&f.ipv4, "ipv4", "4", false, "connect to IPv4 addresses only")
	fs.BoolVarP(&f.ipv6, "ipv6", "6", false, "connect to IPv6 addresses only")
	fs.StringVar(&f.protocol, "protocol", "", "HTTP version: auto, h1, h2 or h2c")
	fs.BoolVar(&f.http2, "http2", false, "HTTP/2, agreed on within TLS: --protocol h2")
	fs.BoolVar(&f.h2c, "h2c", false, "HTTP/2 without TLS: --protocol h2c")
	fs.StringVar(&f.client, "client", "", "auto, or std for the client of Go's standard library")
	fs.DurationVar(&f.idleTimeout, "idle-timeout", 0, "do not use a connection again that was idle for so long")
	fs.Int64Var(&f.maxRequests, "max-requests-per-connection", 0, "close a connection after so many requests")
	complete(cmd, "protocol", "auto", "h1", "h2", "h2c")
	complete(cmd, "client", "auto", "std")
	complete(cmd, "tls-min", "1.0", "1.1", "1.2", "1.3")
	complete(cmd, "tls-max", "1.0", "1.1", "1.2", "1.3")
}

// complete offers the values of a flag to the shell.
func complete(cmd *cobra.Command, flag string, values ...string) {
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
}

// apply changes the target as the flags that were given say. A list that is given
// replaces the profile's.
func (f *connectionFlags) apply(given func(string) bool, t *profiles.Target) error {
	c, s := &t.Connections, &t.TLS
	if given("insecure") {
		s.Verify = !f.insecure
	}
	replace(given("cacert"), &s.CA, f.ca)
	if given("cert") {
		s.Cert, s.Key = f.cert, ""
	}
	replace(given("key"), &s.Key, f.key)
	replace(given("sni"), &s.ServerName, f.sni)
	replace(given("tls-min"), &s.MinVersion, f.tlsMin)
	replace(given("tls-max"), &s.MaxVersion, f.tlsMax)
	replace(given("connect-to"), &c.ConnectTo, f.connectTo)
	replace(given("resolve"), &c.Resolve, f.resolve)
	replace(given("unix-socket"), &c.Unix, f.unix)
	replace(given("proxy"), &c.Proxy, f.proxy)
	replace(given("local-ip"), &c.LocalIPs, f.localIPs)
	replace(given("idle-timeout"), &c.IdleTimeout, f.idleTimeout)
	replace(given("max-requests-per-connection"), &c.MaxRequests, f.maxRequests)
	replace(given("client"), &t.Client, f.client)
	return errors.Join(f.applyDNS(given, &c.DNS), f.applyProtocol(given, t))
}

// replace puts a flag's value in the place of the profile's.
func replace[T any](given bool, old *T, value T) {
	if given {
		*old = value
	}
}

func (f *connectionFlags) applyDNS(given func(string) bool, d *profiles.DNS) error {
	if f.ipv4 && f.ipv6 {
		return errors.New("-4 and -6 exclude each other; without either, both are used")
	}
	replace(given("ipv4") || given("ipv6"), &d.Family, "any")
	replace(f.ipv4, &d.Family, "ipv4")
	replace(f.ipv6, &d.Family, "ipv6")
	if !given("dns-ttl") {
		return nil
	}
	ttl, err := profiles.ParseTTL(f.dnsTTL)
	if err != nil {
		return withHint(fmt.Errorf("--dns-ttl: %w", err), err)
	}
	d.TTL = ttl
	return nil
}

// protocolFlags are the flags of which each chooses the HTTP version.
func protocolFlags() []string { return []string{"protocol", "http2", "h2c"} }

func (f *connectionFlags) applyProtocol(given func(string) bool, t *profiles.Target) error {
	if count(given, protocolFlags()...) > 1 {
		return errors.New("--protocol, --http2 and --h2c exclude each other")
	}
	replace(given("protocol"), &t.Protocol, f.protocol)
	replace(f.http2, &t.Protocol, "h2")
	replace(f.h2c, &t.Protocol, "h2c")
	return nil
}
