package profiles

import "path/filepath"

// decodeConnections reads how connections are made and held.
func (d *decoder) decodeConnections(s section) {
	c := &d.profile.Target.Connections
	s.integer("max", &c.Max)
	s.flag("reuse", &c.Reuse)
	s.flag("per_user", &c.PerUser)
	s.duration("idle_timeout", &c.IdleTimeout)
	s.whole("max_requests_per_connection", &c.MaxRequests)
	s.addresses("local_ips", &c.LocalIPs)
	s.file("unix", &c.Unix)
	s.text("proxy", &c.Proxy)
	if f, ok := s.fields["proxy"]; ok && c.Proxy != "" {
		d.checkAddress(f, "proxy", c.Proxy)
	}
	s.addresses("connect_to", &c.ConnectTo)
	s.addresses("resolve", &c.Resolve)
	s.flag("no_delay", &c.NoDelay)
	s.duration("keep_alive", &c.KeepAlive)
	s.open("dns", "dns", func(s section) {
		if f, ok := s.fields["ttl"]; ok {
			convert(d, f, &c.DNS.TTL, ParseTTL)
		}
		s.text("family", &c.DNS.Family)
	})
}

// decodeTLS reads how connections are secured.
func (d *decoder) decodeTLS(s section) {
	t := &d.profile.Target.TLS
	s.flag("verify", &t.Verify)
	if f, ok := s.fields["ca"]; ok {
		t.CA = nil
		for _, item := range s.oneOrMore(f) {
			if name, ok := s.scalar(item); ok {
				t.CA = append(t.CA, d.beside(name))
			}
		}
	}
	s.file("cert", &t.Cert)
	s.file("key", &t.Key)
	s.text("server_name", &t.ServerName)
	s.text("min_version", &t.MinVersion)
	s.text("max_version", &t.MaxVersion)
	s.flag("resumption", &t.Resumption)
}

// oneOrMore returns the items of a list, or a single value as a list of one.
func (s section) oneOrMore(f field) []field {
	if f.node.kind == scalar {
		return []field{f}
	}
	return s.items(f)
}

// addresses reads one address or a list of them, and has each checked.
func (s section) addresses(key string, into *[]string) {
	f, ok := s.fields[key]
	if !ok {
		return
	}
	for _, item := range s.oneOrMore(f) {
		text, ok := s.scalar(item)
		if !ok {
			continue
		}
		*into = append(*into, text)
		s.checkAddress(item, key, text)
	}
}

// checkAddress has an address checked by the caller of Parse.
func (d *decoder) checkAddress(f field, key, text string) {
	if d.opts.CheckAddress == nil {
		return
	}
	if err := d.opts.CheckAddress(key, text); err != nil {
		d.wrong(f, hintOf(err), "%s", err.Error())
	}
}

// file reads the name of a file.
func (s section) file(key string, into *string) {
	f, ok := s.fields[key]
	if !ok {
		return
	}
	if name, ok := s.scalar(f); ok {
		*into = s.beside(name)
	}
}

// beside makes a relative name of a file, which is meant from the profile's directory, relative to the working directory.
// Names that begin with @ are those of Linux's abstract unix sockets.
func (d *decoder) beside(name string) string {
	dir := filepath.Dir(d.file)
	if name == "" || name[0] == '@' || dir == "." || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(dir, name)
}
