package profiles

import "strings"

// connections writes how connections are made and held. What is empty has no default to show, and is left out.
func (w *writer) connections(c Connections) {
	w.line(1, "connections:")
	w.line(2, "max: %d", c.Max)
	w.line(2, "reuse: %t", c.Reuse)
	w.line(2, "per_user: %t", c.PerUser)
	w.line(2, "idle_timeout: %s", FormatDuration(c.IdleTimeout))
	w.line(2, "max_requests_per_connection: %d", c.MaxRequests)
	w.list("local_ips", c.LocalIPs)
	w.text("unix", c.Unix)
	if c.Proxy != "" {
		w.line(2, "proxy: %s", scalarText(w.url(c.Proxy)))
	}
	w.list("connect_to", c.ConnectTo)
	w.list("resolve", c.Resolve)
	w.line(2, "no_delay: %t", c.NoDelay)
	w.line(2, "keep_alive: %s", FormatDuration(c.KeepAlive))
	w.line(2, "dns: { ttl: %s, family: %s }", formatTTL(c.DNS.TTL), c.DNS.Family)
}

func (w *writer) tls(t TLS) {
	w.line(1, "tls:")
	w.line(2, "verify: %t", t.Verify)
	w.list("ca", t.CA)
	w.text("cert", t.Cert)
	w.text("key", t.Key)
	w.text("server_name", t.ServerName)
	w.line(2, "min_version: %q", t.MinVersion)
	if t.MaxVersion != "" {
		w.line(2, "max_version: %q", t.MaxVersion)
	}
	w.line(2, "resumption: %t", t.Resumption)
}

// text writes a value of a section of the target, if it is there.
func (w *writer) text(key, value string) {
	if value != "" {
		w.line(2, "%s: %s", key, scalarText(w.redact(value)))
	}
}

// list writes values likewise.
func (w *writer) list(key string, values []string) {
	if len(values) == 0 {
		return
	}
	shown := make([]string, len(values))
	for i, value := range values {
		shown[i] = scalarText(w.redact(value))
	}
	w.line(2, "%s: [%s]", key, strings.Join(shown, ", "))
}
