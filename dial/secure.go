package dial

import (
	"crypto/tls"
	"strings"
)

// maxSessions is how many TLS sessions are remembered for each configuration. They
// are kept by the name of the server, of which there is one.
const maxSessions = 8

// configKey is what a configuration depends on besides the options.
type configKey struct{ host, protocols string }

// TLSConfig returns the configuration for TLS with a host whose certificate is
// verified by that name, unless the options say otherwise. protocols are offered by
// ALPN, the best first. It is made once for the same arguments, and shared, so that
// sessions are resumed: the caller must not change it.
func (d *Dialer) TLSConfig(host string, protocols []string) *tls.Config {
	key := configKey{host, strings.Join(protocols, " ")}
	if known, ok := d.configs.Load(key); ok {
		return known.(*tls.Config)
	}
	made, _ := d.configs.LoadOrStore(key, d.newConfig(host, strings.Fields(key.protocols)))
	return made.(*tls.Config)
}

func (d *Dialer) newConfig(host string, protocols []string) *tls.Config {
	o := d.options.TLS
	if o.ServerName != "" {
		host = o.ServerName
	}
	config := &tls.Config{
		ServerName: host, NextProtos: protocols,
		RootCAs: o.RootCAs, Certificates: o.Certificates,
		MinVersion: o.minVersion(), MaxVersion: o.MaxVersion,
		InsecureSkipVerify:     o.Insecure, //nolint:gosec // only by the user's own word
		SessionTicketsDisabled: o.NoResumption,
	}
	if !o.NoResumption {
		config.ClientSessionCache = tls.NewLRUClientSessionCache(maxSessions)
	}
	return config
}
